// The overview: whether events flow, whether they are late, and what fails.

import { CauseList } from "./cause_list.js";
import { Chart, present } from "./chart.js";
import { readStats, setTitle } from "./deployment.js";
import { el, fill, say, scrolling } from "./dom.js";
import { isMuted } from "./past.js";
import { WaitingList } from "./waiting.js";
import { ago, brief, bytes, count, duration, line, number, rate, until } from "./words.js";

const BEHIND = 60;
const SILENT = 15 * 60;
const LANE = ["Waited", "Last batch", "Objects", "Events", "Failed", "Read"];

const RANGES = [["6", "last 6 hours"], ["24", "last 24 hours"], ["72", "last 3 days"], ["168", "last 7 days"]];

export function overview(main, params) {
  const hours = RANGES.find(([known]) => known === params.get("hours"))?.[0] ?? "24";
  const words = RANGES.find(([known]) => known === hours)[1];
  const tiles = { flow: tile("Is it flowing?"), delay: tile("Is it behind?"), failing: tile("What is failing?") };
  const chart = new Chart();
  const lanes = el("tbody");
  const sources = el("tbody");
  const causes = new CauseList();
  const waiting = new WaitingList();
  const waits = panel("Waiting, and tried again by itself", waiting.table);
  main.append(
    el("h1", { class: "sr", text: "Overview" }),
    el("div", { class: "tiles" }, Object.values(tiles).map((each) => each.node)),
    panel(["Events a minute ", rangeField(hours)], chart.node),
    panel("Causes", ...causes.parts),
    waits,
    panel(`Lanes, ${words}`, scrolling("Lanes", el("table", { class: "lanes" },
      el("thead", {}, el("tr", {}, ["Lane", ...LANE].map((text) => el("th", { scope: "col", text })))),
      lanes))),
    panel("Sources", scrolling("Sources", el("table", { class: "sources" },
      el("thead", {}, el("tr", {}, ["Mapping", "Last object", "Usual gap", "State"].map((text) => el("th", { scope: "col", text })))),
      sources))),
  );
  return {
    title: "Overview",
    // A week is a thousand items of the table.
    seconds: Number(hours) > 24 ? 60 : 5,
    async refresh() {
      const stats = await readStats(hours === "24" ? {} : { hours });
      const audible = withoutMuted(stats.errors);
      const failed = audible.open + audible.parked;
      setTitle(`${failed ? `(${brief(failed)}) ` : ""}Overview`);
      const sums = totals(stats);
      flow(tiles.flow, stats, sums, words);
      delay(tiles.delay, stats);
      failing(tiles.failing, stats);
      causes.update(stats);
      waits.hidden = !waiting.update(stats);
      chart.update(stats, words);
      fill(lanes, Object.keys(stats.lanes).map((lane) => laneRow(lane, stats, sums[lane])), redriveRow(stats));
      fill(sources, stats.sources.map((source) => sourceRow(source, stats)));
    },
  };
}

function panel(title, ...children) {
  return el("section", { class: "panel" }, el("h2", {}, title), ...children);
}

function rangeField(hours) {
  const change = (event) => { location.hash = event.target.value === "24" ? "#/" : `#/?hours=${event.target.value}`; };
  return el("select", { class: "inline", "aria-label": "Time shown", on: { change } },
    RANGES.map(([value, text]) => el("option", { value, selected: value === hours, text })));
}

function tile(question) {
  const answer = el("p", { class: "answer" });
  const detail = el("p", { class: "quiet" });
  const node = el("section", { class: "tile" }, el("h2", { text: question }), answer, detail);
  return {
    node,
    show(tone, text, more) {
      node.dataset.tone = tone;
      say(answer, text);
      say(detail, more);
    },
  };
}

function totals(stats) {
  const none = () => ({ objects: 0, events: 0, quarantined: 0, bytes: 0 });
  const sums = { all: none(), ...Object.fromEntries(Object.keys(stats.lanes).map((lane) => [lane, none()])) };
  for (const hour of stats.hours) {
    for (const name of Object.keys(sums.all)) {
      sums.all[name] += hour[name];
      sums[hour.lane][name] += hour[name];
    }
  }
  return sums;
}

const measured = (stats) => Object.values(stats.lanes).filter(Boolean);
const since = (age, stats) => (Date.parse(stats.now) - Date.parse(age.ended_at)) / 1000;

function flow(tile, stats, { all }, words) {
  const ages = measured(stats);
  if (!ages.length) {
    tile.show("quiet", "No events yet", "Put an object into a mapped bucket; on your machine, a file into inbox/<bucket>/<key>.");
    return;
  }
  const last = ages.map((age) => age.ended_at).sort().at(-1);
  const silent = Math.min(...ages.map((age) => since(age, stats)));
  const now = present(stats);
  const missing = stats.sources.filter((source) => source.is_silent);
  if (missing.length) {
    tile.show("bad", `${count(missing.length, "source")} silent`,
      `Nothing from ${path(missing[0])} for ${duration(missing[0].silent_seconds)}. If it still writes, slips check --deployed shows why nothing arrives.`);
    return;
  }
  const text = silent > SILENT ? `Nothing for ${duration(silent)}` : `${rate(now)} events a minute`;
  tile.show(silent > SILENT ? "quiet" : "good", text,
    `${brief(all.events)} ${all.events === 1 ? "event" : "events"} of ${count(all.objects, "object")} in the ${words}; the last batch ended ${ago(last, stats.now)}.`);
}

function delay(tile, stats) {
  const lanes = Object.entries(stats.lanes).filter(([, age]) => age);
  if (!lanes.length) {
    tile.show("quiet", "No batch yet", "The wait in each lane appears after its first batch.");
    return;
  }
  const worst = Math.max(...lanes.map(([, age]) => age.waited_seconds));
  const words = lanes.map(([lane, age]) => `${lane} ${duration(age.waited_seconds)}`).join(", ");
  tile.show(worst > BEHIND ? "warn" : "good", worst > BEHIND ? `${duration(worst)} behind` : "On time",
    `The oldest work of the last batch waited: ${words}.`);
}

function failing(tile, { errors, redrive, redrive_seconds: age, now }) {
  if (redrive) {
    tile.show("bad", `${brief(redrive)} undelivered`,
      `About ${count(redrive, "notification")} reached neither dispatch nor report${age === null ? "" : `, the oldest ${duration(age)} ago`}. ` +
      "Find out why in their logs, then run slips redrive.");
    return;
  }
  const { open, parked, muted, causes } = withoutMuted(errors);
  const failed = open + parked + errors.draining;
  const least = errors.complete ? "" : "at least ";
  const waits = waitingText(errors, least, now);
  const hidden = muted ? ` ${count(muted, "item")} of muted causes ${muted === 1 ? "is" : "are"} not counted.` : "";
  if (!failed) {
    tile.show(waits || muted ? "quiet" : "good", waits ? "Waiting" : muted ? "Nothing new" : "Nothing", (waits + hidden).trim() || "The ErrorTable is empty.");
    return;
  }
  const states = [["open", open], ["parked", parked], ["draining", errors.draining]].filter(([, many]) => many);
  tile.show("bad", `${least}${count(failed, "item")}`,
    `Of ${count(causes, "cause")}: ${states.map(([state, many]) => `${number(many)} ${state}`).join(", ")}.` +
    (errors.expiring ? ` DynamoDB deletes ${least}${number(errors.expiring)} within 7 days.` : "") +
    (waits ? ` And ${waits}` : "") + hidden);
}

/** What is tried again by itself, and when the first of it; empty where nothing is. */
function waitingText(errors, least, now) {
  if (!errors.waiting) return "";
  const next = Math.min(...errors.causes.map((cause) => cause.retry_at).filter(Boolean));
  const waits = errors.waiting === 1 ? "waits, and is tried again by itself" : "wait, and are tried again by themselves";
  return `${least}${count(errors.waiting, "item")} ${waits}${Number.isFinite(next) ? `, the next ${until(next, now)}` : ""}.`;
}

/** What needs somebody, without the items of muted causes, which are `muted`. */
function withoutMuted(errors) {
  const muted = errors.causes.filter(isMuted);
  const sum = (value) => muted.reduce((all, cause) => all + value(cause), 0);
  const parked = sum((cause) => cause.parked);
  const open = sum((cause) => cause.count - cause.waiting - cause.draining - cause.parked);
  return { open: errors.open - open, parked: errors.parked - parked, muted: open + parked, causes: errors.causes.length - muted.length };
}

function laneRow(lane, stats, sums) {
  const age = stats.lanes[lane];
  const cells = [age ? duration(age.waited_seconds) : "–", age ? ago(age.ended_at, stats.now) : "none yet",
    number(sums.objects), number(sums.events), number(sums.quarantined), bytes(sums.bytes)];
  return el("tr", {}, el("th", { scope: "row", text: lane }), cells.map((text, at) => el("td", { text, "data-label": LANE[at] })));
}

/** How many notifications wait in the queue of what was not delivered, and for how long: CloudWatch may not know it. */
function redriveRow({ redrive, redrive_seconds: age }) {
  if (redrive === null) return null;
  const waits = `about ${count(redrive, "notification")} ${redrive === 1 ? "waits" : "wait"}`;
  const text = redrive ? `${waits}, ${age === null ? "age not known" : `the oldest for ${duration(age)}`}; run slips redrive` : "empty";
  return el("tr", {}, el("th", { scope: "row", text: "redrive queue" }), el("td", { colspan: String(LANE.length), text }));
}

function path({ bucket, prefix, suffix, match }) {
  return line(`s3://${bucket}/${prefix}${suffix && ` ending with ${suffix}`}${match && ` matching ${match}`}`);
}

function sourceRow(source, stats) {
  const usual = source.usual_gap_seconds;
  const cells = [source.last_at ? ago(source.last_at, stats.now) : "none yet", usual === null ? "–" : duration(usual), stateOf(source)];
  const labels = ["Last object", "Usual gap", "State"];
  const row = el("tr", {}, el("th", { scope: "row", text: path(source) }), cells.map((text, at) => el("td", { text, "data-label": labels[at] })));
  if (source.is_silent) row.dataset.tone = "bad";
  return row;
}

function stateOf(source) {
  if (source.is_silent) return `silent for ${duration(source.silent_seconds)}`;
  if (source.allowed_seconds !== null) return "as usual";
  return source.last_at ? "not judged" : "waiting for a first object";
}
