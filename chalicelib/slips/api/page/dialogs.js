// Questions: for the token, and for why something is discarded. One at a time, in the page's one dialog.

import { errorPath, post, remove } from "./api.js";
import { button, el, field, fill, say } from "./dom.js";
import { count, number } from "./words.js";

const dialog = document.getElementById("dialog");

/** Open the dialog; the answer is its body, to be filled. `closed` is called when it is closed, in whatever way. */
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

/** Tell the page that what it shows has changed. */
export const changed = () => document.dispatchEvent(new CustomEvent("slips:changed"));

/** The token, or null where the question is closed. */
export function askForToken(wasWrong) {
  return new Promise((resolve) => {
    const input = el("input", { type: "password", autocomplete: "off", required: true, autofocus: true, spellcheck: "false" });
    const body = open("This deployment asks for its token", () => resolve(null));
    fill(body, form("Go on", () => {
      dialog.onclose = null;
      close();
      resolve(input.value.trim());
    },
      wasWrong && el("p", { class: "bad", role: "alert", text: "That is not the token of this deployment." }),
      el("p", { text: "It is kept for this tab, until you close it." }),
      field("Token", input)));
    input.focus();
  });
}

function form(label, submitted, ...children) {
  const submit = (event) => {
    event.preventDefault();
    submitted();
  };
  const buttons = el("p", { class: "buttons" }, el("button", { type: "submit", class: "main", text: label }), button("Cancel", close));
  return el("form", { on: { submit } }, ...children.filter(Boolean), buttons);
}

/** Discard one item, or all of a cause. `done` is called when something is gone. */
export function discard({ id, cause }, done = changed) {
  const title = id ? "Discard this item?" : `Discard ${count(cause.count, "item")} of this cause?`;
  const reason = el("input", { type: "text", required: true, maxlength: "500", autofocus: true });
  const state = el("p", { role: "status" });
  const body = open(title);
  const asked = form("Discard", async () => {
    asked.querySelector("[type=submit]").disabled = true;
    try {
      const gone = id ? await discardOne(id, reason.value) : await discardCause(cause, reason.value, state);
      fill(body, el("p", { role: "status", text: `${count(gone, "item")} discarded.` }), closing());
      body.querySelector("button").focus();
      done();
    } catch (fault) {
      asked.querySelector("[type=submit]").disabled = false;
      say(state, fault.message);
    }
  },
    el("p", { text: "What is discarded is gone, and its events are not processed again. The reason goes to the log." }),
    field("Reason", reason), state);
  fill(body, asked);
  reason.focus();
}

export const closing = () => el("p", { class: "buttons" }, button("Close", close, { class: "main" }));

async function discardOne(id, reason) {
  await remove(`${errorPath(id)}?${new URLSearchParams({ reason })}`);
  return 1;
}

async function discardCause(cause, reason, state) {
  let gone = 0;
  let cursor = "";
  do {
    const report = await post("discard", { fingerprint: cause.fingerprint, reason, ...(cursor && { cursor }) });
    gone += report.discarded;
    cursor = report.cursor;
    say(state, `${number(gone)} of ${number(cause.count)} discarded…`);
  } while (cursor && dialog.open);
  return gone;
}
