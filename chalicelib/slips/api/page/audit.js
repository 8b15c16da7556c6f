// Who drained, discarded and muted what.

import { get } from "./api.js";
import { button, el, fill, reconcile, say, scrolling, since } from "./dom.js";
import { clock, count, line, number, zone } from "./words.js";

const PAGE = 50;

export function auditView(main) {
  const state = el("p", { class: "quiet", role: "status", text: "Loading…" });
  const rows = el("tbody");
  const more = button("Show more", () => page(), { hidden: true });
  let entries = [];
  let cursor = null;
  main.append(el("div", { class: "heading" }, el("h1", { text: "Audit" }), state),
    el("p", { class: "quiet small", text: "Who drained, discarded and muted what, in the last 90 days. What is tried again by itself is not here." }),
    scrolling("Entries", el("table", { class: "audit" }, el("thead", {}, el("tr", {},
      [`Begun (${zone()})`, "Who", "What", "Items"].map((text) => el("th", { scope: "col", text })))), rows)),
    el("p", { class: "buttons" }, more));

  function show() {
    reconcile(rows, entries, (entry) => entry.id, entryRow);
    more.hidden = !cursor;
    say(state, entries.length ? `${count(entries.length, "entry", "entries")}${cursor ? ", and more" : ""}.` : "Nobody has drained or discarded anything.");
  }

  async function page() {
    more.disabled = true;
    try {
      const answer = await get("audit", { limit: PAGE, cursor });
      const known = new Set(entries.map((entry) => entry.id));
      entries = [...entries, ...answer.entries.filter((entry) => !known.has(entry.id))];
      cursor = answer.cursor;
      show();
    } catch (fault) {
      say(state, fault.message);
    } finally {
      more.disabled = false;
    }
  }

  return {
    title: "Audit",
    async refresh() {
      if (entries.length > PAGE) return;
      const answer = await get("audit", { limit: PAGE });
      if (entries.length > PAGE) return; // Another page arrived in the meantime.
      entries = answer.entries;
      cursor = answer.cursor;
      show();
    },
  };
}

function entryRow() {
  const exact = el("span", { class: "exact" });
  const past = el("span", { class: "quiet small" });
  const who = el("span");
  const address = el("span", { class: "quiet small" });
  const what = el("div");
  const reason = el("p", { class: "small" });
  const items = el("span");
  const row = el("tr", {}, el("td", { class: "when" }, exact, " ", past), el("td", {}, who, " ", address), el("td", {}, what, reason), el("td", { "data-label": "Items" }, items));
  row.update = (entry) => {
    say(exact, clock(entry.begun_at));
    fill(past, since(entry.begun_at));
    say(who, line(entry.who));
    say(address, entry.address && `from ${entry.address}`);
    fill(what, el("b", { text: entry.action }), " ", whatOf(entry));
    say(reason, entry.reason && `“${line(entry.reason)}”`);
    reason.hidden = !entry.reason;
    say(items, done(entry));
  };
  return row;
}

function whatOf(entry) {
  const link = entry.fingerprint ? `#/causes/${encodeURIComponent(entry.fingerprint)}` : entry.ids.length === 1 ? `#/errors/${encodeURIComponent(entry.ids[0])}` : "";
  const text = line(entry.what);
  return link ? el("a", { href: link, text }) : el("span", { text, title: entry.ids.join("\n") });
}

function done(entry) {
  if (!entry.requests) return "not known: it never ended";
  if (entry.action === "mute" || entry.action === "unmute") return "";
  return `${number(entry.items)}${entry.refused ? `, ${number(entry.refused)} not` : ""}`;
}
