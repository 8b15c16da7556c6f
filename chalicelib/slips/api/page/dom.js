// Elements. All content is inserted as text: logs are hostile, and none of it may become markup.

import { visible } from "./words.js";

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
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false)
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

/** Make a list of terms and values; empty values are left out. */
export function terms(pairs) {
  const present = pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return el("dl", { class: "terms" }, present.map(([term, value]) => el("div", {}, el("dt", { text: term }), el("dd", {}, value))));
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
