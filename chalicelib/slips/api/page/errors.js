// The error items, filtered, newest first, page by page.

import { get } from "./api.js";
import { button, el, field, reconcile, say, scrolling } from "./dom.js";
import { bytes, clock, count, line, where } from "./words.js";

const PAGE = 50;
const MOST_LIVE = 200;
const TEXTS = [["bucket", "Bucket"], ["prefix", "Key begins with"], ["format", "Format"], ["processor", "Function"], ["fingerprint", "Cause"]];
const STATES = ["", "open", "waiting", "draining", "parked", "gone", "superseded"];

export function errorsView(main, params) {
  const filters = Object.fromEntries([...params].filter(([name, value]) => value && [...TEXTS.map(([known]) => known), "state"].includes(name)));
  const rows = el("tbody");
  const state = el("p", { class: "quiet", role: "status", text: "Loading…" });
  const more = button("Show more", () => page(), { hidden: true });
  let items = [];
  let cursor = null;
  main.append(
    el("h1", { text: "Errors" }), filterForm(filters), state,
    scrolling("Items", el("table", { class: "items" },
      el("thead", {}, el("tr", {}, ["Failed", "Object", "What", "State"].map((text) => el("th", { scope: "col", text })))), rows)),
    el("p", { class: "buttons" }, more));

  function show() {
    reconcile(rows, items, (item) => item.request_id, itemRow);
    more.hidden = !cursor;
    const isFiltered = Object.keys(filters).length > 0;
    const still = items.length > MOST_LIVE ? " A list this long is not updated automatically." : "";
    const none = isFiltered ? "No matching items." : "No items. Nothing waits to be drained.";
    say(state, items.length ? `${count(items.length, isFiltered ? "matching item" : "item")}${cursor ? ", and more" : ""}.${still}` : none);
  }

  async function page() {
    more.disabled = true;
    try {
      const answer = await get("errors", { ...filters, limit: PAGE, cursor });
      const known = new Set(items.map((item) => item.request_id));
      items = [...items, ...answer.errors.filter((item) => !known.has(item.request_id))];
      cursor = answer.cursor;
      show();
    } catch (fault) {
      say(state, fault.message);
    } finally {
      more.disabled = false;
    }
  }

  return {
    /** Read the items again, unless there are very many. */
    async refresh() {
      const before = items.length;
      if (before > MOST_LIVE) return;
      const answer = await get("errors", { ...filters, limit: Math.max(PAGE, items.length) });
      if (items.length !== before) return; // Another page arrived in the meantime.
      items = answer.errors;
      cursor = answer.cursor;
      show();
    },
  };
}

function filterForm(filters) {
  const inputs = TEXTS.map(([name, label]) => field(label, el("input", { type: "text", name, value: filters[name] ?? "", maxlength: "1024", spellcheck: "false" })));
  const select = el("select", { name: "state" }, STATES.map((value) => el("option", { value, selected: value === (filters.state ?? ""), text: value || "any" })));
  const submit = (event) => {
    event.preventDefault();
    const conditions = [...new FormData(event.target)].filter(([, value]) => value);
    location.hash = conditions.length ? `#/errors?${new URLSearchParams(conditions)}` : "#/errors";
  };
  return el("form", { class: "filters", "aria-label": "Filter", on: { submit } }, inputs, field("State", select),
    el("p", { class: "buttons" }, el("button", { type: "submit", class: "main", text: "Filter" }), el("a", { class: "button", href: "#/errors", text: "Clear" })));
}

function itemRow() {
  const time = el("td", { class: "when" });
  const link = el("a", { class: "key" });
  const size = el("span", { class: "quiet" });
  const what = el("span", { class: "what" });
  const place = el("span", { class: "quiet" });
  const state = el("span", { class: "state" });
  const row = el("tr", {}, time, el("td", {}, link, size), el("td", {}, what, place), el("td", {}, state));
  row.update = (item) => {
    say(time, clock(item.failed_at));
    time.title = item.failed_at;
    say(link, item.object_key ? `s3://${item.bucket_name}/${item.object_key}` : item.request_id);
    link.href = `#/errors/${encodeURIComponent(item.request_id)}`;
    say(size, [bytes(item.object_size), item.position && `at ${line(item.position, 40)}`].filter(Boolean).join(" · "));
    say(what, `${item.error_type}: ${line(item.error_message)}`);
    say(place, where(item));
    say(state, item.retry_at ? `${item.state}, next try ${clock(item.retry_at * 1000)}` : item.state);
    state.dataset.state = item.state;
  };
  return row;
}
