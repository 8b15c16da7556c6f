// Draining: a few items first, then their outcome, then the rest.

import { get, post } from "./api.js";
import { changed, close, closing, open } from "./dialogs.js";
import { button, el, fill, say } from "./dom.js";
import { count, number } from "./words.js";

const CANARY = 10;
const LOOK = 1000;
const MOST = 500;
const LEFT = {
  parked: (many) => `${many === 1 ? "it" : "they"} failed too often`,
  claimed: (many) => `another drain has ${many === 1 ? "it" : "them"}, for five minutes at most`,
  newer: (many) => `a later version of SLIPS knows ${many === 1 ? "its" : "their"} state`,
};
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Drain a cause; if it has many items, a canary first. */
export function drainCause(cause) {
  const free = cause.count - cause.parked - cause.draining;
  const canary = free > CANARY;
  const drain = new Drain({ fingerprint: cause.fingerprint }, free);
  drain.ask("Drain this cause",
    canary
      ? `This drains ${count(free, "item")}. ${CANARY} of them go first, as a canary; you see their outcome before the others follow.`
      : `This drains ${count(free, "item")}.`,
    cause.parked ? `${count(cause.parked, "parked item")} failed too often, and ${cause.parked === 1 ? "is" : "are"} drained separately.` : "",
    canary ? `Drain ${CANARY} first` : `Drain ${count(free, "item")}`, canary ? { limit: CANARY } : {},
    cause.parked ? button("Parked items…", () => drainParked(cause)) : null);
}

/** Drain the parked items of a cause by their ids, since no filter drains them; at most a page at a time. */
async function drainParked(cause) {
  const body = open("Drain parked items");
  fill(body, el("p", { class: "quiet", text: "Loading…" }));
  try {
    const { errors } = await get("errors", { fingerprint: cause.fingerprint, state: "parked", limit: MOST });
    const canary = errors.length > CANARY;
    new Drain({ ids: errors.map((item) => item.request_id) }, errors.length).ask("Drain parked items",
      `${count(errors.length, "item")} failed too often. ${canary ? `${CANARY} of them go first, as a canary.` : ""}`,
      cause.parked > errors.length ? `There are ${number(cause.parked)}; drain the others after these.` : "",
      canary ? `Drain ${CANARY} first` : `Drain ${count(errors.length, "item")}`, canary ? { limit: CANARY } : {});
  } catch (fault) {
    fill(body, el("p", { class: "bad", role: "alert", text: fault.message }), closing());
  }
}

/** Drain these items, even parked ones; if they are many, a canary first. */
export function drainItems(ids) {
  if (ids.length === 1) {
    drainItem(ids[0]);
    return;
  }
  const canary = ids.length > CANARY;
  new Drain({ ids }, ids.length).ask(`Drain ${count(ids.length, "item")}`,
    `Only the failed events run again, only in the functions that failed.${canary ? ` ${CANARY} items go first, as a canary; you see their outcome before the others follow.` : ""}`,
    "", canary ? `Drain ${CANARY} first` : `Drain ${count(ids.length, "item")}`, canary ? { limit: CANARY } : {});
}

/** Drain one item, even a parked one. */
export function drainItem(id) {
  new Drain({ ids: [id] }, 1).ask("Drain this item", "Only the failed events run again, only in the function that failed.", "", "Drain", {});
}

class Drain {
  constructor(selection, total) {
    this.selection = selection;
    this.total = total;
    this.drained = 0;
    this.cursor = "";
    this.isOpen = true;
    this.waited = 0;
    this.left = {};
    this.failed = {};
  }

  ask(title, what, note, label, more, extra = null) {
    this.body = open(title, () => {
      this.isOpen = false;
      if (this.drained) changed();
    });
    const start = button(label, () => this.run(more), { class: "main", disabled: this.total < 1 });
    fill(this.body, el("p", { text: what }), note && el("p", { class: "quiet", text: note }), this.buttons(start, "Cancel", extra));
    (this.total < 1 ? this.body.querySelector("button:enabled") : start).focus();
  }

  buttons(first, other, extra = null) {
    return el("p", { class: "buttons" }, first, extra, button(other, close));
  }

  /** Put items back into their lanes, call by call, then watch them. */
  async run(more) {
    this.bar = el("progress", { max: String(Math.max(1, more.limit ?? this.total)), value: "0", "aria-label": "Progress" });
    this.state = el("p", { role: "status" });
    fill(this.body, this.bar, this.state, this.buttons(null, "Stop"));
    try {
      await this.put(more);
      if (this.id) await this.watch();
      this.end(more);
    } catch (fault) {
      fill(this.body, el("p", { class: "bad", role: "alert", text: fault.message }), this.refusals(), closing());
    }
  }

  async put(more) {
    do {
      say(this.state, this.drained ? `${number(this.drained)} back in their lanes…` : "Putting items back into their lanes…");
      const report = await post("drain", { ...this.selection, ...more, ...(this.cursor && { cursor: this.cursor }) });
      this.drained += report.drained;
      this.id = report.drain_id || this.id;
      this.cursor = report.cursor;
      this.remaining = report.remaining;
      this.waited += report.waiting;
      for (const [why, many] of Object.entries(report.left)) this.left[why] = (this.left[why] ?? 0) + many;
      Object.assign(this.failed, report.failed);
      this.bar.value = this.drained;
    } while (this.cursor && !more.limit && this.isOpen);
  }

  async watch() {
    for (let outcome; this.isOpen; await wait(LOOK)) {
      outcome = this.outcome = await get(`drain/${encodeURIComponent(this.id)}`);
      this.bar.max = Math.max(1, outcome.works);
      this.bar.value = outcome.works - outcome.pending;
      say(this.state, `${number(outcome.works - outcome.pending)} of ${count(outcome.works, "work")} processed, ${number(outcome.failed_again)} failed again…`);
      if (!outcome.pending) return;
    }
  }

  end(more) {
    if (!this.isOpen) return;
    const again = this.outcome?.failed_again ?? 0;
    const rest = more.limit && this.cursor ? this.remaining : 0;
    const result = el("p", { role: "status", class: again ? "bad" : "good", text: this.words(again) });
    const go = rest && button(again ? `Drain the other ${number(rest)} anyway` : `Drain the other ${number(rest)}`,
      () => this.run({}), { class: again ? "danger" : "main" });
    fill(this.body, result, ...this.notes(), this.refusals(), rest ? this.buttons(go, "Leave them") : closing());
    this.total = this.drained + rest;
    this.body.querySelector(again && rest ? "button:last-child" : "button").focus();
    changed();
  }

  words(again) {
    if (!this.drained) return "Nothing was drained.";
    const drained = `${count(this.drained, "item")} drained`;
    if (!this.outcome) return `${drained}.`;
    return again ? `${drained}; ${number(again)} failed again.` : `${drained}, and none failed again.`;
  }

  /** What was taken before its time, and what was left to others. */
  notes() {
    const { waited, left } = this;
    const notes = [waited && `${number(waited)} of them waited to be tried again by ${waited === 1 ? "itself" : "themselves"}.`,
      ...Object.entries(left).map(([why, many]) => `${count(many, "item")} left: ${LEFT[why]?.(many) ?? why}.`)];
    return notes.filter(Boolean).map((text) => el("p", { class: "quiet", text }));
  }

  refusals() {
    const refused = Object.entries(this.failed);
    if (!refused.length) return null;
    const lines = refused.slice(0, 20).map(([id, why]) => el("li", { text: `${id}: ${why}` }));
    return el("div", {}, el("p", { text: `${count(refused.length, "item")} not drained:` }), el("ul", { class: "small" }, lines));
  }
}
