// The causes of the overview: found by text, sorted, new since, and without those that are muted.

import { causeRow } from "./causes.js";
import { el, reconcile, say } from "./dom.js";
import { isMuted, isNewSince } from "./past.js";
import { count, where } from "./words.js";

const SORTS = {
  count: ["most items", (one, other) => other.count - one.count],
  last: ["newest failure", (one, other) => other.last_seen.localeCompare(one.last_seen)],
  known: ["newest cause", (one, other) => other.known_since.localeCompare(one.known_since)],
  hour: ["most in the last hour", (one, other) => other.hours.at(-1) - one.hours.at(-1) || other.count - one.count],
};
const SINCE = [["", "any time"], ["3600", "an hour ago"], ["86400", "a day ago"], ["604800", "a week ago"]];

export class CauseList {
  constructor() {
    this.errors = null;
    const change = () => this.show();
    const select = (label, pairs) => el("select", { class: "inline", "aria-label": label, on: { change } }, pairs.map(([value, text]) => el("option", { value, text })));
    this.text = el("input", { type: "search", "aria-label": "Find causes by text", placeholder: "Find", on: { input: change }, maxlength: "200", spellcheck: "false" });
    this.sort = select("Order of the causes", Object.entries(SORTS).map(([value, [text]]) => [value, text]));
    this.since = select("New since", SINCE.map(([value, text]) => [value, value ? `new since ${text}` : "since any time"]));
    this.withMuted = el("input", { type: "checkbox", on: { change } });
    this.mutedText = el("span");
    this.mutedBox = el("label", { class: "check", hidden: true }, this.withMuted, " ", this.mutedText);
    this.controls = el("p", { class: "controls" }, this.text, this.sort, this.since, this.mutedBox);
    this.note = el("p", { class: "quiet" });
    this.list = el("ul", { class: "causes" });
    this.parts = [this.controls, this.note, this.list];
  }

  update(stats) {
    this.errors = stats.errors;
    this.now = stats.now;
    this.show();
  }

  show() {
    if (!this.errors) return;
    const { causes } = this.errors;
    const muted = causes.filter(isMuted).length;
    const text = this.text.value.toLowerCase();
    const shown = causes.filter((cause) => (this.withMuted.checked || !isMuted(cause))
      && (!this.since.value || isNewSince(cause, Number(this.since.value)))
      && (!text || `${cause.error_type}: ${cause.error_message} ${where(cause)} ${cause.fingerprint}`.toLowerCase().includes(text)));
    this.controls.hidden = !causes.length;
    this.mutedBox.hidden = !muted;
    say(this.mutedText, `show ${muted} muted`);
    say(this.note, this.words(shown.length));
    reconcile(this.list, shown.sort(SORTS[this.sort.value][1]), (cause) => cause.fingerprint, causeRow);
    for (const row of this.list.children) row.dated(this.now);
  }

  words(shown) {
    const { causes, complete } = this.errors;
    if (!causes.length) return "Nothing has failed. What fails is kept here, with its cause, until you drain or discard it.";
    const hidden = shown < causes.length ? `${shown} of ${count(causes.length, "cause")}. ` : "";
    return hidden + (complete ? "" : "There are too many to count in time: these are the newest.");
  }
}
