// A whole error item.

import { errorPath, get, serverNow } from "./api.js";
import { setTitle } from "./deployment.js";
import { discard } from "./dialogs.js";
import { block, button, copyButton, el, fill, moment, terms } from "./dom.js";
import { drainItem } from "./drain.js";
import { nextSteps } from "./steps.js";
import { bytes, count, line, number, objectName, until, where } from "./words.js";

export function itemView(main, params) {
  const id = params.get("id");
  let rendered = "";
  return {
    title: `Error ${line(id, 60)}`,
    async refresh() {
      let item;
      try {
        item = await get(errorPath(id));
      } catch (fault) {
        if (fault.status !== 404) throw fault;
        fill(main, el("h1", { text: "Error" }), el("p", { role: "status", text: "This item is gone: drained, or discarded." }),
          el("p", {}, el("a", { href: "#/audit", text: "Who did that?" }), " ", el("a", { href: "#/errors", text: "All errors" })));
        return;
      }
      // Rendered again only if it changed, so that selections and scroll positions stay.
      const text = JSON.stringify(item);
      if (text !== rendered) fill(main, ...parts(item));
      rendered = text;
      setTitle(`${line(item.error_type, 60)} in ${line(objectName(item).split("/").pop(), 80)}`);
    },
  };
}

const seconds = (time) => time && moment(time * 1000);

function parts(item) {
  const object = new URLSearchParams({ bucket: item.bucket_name, key: item.object_key });
  const name = item.object_key && `s3://${item.bucket_name}/${item.object_key}`;
  const records = item.positions || (item.resume_from ? `from ${item.resume_from} on` : "");
  return [
    el("p", { class: "crumbs" }, el("a", { href: "#/errors", text: "Errors" }), " › ",
      el("a", { href: `#/causes/${encodeURIComponent(item.fingerprint)}`, text: "its cause" })),
    el("h1", { class: "fault", text: item.error_type }),
    el("p", { class: "message", text: item.error_message }),
    el("p", { class: "buttons" },
      button("Drain…", () => drainItem(item.request_id), { class: "main" }),
      button("Discard…", () => discard({ ids: [item.request_id] })),
      name && el("a", { class: "button", href: `#/objects?${object}`, text: "Books of the object" }),
      el("a", { class: "button", href: `#/causes/${encodeURIComponent(item.fingerprint)}`, text: "Same cause" }),
      copyButton(() => location.href, "Copy link")),
    terms([["Object", name && [el("span", { class: "mono", text: name }), " ", copyButton(name)]]], "whole"),
    terms([
      ["Record", records && `${line(records, 300)}${item.failed_count > 1 ? `: ${count(item.failed_count, "failure")}` : ""}`],
      ["Where", where(item)],
      ["State", state(item)],
      ["Failed", moment(item.failed_at)],
    ], "first"),
    item.traceback && block("Traceback", item.traceback),
    item.sample && block("Sample", item.sample),
    item.history.length && block("Earlier failures", item.history.join("\n")),
    nextSteps(item),
    el("details", {}, el("summary", { text: "All facts" }), terms([
      ["Item", item.request_id],
      ["Cause", item.fingerprint],
      ["Failures", number(item.failed_count)],
      ["Attempts", number(item.attempts)],
      ["First seen", moment(item.first_seen)],
      ["Waiting since", seconds(item.waiting_since)],
      ["Deleted by DynamoDB", seconds(item.expires_at)],
      ["Object created", item.event_time && moment(item.event_time)],
      ["Size", bytes(item.object_size)],
      ["Lane", item.lane],
      ["Invocation", item.invocation],
    ])),
    el("details", {}, el("summary", { text: count(item.argument.length, "work item") }), block("As JSON", JSON.stringify(item.argument, null, 2))),
  ];
}

function state(item) {
  const shown = el("span", { class: "state", "data-state": item.state, text: item.state });
  if (!item.retry_at) return shown;
  return [shown, `: the ${number(item.tries)}. try comes ${until(item.retry_at, serverNow())}, at `, ...moment(item.retry_at * 1000).slice(0, 1).map((text) => text.slice(0, -2))];
}
