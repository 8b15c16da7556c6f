// The questions for the token and for the reason to discard, in the page's only dialog.

import { post } from "./api.js";
import { button, el, field, fill, say } from "./dom.js";
import { count, number } from "./words.js";

const dialog = document.getElementById("dialog");

/** Open the dialog and return its empty body. `closed` is called whenever it closes. */
export function open(title, closed = () => {}) {
  const body = el("div", { class: "dialog-body" });
  fill(dialog, el("h2", { id: "dialog-title", text: title }), body);
  dialog.onclose = () => {
    dialog.onclose = null;
    closed();
  };
  if (!dialog.open) dialog.showModal();
  return body;
}

export const close = () => dialog.close();

/** Tell the page to refresh what it shows. */
export const changed = () => document.dispatchEvent(new CustomEvent("slips:changed"));

/** Ask for the token; null if the dialog is closed. */
export function askForToken(wasWrong) {
  return new Promise((resolve) => {
    const input = el("input", { type: "password", autocomplete: "off", required: true, autofocus: true, spellcheck: "false" });
    const body = open("Enter the token of this deployment", () => resolve(null));
    fill(body, form("Continue", () => {
      dialog.onclose = null;
      close();
      resolve(input.value.trim());
    },
      wasWrong && el("p", { class: "bad", role: "alert", text: "That is not the token of this deployment." }),
      el("p", { text: "It is kept until you close this tab." }),
      field("Token", input)));
    input.focus();
  });
}

function form(label, onSubmit, ...children) {
  const submit = (event) => {
    event.preventDefault();
    onSubmit();
  };
  const buttons = el("p", { class: "buttons" }, el("button", { type: "submit", class: "main", text: label }), button("Cancel", close));
  return el("form", { on: { submit } }, ...children.filter(Boolean), buttons);
}

/** Discard the items of these ids, or all items of a cause, and then call `done`. */
export function discard({ ids, cause }, done = changed) {
  const many = ids ? ids.length : cause.count;
  const what = ids?.length === 1 ? "this item" : count(many, "item");
  const reason = el("input", { type: "text", required: true, maxlength: "500", autofocus: true });
  const state = el("p", { role: "status" });
  const body = open(`Discard ${what}${cause ? " of this cause" : ""}?`);
  const question = form(`Discard ${what}`, async () => {
    question.querySelector("[type=submit]").disabled = true;
    try {
      const discarded = await discardAll(ids ? { ids } : { fingerprint: cause.fingerprint }, many, reason.value, state);
      fill(body, el("p", { role: "status", text: `${count(discarded, "item")} discarded.` }), closing());
      body.querySelector("button").focus();
      done();
    } catch (fault) {
      question.querySelector("[type=submit]").disabled = false;
      say(state, fault.message);
    }
  },
    el("p", { text: "Discarded items cannot be restored, and their events are not processed again. The reason goes to the log and to the audit trail." }),
    field("Reason", reason), state);
  fill(body, question);
  reason.focus();
}

const MUTES = [["1", "1 hour"], ["8", "8 hours"], ["24", "1 day"], ["168", "1 week"], ["336", "2 weeks"]];

/** Mute a cause, or end that. */
export function mute(cause) {
  const isMuted = cause.muted_until > 0;
  const hours = el("select", {}, MUTES.map(([value, text]) => el("option", { value, text, selected: value === "24" })));
  const note = el("input", { type: "text", required: true, maxlength: "500", autofocus: true });
  const state = el("p", { role: "status" });
  const body = open(isMuted ? "Unmute this cause?" : "Mute this cause?");
  const question = form(isMuted ? "Unmute" : "Mute", async () => {
    try {
      await post("mute", { fingerprint: cause.fingerprint, hours: isMuted ? 0 : Number(hours.value), ...(isMuted ? {} : { note: note.value }) });
      close();
      changed();
    } catch (fault) {
      say(state, fault.message);
    }
  },
    el("p", { text: isMuted ? `Muted by ${cause.muted_by}: ${cause.mute_note}` : "The overview hides a muted cause. Its items stay, alarms ring as before, and everybody sees your note." }),
    ...(isMuted ? [] : [field("For", hours), field("Note", note)]), state);
  fill(body, question);
  if (!isMuted) note.focus();
}

export const closing = () => el("p", { class: "buttons" }, button("Close", close, { class: "main" }));

async function discardAll(selection, many, reason, state) {
  let discarded = 0;
  let cursor = "";
  do {
    const report = await post("discard", { ...selection, reason, ...(cursor && { cursor }) });
    discarded += report.discarded;
    cursor = report.cursor;
    say(state, `${number(discarded)} of ${number(many)} discarded…`);
  } while (cursor && dialog.open);
  return discarded;
}
