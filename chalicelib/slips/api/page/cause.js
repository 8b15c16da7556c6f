// One cause: what it is, its newest item, and all of them.

import { errorPath, get, serverNow } from "./api.js";
import { actions, details } from "./causes.js";
import { setTitle } from "./deployment.js";
import { el, fill, moment, terms } from "./dom.js";
import { itemList } from "./errors.js";
import { marks, sparkline } from "./past.js";
import { count, line, number, until, where } from "./words.js";

export function causeView(main, params) {
  const fingerprint = params.get("id");
  const head = el("div", { class: "stack" });
  const newest = el("details", { open: true }, el("summary", { text: "The newest item" }));
  const inside = el("div", { class: "stack" });
  newest.append(inside);
  const heading = el("div", { class: "heading" }, el("h2", { text: "Items" }));
  main.append(el("p", { class: "crumbs" }, el("a", { href: "#/errors", text: "Errors" })), head, newest, heading);
  const list = itemList(main, { fingerprint }, true);
  heading.append(list.state);
  let sample = "";

  async function showNewest(cause) {
    if (cause.sample_id === sample) return;
    sample = cause.sample_id;
    try {
      fill(inside, ...details(cause, await get(errorPath(sample))));
    } catch (fault) {
      if (fault.status !== 404) throw fault;
      fill(inside, el("p", { class: "quiet", text: "It was drained or discarded." }));
    }
  }

  return {
    title: `Cause ${line(fingerprint, 40)}`,
    async refresh() {
      const { causes: [cause] } = await get("errors", { fingerprint, group: "fingerprint" });
      newest.hidden = !cause;
      if (!cause) {
        fill(head, el("h1", { text: "Cause" }), el("p", { role: "status", text: `Nothing of the cause ${line(fingerprint, 40)} is left: drained, or discarded.` }));
      } else {
        showHead(head, cause);
        await showNewest(cause);
      }
      await list.refresh();
    },
  };
}

function showHead(head, cause) {
  setTitle(`${line(cause.error_type, 60)}, ${count(cause.count, "item")}`);
  const text = JSON.stringify(cause);
  if (head.dataset.shown === text) return;
  head.dataset.shown = text;
  const spark = sparkline();
  spark.show(cause);
  fill(head, el("h1", { class: "fault" }, cause.error_type, " ", marks(cause)), el("p", { class: "message", text: cause.error_message }), actions(() => cause, true),
    terms([
      ["Where", where(cause)],
      ["Items", number(cause.count)],
      ["Last 24 hours", spark],
      ["Fails since", moment(cause.known_since)],
      ["Drained or discarded", cause.resolved_at && moment(cause.resolved_at)],
      ["Muted", cause.muted_until && `by ${line(cause.muted_by)}: ${line(cause.mute_note)}`],
      ["Newest", moment(cause.last_seen)],
      ["Oldest", moment(cause.first_seen)],
      ["Next try", cause.retry_at && until(cause.retry_at, serverNow())],
      ["Cause", cause.fingerprint],
    ], "first"));
}
