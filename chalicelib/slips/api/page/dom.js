// Elements. Whatever is shown goes in as text: log content is hostile, and nothing of it may ever become markup.

import { visible } from "./words.js";

const SVG = "http://www.w3.org/2000/svg";

/** An element. `props` are attributes; `on` holds listeners, `text` is shown as text, false and null are left out. */
export function el(tag, props = {}, ...children) {
  return filled(document.createElement(tag), props, children);
}

/** The same, of SVG. */
export function svg(tag, props = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), props, children);
}

function filled(node, props, children) {
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

/** Set a text only where it is another one: a screen reader need not hear the same again. */
export function say(node, text) {
  const shown = visible(text);
  if (node.textContent !== shown) node.textContent = shown;
}

/** Make the children of `parent` one for each item, in order; those that stay keep their focus and state. */
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
  for (const gone of known.values()) gone.remove();
}

/** A button. */
export function button(text, click, props = {}) {
  return el("button", { type: "button", on: { click }, text, ...props });
}

/** Terms and what they are; what is empty is left out. */
export function terms(pairs) {
  const shown = pairs.filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return el("dl", { class: "terms" }, shown.map(([term, value]) => el("div", {}, el("dt", { text: term }), el("dd", {}, value))));
}

/** A titled block of text as it is, which can be scrolled by keyboard. */
export function block(title, text) {
  return el("section", { class: "block" }, el("h3", { text: title }), el("pre", { tabindex: "0", role: "group", "aria-label": title, text }));
}

/** A labelled field. */
export function field(label, input, more = "") {
  return el("label", { class: `field ${more}` }, el("span", { text: label }), input);
}

/** A part that is scrolled sideways where it is too wide. */
export function scrolling(name, ...children) {
  return el("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": name }, ...children);
}
