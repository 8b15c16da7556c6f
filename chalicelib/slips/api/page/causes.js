// A cause: all errors of one fingerprint.

import { errorPath, get } from "./api.js";
import { discard, mute } from "./dialogs.js";
import { block, button, copyButton, el, fill, pathTo, say } from "./dom.js";
import { drainCause } from "./drain.js";
import { isMuted, marks, sparkline } from "./past.js";
import { ago, count, line, number, objectName, until, where, zoned } from "./words.js";

/** Make a row of the list; it expands to the newest item of the cause. */
export function causeRow(first) {
  let cause = first;
  const title = el("span", { class: "what" });
  const place = el("span", { class: "quiet" });
  const badges = el("span", { class: "badges" });
  const spark = sparkline();
  const many = el("span", { class: "many" });
  const times = el("span", { class: "quiet when" });
  const body = el("div", { class: "cause-body", hidden: true });
  const head = button("", () => toggle(), { class: "cause-head", "aria-expanded": "false" });
  head.append(el("span", { class: "cause-text" }, title, place, badges), spark, el("span", { class: "cause-count" }, many, times));
  const row = el("li", { class: "cause" }, head, body);

  async function toggle() {
    const opens = body.hidden;
    body.hidden = !opens;
    head.setAttribute("aria-expanded", String(opens));
    if (opens) await load();
  }

  async function load() {
    fill(body, el("p", { class: "quiet", text: "Loading…" }));
    try {
      fill(body, actions(() => cause), ...details(cause, await get(errorPath(cause.sample_id))));
    } catch (fault) {
      fill(body, el("p", { class: "quiet", text: fault.status === 404 ? "Its newest item was drained or discarded." : fault.message }), actions(() => cause));
    }
  }

  row.update = (now) => {
    const isNew = now.sample_id !== cause.sample_id;
    cause = now;
    row.dataset.fingerprint = cause.fingerprint;
    say(title, `${cause.error_type}: ${line(cause.error_message)}`);
    say(place, where(cause));
    fill(badges, marks(cause));
    row.dataset.muted = String(isMuted(cause));
    spark.show(cause);
    say(many, cause.waiting === cause.count ? `${number(cause.count)} waiting` : count(cause.count, "item"));
    if (isNew && !body.hidden) load();
  };
  row.dated = (now) => {
    const next = cause.retry_at ? `, next try ${until(cause.retry_at, now)}` : "";
    say(times, `last ${ago(cause.last_seen, now)}, first ${ago(cause.first_seen, now)}${next}`);
    times.title = `${zoned(cause.first_seen)} – ${zoned(cause.last_seen)}`;
  };
  return row;
}

/** The buttons of a cause; `present` returns it as it is now. */
export function actions(present, isItsPage = false) {
  const link = `#/causes/${encodeURIComponent(present().fingerprint)}`;
  return el("p", { class: "buttons" },
    button("Drain…", () => drainCause(present()), { class: "main" }),
    button("Discard…", () => discard({ cause: present() })),
    !isItsPage && el("a", { class: "button", href: link, text: "Show items" }),
    button(isMuted(present()) ? "Unmute…" : "Mute…", () => mute(present())),
    copyButton(() => new URL(link, location.href).href, "Copy link"));
}

/** What is told of a cause: how many items, and the newest of them. */
export function details(cause, item) {
  const parked = cause.parked ? `, ${number(cause.parked)} of them parked` : "";
  const waiting = cause.waiting ? `, ${number(cause.waiting)} of them waiting to be tried again` : "";
  const note = isMuted(cause) && el("p", { class: "quiet", text: `Muted until ${zoned(cause.muted_until * 1000)} by ${line(cause.muted_by)}: ${line(cause.mute_note)}` });
  const link = pathTo(`#/errors/${encodeURIComponent(item.request_id)}`);
  link.show(objectName(item));
  return [
    note,
    el("p", { class: "quiet", text: `${count(cause.failed_count, "failure")} in ${count(cause.count, "item")}${parked}${waiting}. The newest${item.position ? `, at ${line(item.position, 60)}` : ""}:` }),
    link,
    item.sample && block("Sample", item.sample),
    item.traceback && block("Traceback", item.traceback),
  ];
}
