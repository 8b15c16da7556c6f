// The books of an object: what was read, what each function got, and whether the numbers add up.

import { get } from "./api.js";
import { el, field, fill, moment, pathTo, reconcile, say, scrolling, since, terms } from "./dom.js";
import { bytes, clock, count, line, number, zone } from "./words.js";

const OUTCOMES = ["Delivered", "Filtered", "Quarantined", "Waiting"];

export function objectsView(main, params) {
  const query = { bucket: params.get("bucket") ?? "", key: params.get("key") ?? "" };
  const result = el("div");
  main.append(el("h1", { text: "Objects" }), form(query), result);
  return {
    title: query.key ? `Object ${line(query.key.split("/").pop(), 80)}` : "Objects",
    async refresh() {
      if (!query.bucket || !query.key) {
        showRecent(result, (await get("objects/recent")).objects);
        return;
      }
      const { objects } = await get("objects", query);
      fill(result, objects.length ? objects.map(work)
        : el("p", { role: "status", text: "The ledger has no entry for this object: it was never processed, or its entry has expired." }));
    },
  };
}

function form(query) {
  const submit = (event) => {
    event.preventDefault();
    const input = new FormData(event.target);
    // A whole URI may be pasted into either field.
    const uri = /^\s*s3:\/\/([^/]+)\/(.+)$/s.exec(input.get("key")) ?? /^\s*s3:\/\/([^/]+)\/(.+)$/s.exec(input.get("bucket"));
    const [bucket, key] = uri ? [uri[1], uri[2]] : [input.get("bucket").trim(), input.get("key")];
    location.hash = `#/objects?${new URLSearchParams({ bucket, key })}`;
  };
  const input = (name) => el("input", { type: "text", name, value: query[name], maxlength: "1100", spellcheck: "false" });
  return el("form", { class: "filters", on: { submit } }, field("Bucket", input("bucket")), field("Key, or s3://bucket/key", input("key"), "wide"),
    el("p", { class: "buttons" }, el("button", { type: "submit", class: "main", text: "Show" })));
}

function showRecent(result, works) {
  if (!works.length) {
    fill(result, el("p", { class: "quiet", text: "No object was worked on in the last hour or two. Enter one to see its books." }));
    return;
  }
  if (!result.querySelector("tbody")) {
    fill(result, el("h2", { text: "Recent objects" }), el("p", { class: "quiet small", text: "Some of those that were worked on in the last hour or two." }),
      scrolling("Recent objects", el("table", { class: "items recent" }, el("thead", {}, el("tr", {},
        [`Changed (${zone()})`, "Object", "Books", "State"].map((text) => el("th", { scope: "col", text })))), el("tbody"))));
  }
  reconcile(result.querySelector("tbody"), works, (item) => item.work_id, recentRow);
}

function recentRow() {
  const exact = el("span", { class: "exact" });
  const past = el("span", { class: "quiet" });
  const link = pathTo("", "key");
  const sums = el("span");
  const check = el("span", { class: "quiet" });
  const state = el("span", { class: "state" });
  const lane = el("span", { class: "quiet" });
  const parts = (...inside) => el("td", {}, el("div", { class: "parts" }, ...inside));
  const row = el("tr", {}, parts(exact, past), parts(link), parts(sums, check), parts(state, lane));
  row.update = (item) => {
    const { books } = item;
    const failed = books.unparsable + Object.values(books.processors).reduce((all, each) => all + each.quarantined, 0);
    say(exact, clock(item.changed_at));
    fill(past, since(item.changed_at));
    link.show(`s3://${item.bucket_name}/${item.object_key}`);
    link.href = `#/objects?${new URLSearchParams({ bucket: item.bucket_name, key: item.object_key })}`;
    say(sums, `${count(books.records, "record")}, ${count(books.events, "event")}${failed ? `, ${number(failed)} failed` : ""}`);
    sums.className = failed ? "bad" : "";
    say(check, item.state === "done" ? (isBalanced(books) ? "balanced" : "not balanced") : "");
    say(state, item.state);
    state.dataset.state = item.state;
    say(lane, item.lane);
  };
  return row;
}

function isBalanced(books) {
  const spent = books.parsed + books.unparsable + books.skipped + books.headers;
  return books.records === spent && Object.values(books.processors).every((each) => each.delivered + each.filtered + each.quarantined + each.waiting === books.events);
}

function work(item) {
  const books = item.books;
  const functions = Object.entries(books.processors);
  return el("section", { class: "panel" },
    el("h2", {}, el("span", { class: "state", "data-state": item.state, text: item.state }), " ", moment(item.begun_at)),
    terms([
      ["Records read", `${number(books.records)} = ${number(books.parsed)} parsed + ${number(books.unparsable)} unparsable + ${number(books.skipped)} skipped + ${number(books.headers)} headers`],
      ["Events", number(books.events)],
      ["Read", books.bytes ? bytes(books.bytes) : ""],
      ["Resumes at", item.state === "done" || item.state === "failed" ? "" : `record ${number(item.resume_from)}`],
      ["Attempts", item.attempts ? number(item.attempts) : ""],
      ["Changed", moment(item.changed_at)],
      ["Stream", item.lane],
      ["Version", item.version],
      ["Comes from", item.from_work && `work ${item.from_work}${item.tries ? `, by itself, try ${number(item.tries)}` : ""}`],
      ["Books", isBalanced(books) ? "balanced" : "not balanced"],
    ]),
    functions.length ? scrolling("What each function got", el("table", { class: "numbers books" },
      el("caption", { text: count(functions.length, "function") }),
      el("thead", {}, el("tr", {}, ["Function", ...OUTCOMES].map((text) => el("th", { scope: "col", text })))),
      el("tbody", {}, functions.map(([name, each]) => el("tr", {}, el("th", { scope: "row", text: name }),
        [each.delivered, each.filtered, each.quarantined, each.waiting].map((value, at) => el("td", { text: number(value), "data-label": OUTCOMES[at] }))))))) : null);
}
