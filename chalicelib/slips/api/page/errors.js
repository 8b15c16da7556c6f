// The error items, filtered, page by page; those that are ticked are drained or discarded together.

import { get } from "./api.js";
import { deployment } from "./deployment.js";
import { button, el, fill, pathTo, reconcile, say, scrolling, since } from "./dom.js";
import { chosen, filterForm } from "./filters.js";
import { Selection } from "./selection.js";
import { bytes, clock, count, line, minute, number, objectName, where, zone } from "./words.js";

const PAGE = 50;
const MOST_LIVE = 200;
const TOTAL_SECONDS = 30;

export function errorsView(main, params) {
  const filters = chosen(params);
  const query = filters.query();
  const heading = el("div", { class: "heading" }, el("h1", { text: "Errors" }));
  const form = el("div");
  main.append(heading, form);
  deployment().then((facts) => fill(form, filterForm(filters, facts)), () => fill(form, filterForm(filters, null)));
  const list = itemList(main, query, filters.isAny);
  heading.append(list.state);
  return { title: filters.isAny ? `Errors: ${filters.words}` : "Errors", refresh: list.refresh };
}

/** Append a list of the items that match; its `state` says how many there are. */
export function itemList(main, query, isFiltered) {
  const rows = el("tbody");
  const state = el("p", { class: "quiet", role: "status", text: "Loading…" });
  const more = button("Show more", () => page(), { hidden: true });
  const selection = new Selection(() => items, () => show());
  let items = [];
  let cursor = null;
  let totals = null;
  let counted = 0;
  main.append(
    scrolling("Items", el("table", { class: "items" },
      el("thead", {}, el("tr", {}, el("th", { scope: "col", class: "tick" }, selection.all),
        [`Failed (${zone()})`, "Object", "What", "State"].map((text) => el("th", { scope: "col", text })))), rows)),
    el("p", { class: "buttons" }, more), selection.bar);

  function show() {
    reconcile(rows, items, (item) => item.request_id, () => itemRow(selection));
    more.hidden = !cursor;
    selection.update();
    const still = items.length > MOST_LIVE ? " A list this long is not updated automatically." : "";
    const none = isFiltered ? "No matching items." : "No items. Nothing waits to be drained.";
    say(state, items.length ? `${total()}.${still}` : none);
  }

  function total() {
    const many = (value) => count(value, isFiltered ? "matching item" : "item");
    if (!cursor) return many(items.length) + statesOf();
    return totals ? `${number(items.length)} of ${totals.complete ? "" : "at least "}${many(totals.count)}${statesOf()}` : `${many(items.length)}, and more`;
  }

  function statesOf() {
    if (!totals) return "";
    const parts = ["open", "waiting", "draining", "parked"].filter((each) => totals[each]).map((each) => `${number(totals[each])} ${each}`);
    return ` of ${count(totals.causes, "cause")}${parts.length > 1 ? `: ${parts.join(", ")}` : ""}`;
  }

  /** Count all that match. It reads more than a page does, so it is done less often. */
  async function countAll() {
    if (performance.now() < counted) return;
    counted = performance.now() + TOTAL_SECONDS * 1000;
    const { order, ...matching } = query;
    const { causes, complete } = await get("errors", { ...matching, group: "fingerprint" });
    const sum = (name) => causes.reduce((all, cause) => all + cause[name], 0);
    totals = { complete, causes: causes.length, count: sum("count"), waiting: sum("waiting"), draining: sum("draining"), parked: sum("parked") };
    totals.open = totals.count - totals.waiting - totals.draining - totals.parked;
    show();
  }

  async function page() {
    more.disabled = true;
    try {
      const answer = await get("errors", { ...query, limit: PAGE, cursor });
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
    state,
    /** Read the items again, unless there are very many. */
    async refresh() {
      const before = items.length;
      if (before > MOST_LIVE) return;
      const answer = await get("errors", { ...query, limit: Math.max(PAGE, items.length) });
      if (items.length !== before) return; // Another page arrived in the meantime.
      items = answer.errors;
      cursor = answer.cursor;
      if (!cursor && totals && totals.count !== items.length) totals = null;
      show();
      await countAll();
    },
  };
}

function itemRow(selection) {
  const exact = el("span", { class: "exact" });
  const past = el("span", { class: "quiet" });
  const link = pathTo("", "key");
  const size = el("span", { class: "quiet facts" });
  const what = el("span", { class: "what" });
  const place = el("span", { class: "quiet place" });
  const state = el("span", { class: "state" });
  const next = el("span", { class: "quiet" });
  const tick = selection.tick();
  const line1 = (...parts) => el("div", { class: "parts" }, ...parts);
  const row = el("tr", {}, el("td", { class: "tick" }, tick), el("td", { class: "when" }, line1(exact, past)),
    el("td", {}, line1(link, size)), el("td", {}, line1(what, place)), el("td", {}, line1(state, next)));
  row.update = (item) => {
    const name = objectName(item);
    tick.show(item.request_id, name);
    say(exact, clock(item.failed_at));
    fill(past, since(item.failed_at));
    link.show(name);
    link.href = `#/errors/${encodeURIComponent(item.request_id)}`;
    say(size, [bytes(item.object_size), item.position && `at ${line(item.position, 40)}`].filter(Boolean).join(" · "));
    say(what, `${item.error_type}: ${line(item.error_message)}`);
    what.title = what.textContent;
    say(place, where(item));
    say(state, item.state);
    say(next, item.retry_at ? `next ${minute(item.retry_at * 1000)}` : "");
    state.dataset.state = item.state;
  };
  return row;
}
