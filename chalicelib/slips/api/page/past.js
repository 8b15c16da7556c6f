// The past of a cause: when its items failed, whether it is new or came back, and whether somebody muted it.

import { serverNow } from "./api.js";
import { el, fill, svg } from "./dom.js";
import { ago, count, line, zoned } from "./words.js";

const HEIGHT = 20;
const NEW_SECONDS = 86400;

/** The hours of a cause as columns. Its words are for those who do not see them. */
export function sparkline() {
  const columns = svg("g");
  const node = svg("svg", { class: "spark", viewBox: `0 0 96 ${HEIGHT}`, preserveAspectRatio: "none", role: "img" }, columns);
  node.show = ({ hours }) => {
    const most = Math.max(1, ...hours);
    fill(columns, hours.map((value, at) => value > 0 && svg("rect", { x: String(at * 4), width: "3",
      y: String(HEIGHT - Math.max(2, HEIGHT * value / most)), height: String(Math.max(2, HEIGHT * value / most)) })));
    const sum = hours.reduce((all, value) => all + value, 0);
    node.setAttribute("aria-label", `${count(sum, "item")} failed in the last 24 hours, at most ${most} in an hour`);
  };
  return node;
}

export const isMuted = (cause) => cause.muted_until > serverNow() / 1000;

export const isNewSince = (cause, seconds) => Date.parse(cause.known_since) > serverNow() - seconds * 1000;

/** Make the marks of a cause. */
export function marks(cause) {
  const mark = (tone, text, title) => el("span", { class: "badge", "data-tone": tone, text, title });
  return [
    isNewSince(cause, NEW_SECONDS) && mark("bad", "new", `It failed first ${ago(cause.known_since, serverNow())}, at ${zoned(cause.known_since)}.`),
    cause.came_back && mark("warn", "came back", `All of it was drained or discarded at ${zoned(cause.resolved_at)}, and it has failed again since.`),
    isMuted(cause) && mark("quiet", `muted until ${zoned(cause.muted_until * 1000)}`, `${line(cause.muted_by)}: ${line(cause.mute_note)}`),
  ].filter(Boolean);
}
