// Elements. All content is inserted as text: logs are hostile, and none of it may become markup.

import { serverNow } from "./api.js";
import { ago, cutPath, visible, zoned } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** Make an element. `props` are attributes; `on` holds listeners, `text` is the text; false and null are left out. */
export function el(tag, props = {}, ...children) {
  return build(document.createElement(tag), props, children);
}

/** Make an SVG element. */
export function svg(tag, props = {}, ...children) {
  return build(document.createElementNS(SVG, tag), props, children);
}

function build(node, props, children) {
  for (const [name, value] of Object.entries(props)) {
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else if (name === "text") {
      node.textContent = visible(value);
    } else if (value !== null && value !== undefined && value !== false) {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
  node.append(...children.flat(2).filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (child instanceof Node ? child : visible(child))));
  return node;
}

/** Show these children and no others. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter(Boolean));
}

/** Set a text only if it differs, so that a screen reader does not repeat it. */
export function say(node, text) {
  const escaped = visible(text);
  if (node.textContent !== escaped) node.textContent = escaped;
}

/** Give `parent` one child per item, in order; children that remain keep their focus and state. */
export function reconcile(parent, items, key, create) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let before = null;
  for (const item of items) {
    const name = String(key(item));
    let child = known.get(name);
    known.delete(name);
    if (!child) {
      child = create(item);
      child.dataset.key = name;
    }
    child.update?.(item);
    const place = before ? before.nextElementSibling : parent.firstElementChild;
    if (child !== place) parent.insertBefore(child, place);
    before = child;
  }
  for (const obsolete of known.values()) obsolete.remove();
}

/** Make a button. */
export function button(text, click, props = {}) {
  return el("button", { type: "button", on: { click }, text, ...props });
}

/** Make a link or a line that shows a path; where there is no room, it is cut before its end. */
export function pathTo(href, more = "") {
  const head = el("span", { class: "head" });
  const tail = el("span", { class: "tail" });
  const node = el(href === null ? "span" : "a", { class: `path ${more}`, href }, head, tail);
  node.show = (path) => {
    const [first, last] = cutPath(path);
    say(head, first);
    say(tail, last);
    node.title = visible(path);
  };
  return node;
}

/** Make a time that says how long ago it is, and exactly when in its title; `main.js` keeps it right. */
export function since(time) {
  return el("time", { class: "ago", datetime: time, title: zoned(time), text: ago(time, serverNow()) });
}

/** Make a time: exactly, with its zone, and how long ago. */
export function moment(time) {
  return [`${zoned(time)}, `, since(time)];
}

/** Make a button that copies a text, and says so. */
export function copyButton(text, label = "Copy") {
  const node = button(label, async () => {
    let done = "Copied";
    try {
      await navigator.clipboard.writeText(typeof text === "function" ? text() : text);
    } catch {
      done = "Select it, and copy";
    }
    say(node, done);
    setTimeout(() => say(node, label), 1600);
  }, { class: "copy" });
  return node;
}

/** Make a list of terms and values, which may be lists of parts; empty values are left out. */
export function terms(pairs, more = "") {
  const present = pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined && value !== 0);
  return el("dl", { class: `terms ${more}` }, present.map(([term, value]) => el("div", {}, el("dt", { text: term }), el("dd", {}, ...[value].flat()))));
}

/** Make a titled block of preformatted text that the keyboard can scroll. */
export function block(title, text) {
  return el("section", { class: "block" }, el("h3", { text: title }), el("pre", { tabindex: "0", role: "group", "aria-label": title, text }));
}

/** Make a labelled field. */
export function field(label, input, more = "") {
  return el("label", { class: `field ${more}` }, el("span", { text: label }), input);
}

/** Make a part that scrolls sideways if it is too wide. */
export function scrolling(name, ...children) {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name }, ...children);
}
