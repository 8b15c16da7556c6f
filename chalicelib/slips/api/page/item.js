// A whole error item.

import { errorPath, get } from "./api.js";
import { discard } from "./dialogs.js";
import { block, button, el, fill, terms } from "./dom.js";
import { drainItem } from "./drain.js";
import { bytes, clock, count, number } from "./words.js";

export function itemView(main, params) {
  const id = params.get("id");
  let rendered = "";
  return {
    async refresh() {
      let item;
      try {
        item = await get(errorPath(id));
      } catch (fault) {
        if (fault.status !== 404) throw fault;
        fill(main, el("h1", { text: "Error" }), el("p", { role: "status", text: "This item is gone: drained, or discarded." }),
          el("p", {}, el("a", { href: "#/errors", text: "All errors" })));
        return;
      }
      // Rendered again only if it changed, so that selections and scroll positions stay.
      const text = JSON.stringify(item);
      if (text !== rendered) fill(main, ...parts(item));
      rendered = text;
    },
  };
}

function parts(item) {
  const object = new URLSearchParams({ bucket: item.bucket_name, key: item.object_key });
  return [
    el("p", {}, el("a", { href: "#/errors", text: "All errors" })),
    el("h1", { class: "fault", text: item.error_type }),
    el("p", { class: "message", text: item.error_message }),
    el("p", { class: "buttons" },
      button("Drain…", () => drainItem(item.request_id), { class: "main" }),
      button("Discard…", () => discard({ id: item.request_id })),
      item.object_key && el("a", { class: "button", href: `#/objects?${object}`, text: "Books of the object" }),
      el("a", { class: "button", href: `#/errors?${new URLSearchParams({ fingerprint: item.fingerprint })}`, text: "Same cause" })),
    terms([
      ["Object", item.object_key && `s3://${item.bucket_name}/${item.object_key}`],
      ["Size", bytes(item.object_size)],
      ["Records", item.positions || (item.resume_from ? `from ${item.resume_from}` : "")],
      ["Failures", String(item.failed_count)],
      ["Function", item.processor],
      ["Format", item.format],
      ["Stage", item.stage],
      ["Lane", item.lane],
      ["State", item.state],
      ["Next try", item.retry_at && `${clock(item.retry_at * 1000)}, the ${number(item.tries)}.`],
      ["Waiting since", item.waiting_since && clock(item.waiting_since * 1000)],
      ["Attempts", String(item.attempts)],
      ["Failed", clock(item.failed_at)],
      ["First seen", clock(item.first_seen)],
      ["Object created", item.event_time && clock(item.event_time)],
      ["Expires", item.expires_at && clock(item.expires_at * 1000)],
      ["Cause", item.fingerprint],
      ["Item", item.request_id],
    ]),
    item.sample && block("Sample", item.sample),
    item.traceback && block("Traceback", item.traceback),
    item.history.length && block("Earlier failures", item.history.join("\n")),
    el("details", {}, el("summary", { text: count(item.argument.length, "work item") }), block("As JSON", JSON.stringify(item.argument, null, 2))),
  ];
}
