// The page: its current view, and its updates.

import { keepToken, onToken, serverNow } from "./api.js";
import { auditView } from "./audit.js";
import { causeView } from "./cause.js";
import { deployment, setTitle } from "./deployment.js";
import { say } from "./dom.js";
import { askForToken } from "./dialogs.js";
import { errorsView } from "./errors.js";
import { itemView } from "./item.js";
import { objectsView } from "./objects.js";
import { overview } from "./overview.js";
import { ago, clock, zone } from "./words.js";

const SECONDS = 5;
const TICK = 10;
const main = document.getElementById("view");
const live = document.getElementById("live");
const trouble = document.getElementById("trouble");
const pause = document.getElementById("pause");

let view = null;
let timer = 0;
let turn = 0;

/** `#/errors?bucket=logs` → ["errors", params]; `#/errors/ID` → ["item", params with id]; `#/causes/ID` → ["cause", …]. */
function route() {
  const [path, query = ""] = location.hash.replace(/^#\/?/, "").split("?");
  const [first, ...rest] = path.split("/");
  const params = new URLSearchParams(query);
  const one = { errors: "item", causes: "cause" }[first];
  if (one && rest.length) return [one, new Map([["id", decode(rest.join("/"))]])];
  return [["errors", "objects", "audit"].includes(first) ? first : "overview", new Map(params)];
}

function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

const VIEWS = { overview, errors: errorsView, item: itemView, cause: causeView, objects: objectsView, audit: auditView };

function show() {
  const [name, params] = route();
  for (const link of document.querySelectorAll("nav a")) {
    const current = link.dataset.view === (["item", "cause"].includes(name) ? "errors" : name);
    current ? link.setAttribute("aria-current", "page") : link.removeAttribute("aria-current");
  }
  main.replaceChildren();
  main.dataset.view = name;
  view = VIEWS[name](main, params);
  setTitle(view.title);
  refresh();
}

/** Refresh the view now, and again after a while: the longer the API took, the later. */
async function refresh() {
  clearTimeout(timer);
  const mine = ++turn;
  const current = view;
  const begun = performance.now();
  try {
    await current.refresh();
    if (mine !== turn) return;
    showTrouble("");
    deployment().catch(() => {}); // Its name is above every view.
    say(live, `Updated ${clock(Date.now()).split(", ").pop()} ${zone()}`);
  } catch (fault) {
    if (mine !== turn) return;
    showTrouble(fault.message);
    if (fault.status === 401 || fault.status === 403) return;
  }
  wait(Math.max((current.seconds ?? SECONDS) * 1000, 4 * (performance.now() - begun)));
}

function wait(milliseconds) {
  clearTimeout(timer);
  if (pause.getAttribute("aria-pressed") === "false" && !document.hidden) timer = setTimeout(refresh, milliseconds);
}

function showTrouble(text) {
  trouble.hidden = !text;
  say(trouble, text);
}

// A time that was "1 min ago" when it was read does not stay so.
setInterval(() => {
  for (const time of document.querySelectorAll("time.ago")) say(time, ago(time.dateTime, serverNow()));
}, TICK * 1000);

pause.addEventListener("click", () => {
  const paused = pause.getAttribute("aria-pressed") === "false";
  pause.setAttribute("aria-pressed", String(paused));
  say(pause, paused ? "Resume" : "Pause");
  paused ? clearTimeout(timer) : refresh();
});
document.addEventListener("visibilitychange", () => wait(0));
window.addEventListener("hashchange", () => {
  show();
  main.focus();
});
document.addEventListener("slips:changed", () => refresh());
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
onToken(askForToken);

// `slips console` passes its key in the fragment, which no server sees; the history must not keep it either.
const passed = /^#token=([\w-]+)$/.exec(location.hash);
if (passed) keepToken(passed[1]);
const base = new URL(document.baseURI).pathname;
if (passed || location.pathname !== base) history.replaceState(null, "", base + (passed ? "" : location.hash));
show();
