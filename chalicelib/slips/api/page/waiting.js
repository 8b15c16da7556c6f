// The causes that wait, and are tried again by themselves: the next one first.

import { el, reconcile, say, scrolling } from "./dom.js";
import { line, number, until, zoned } from "./words.js";

export class WaitingList {
  constructor() {
    this.rows = el("tbody");
    this.table = scrolling("What waits", el("table", { class: "waiting" },
      el("thead", {}, el("tr", {}, ["Next try", "Items", "Cause"].map((text) => el("th", { scope: "col", text })))), this.rows));
  }

  /** Show them; return whether there are any. */
  update({ errors, now }) {
    const last = Number.MAX_SAFE_INTEGER;
    const causes = errors.causes.filter((cause) => cause.waiting).sort((one, other) => (one.retry_at || last) - (other.retry_at || last));
    reconcile(this.rows, causes, (cause) => cause.fingerprint, waitingRow);
    for (const row of this.rows.children) row.dated(now);
    return causes.length > 0;
  }
}

function waitingRow() {
  const [next, items] = [el("td", { "data-label": "Next try" }), el("td", { "data-label": "Items" })];
  const link = el("a");
  const row = el("tr", {}, next, items, el("td", {}, link));
  let at = 0;
  row.update = (cause) => {
    at = cause.retry_at;
    say(items, number(cause.waiting));
    say(link, `${cause.error_type}: ${line(cause.error_message, 120)}`);
    link.href = `#/errors?${new URLSearchParams({ fingerprint: cause.fingerprint, state: "waiting" })}`;
  };
  row.dated = (now) => say(next, at ? `${until(at, now)}, at ${zoned(at * 1000)}` : "not known");
  return row;
}
