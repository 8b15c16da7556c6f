// The items that are ticked in a list, and what can be done with all of them.

import { discard } from "./dialogs.js";
import { button, el, say } from "./dom.js";
import { drainItems } from "./drain.js";
import { count, line } from "./words.js";

const MOST = 500;

export class Selection {
  /** `list` returns the items that are shown; `changed` is called when other ones are ticked. */
  constructor(list, changed) {
    this.list = list;
    this.changed = changed;
    this.ids = new Set();
    this.last = null;
    this.all = el("input", { type: "checkbox", "aria-label": "Select all items shown", on: { change: () => this.tickAll() } });
    this.words = el("span", { role: "status" });
    this.bar = el("div", { class: "selection", hidden: true, role: "group", "aria-label": "Selected items" }, this.words,
      button("Drain…", () => drainItems([...this.ids]), { class: "main" }),
      button("Discard…", () => discard({ ids: [...this.ids] })),
      button("Clear", () => this.clear()));
  }

  /** Make the box of a row. */
  tick() {
    const box = el("input", { type: "checkbox", on: { click: (event) => this.click(box, event) } });
    box.show = (id, name) => {
      box.value = id;
      box.checked = this.ids.has(id);
      box.setAttribute("aria-label", `Select ${line(name, 200)}`);
    };
    return box;
  }

  click(box, event) {
    const order = this.list().map((item) => item.request_id);
    const at = order.indexOf(box.value);
    const from = event.shiftKey && order.includes(this.last) ? order.indexOf(this.last) : at;
    for (const id of order.slice(Math.min(from, at), Math.max(from, at) + 1)) this.set(id, box.checked);
    this.last = box.value;
    this.changed();
  }

  set(id, on) {
    if (!on) this.ids.delete(id);
    else if (this.ids.size < MOST) this.ids.add(id);
  }

  tickAll() {
    for (const { request_id } of this.list()) this.set(request_id, this.all.checked);
    this.changed();
  }

  clear() {
    this.ids.clear();
    this.changed();
    this.all.focus();
  }

  /** Forget the items that are gone, and show how many there are. */
  update() {
    const items = this.list();
    const present = new Set(items.map((item) => item.request_id));
    for (const id of this.ids) if (!present.has(id)) this.ids.delete(id);
    this.all.disabled = items.length === 0;
    this.all.checked = items.length > 0 && this.ids.size === items.length;
    this.all.indeterminate = this.ids.size > 0 && !this.all.checked;
    this.bar.hidden = this.ids.size === 0;
    say(this.words, `${count(this.ids.size, "item")} selected${this.ids.size === MOST ? ", which are as many as go together" : ""}`);
  }
}
