// Events a minute by format, as stacked columns of ten minutes or an hour; readable by pointer, arrow keys and table.

import { el, fill, say, scrolling, svg } from "./dom.js";
import { brief, dated, minute, rate } from "./words.js";

const HEIGHT = 200;
const COLUMN = 10;
const MOST = 6;

/** Return the most frequent formats, and the others as one series; numbers are events a minute. */
export function series(stats) {
  const { formats, seconds, begins_at } = stats.rate;
  const begin = Date.parse(begins_at);
  const running = Math.max(60, (Date.parse(stats.now) - begin) / 1000 % seconds);
  const minutes = (at, length) => (at === length - 1 ? running : seconds) / 60;
  const sum = (values) => values.reduce((total, value) => total + value, 0);
  const ranked = Object.entries(formats).map(([name, values]) => ({ name, values, total: sum(values) })).sort((a, b) => b.total - a.total);
  const shown = ranked.length > MOST + 1 ? ranked.slice(0, MOST) : ranked;
  const others = ranked.slice(shown.length);
  if (others.length) {
    const values = others[0].values.map((_, at) => sum(others.map((each) => each.values[at])));
    shown.push({ name: `${others.length} others`, values, total: sum(values), isRest: true });
  }
  const length = shown[0]?.values.length ?? 0;
  for (const each of shown) each.rates = each.values.map((value, at) => value / minutes(at, length));
  return { shown, length, seconds, time: (at) => begin + at * seconds * 1000 };
}

/** Return the events a minute over the last one or two columns. */
export function present(stats) {
  const { formats, seconds, begins_at } = stats.rate;
  const running = (Date.parse(stats.now) - Date.parse(begins_at)) / 1000 % seconds;
  const last = Object.values(formats).reduce((total, values) => total + values.at(-1) + values.at(-2), 0);
  return last / ((seconds + running) / 60);
}

export class Chart {
  constructor() {
    this.columns = svg("g");
    this.mark = svg("rect", { class: "mark", y: "0", width: String(COLUMN), height: String(HEIGHT), visibility: "hidden" });
    this.picture = svg("svg", { preserveAspectRatio: "none", "aria-hidden": "true" }, this.columns, this.mark);
    this.lines = el("div", { class: "gridlines", "aria-hidden": "true" });
    this.hours = el("div", { class: "hours", "aria-hidden": "true" });
    this.plot = el("div", {
      class: "plot", tabindex: "0", role: "slider", "aria-label": "Events a minute, by time; use the arrow keys",
      on: {
        pointermove: (event) => this.point(event), pointerdown: (event) => this.point(event), pointerleave: () => this.pick(null),
        keydown: (event) => this.key(event), blur: () => this.pick(null),
      },
    }, this.lines, this.picture);
    this.readout = el("p", { class: "readout", "aria-hidden": "true" });
    this.legend = el("ul", { class: "legend" });
    this.table = scrolling("Events by time");
    this.empty = el("p", { class: "quiet" });
    this.full = el("div", {}, this.readout, this.plot, this.hours, this.legend,
      el("details", {}, el("summary", { text: "As a table" }), this.table));
    this.node = el("div", { class: "chart" }, this.empty, this.full);
    this.at = null;
  }

  update(stats, range) {
    this.data = series(stats);
    say(this.empty, `Nothing in the ${range}.`);
    const { shown, length, time } = this.data;
    this.empty.hidden = length > 0;
    this.full.hidden = length === 0;
    const totals = Array.from({ length }, (_, at) => shown.reduce((total, each) => total + each.rates[at], 0));
    this.top = nice(Math.max(1, ...totals));
    this.picture.setAttribute("viewBox", `0 0 ${Math.max(1, length) * COLUMN} ${HEIGHT}`);
    const base = new Array(length).fill(0);
    fill(this.columns, shown.map((each, number) => svg("path", { class: colour(each, number), d: this.path(each.rates, base) })));
    this.axes(length, time);
    fill(this.legend, shown.map((each, number) => el("li", {}, el("i", { class: `swatch ${colour(each, number)}` }),
      el("span", { text: each.name }), el("b", { text: brief(each.total) }))));
    this.plot.setAttribute("aria-valuemin", "0");
    this.plot.setAttribute("aria-valuemax", String(Math.max(0, length - 1)));
    this.rows();
    this.pick(this.at);
  }

  /** Draw the columns of a format on top of `base`, and add them to it. */
  path(rates, base) {
    const y = (value) => (HEIGHT * (1 - value / this.top)).toFixed(1);
    return rates.map((value, at) => {
      const from = base[at];
      base[at] += value;
      return value ? `M${at * COLUMN + 1} ${y(from)}V${y(base[at])}h${COLUMN - 2}V${y(from)}z` : "";
    }).join("");
  }

  axes(length, time) {
    fill(this.lines, [1, 0.5].map((part) => {
      const line = el("span", { text: brief(this.top * part) });
      line.style.top = `${100 * (1 - part)}%`;
      return line;
    }));
    const days = length * this.data.seconds / 86400;
    const narrow = this.plot.clientWidth < 500;
    const step = days > 1.1 ? (narrow && days > 4 ? 48 : 24) : narrow ? 8 : 4;
    const labels = [];
    for (let at = 0; at < length; at += 1) {
      const when = new Date(time(at));
      if (when.getMinutes() !== 0 || (step < 24 ? when.getHours() % step !== 0 : when.getHours() || when.getDate() * 24 % step !== 0) || at > length * 0.97) continue;
      const label = el("span", { text: step < 24 ? minute(when) : dated(when) });
      label.style.left = `clamp(1.7em, ${100 * at / length}%, 100% - 1.7em)`; // Half of its width: it is never cut.
      labels.push(label);
    }
    fill(this.hours, labels);
  }

  rows() {
    const { shown, length, seconds, time } = this.data;
    const head = el("tr", {}, el("th", { scope: "col", text: "From" }), shown.map((each) => el("th", { scope: "col", text: each.name })));
    const hours = [];
    for (let at = 0; at < length; at += 6) {
      const cells = shown.map((each) => el("td", { text: brief(each.values.slice(at, at + 6).reduce((a, b) => a + b, 0)) }));
      hours.push(el("tr", {}, el("th", { scope: "row", text: this.when(time(at)) }), cells));
    }
    fill(this.table, el("table", { class: "numbers" }, el("caption", { text: seconds < 3600 ? "Events per hour" : "Events per 6 hours" }), el("thead", {}, head), el("tbody", {}, hours)));
  }

  point(event) {
    const box = this.plot.getBoundingClientRect();
    this.pick(Math.floor((event.clientX - box.left) / box.width * this.data.length));
  }

  key(event) {
    const last = this.data.length - 1;
    const from = this.at ?? last;
    const to = { ArrowLeft: from - 1, ArrowRight: from + 1, PageUp: from + 6, PageDown: from - 6, Home: 0, End: last }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    this.pick(this.at === null ? last : to);
  }

  /** Show the numbers of a column; none if `at` is null. */
  pick(at) {
    const { shown, length, time } = this.data;
    this.at = at === null || !length ? null : Math.min(length - 1, Math.max(0, at));
    this.mark.setAttribute("visibility", this.at === null ? "hidden" : "visible");
    const words = this.at === null ? "" : this.words(shown, time);
    say(this.readout, words || "\u00a0");
    this.plot.setAttribute("aria-valuenow", String(this.at ?? length - 1));
    this.plot.setAttribute("aria-valuetext", words || "No time selected");
    if (this.at !== null) this.mark.setAttribute("x", String(this.at * COLUMN));
  }

  when(time) {
    return this.data.seconds < 3600 ? minute(time) : `${dated(time)}, ${minute(time)}`;
  }

  words(shown, time) {
    const parts = shown.filter((each) => each.rates[this.at] > 0).map((each) => `${each.name} ${rate(each.rates[this.at])}`);
    return `${this.when(time(this.at))}: ${parts.join(", ") || "nothing"}${parts.length ? " a minute" : ""}`;
  }
}

const colour = (each, number) => (each.isRest ? "rest" : `s${number}`);

/** Round up to 1, 2, 4, 5, 10, 20, … */
function nice(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 5, 10].find((step) => step * power >= value) * power;
}
