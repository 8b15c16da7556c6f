// The filters of the error items: a form, and the query that it stands for. Both live in the address of the page.

import { el, field, say } from "./dom.js";
import { line } from "./words.js";

const STATES = ["", "open", "waiting", "draining", "parked", "gone", "superseded"];
const STAGES = ["", "dispatch", "route", "read", "parse", "process", "crash"];
const SPANS = [["", "any time"], ["3600", "last hour"], ["86400", "last 24 hours"], ["604800", "last 7 days"], ["own", "from … to"]];
const ORDERS = [["", "newest first"], ["oldest", "oldest first"]];
const API = ["text", "bucket", "prefix", "format", "processor", "fingerprint", "state", "stage", "since", "until", "order"];
const LABELS = { text: "text", prefix: "key", processor: "function", fingerprint: "cause" };
const MORE = ["bucket", "prefix", "format", "fingerprint", "stage"];

/** Read the filters from the address. */
export function chosen(params) {
  const values = Object.fromEntries([...params].filter(([name, value]) => value && [...API, "span"].includes(name)));
  const named = Object.entries(values).filter(([name]) => name !== "order");
  return {
    values,
    isAny: named.length > 0,
    words: named.map(([name, value]) => (name === "span" ? words(SPANS, value) : `${LABELS[name] ?? name} ${line(value, 60)}`)).join(", "),
    /** The parameters of the API. A span of time begins so long before now. */
    query() {
      const { span, ...query } = values;
      if (span && Number(span)) query.since = new Date(Date.now() - Number(span) * 1000).toISOString();
      return query;
    },
  };
}

const words = (pairs, value) => pairs.find(([known]) => known === value)?.[1] ?? value;

/** Make the form; `facts` are of the deployment, and may be missing. */
export function filterForm({ values, isAny }, facts) {
  const text = (name, label, more = {}) => field(label, el("input", { type: "text", name, value: values[name] ?? "", maxlength: "1024", spellcheck: "false", ...more }));
  const select = (name, label, pairs, value = values[name] ?? "") => field(label, el("select", { name },
    pairs.map(([each, words]) => el("option", { value: each, selected: each === value, text: words }))));
  const plain = (names) => names.map((each) => [each, each || "any"]);
  const times = ["since", "until"].map((name) => field(name === "since" ? "From" : "To",
    el("input", { type: "datetime-local", step: "1", name, value: local(values[name]) })));
  const own = el("div", { class: "own-times", hidden: true }, times);
  const span = select("span", "Failed", SPANS, values.since || values.until ? "own" : values.span);
  const mapping = mappingField(values, facts);
  const note = el("p", { class: "quiet small", role: "status" });
  const functions = list("known-functions", facts?.functions ?? []);
  const form = el("form", { class: "filter-form", "aria-label": "Filter", on: { submit: (event) => {
    event.preventDefault();
    go(new FormData(form), note);
  } } },
    el("div", { class: "filters" },
      text("text", "In message or key", { placeholder: "case matters" }), mapping,
      text("processor", "Function", { list: "known-functions", autocomplete: "off" }), select("state", "State", plain(STATES)), span, select("order", "Order", ORDERS),
      el("p", { class: "buttons" }, el("button", { type: "submit", class: "main", text: "Filter" }), isAny && el("a", { class: "button", href: "#/errors", text: "Clear" }))),
    own,
    el("details", { class: "more-filters", open: MORE.some((name) => values[name]) }, el("summary", { text: "More filters" }),
      el("div", { class: "filters" }, text("bucket", "Bucket"), text("prefix", "Key begins with"),
        text("format", "Format", { list: "known-formats", autocomplete: "off" }), text("fingerprint", "Cause"), select("stage", "Stage", plain(STAGES)))),
    functions, list("known-formats", facts?.formats ?? []), note);
  const choose = form.querySelector("[name=span]");
  const showTimes = () => { own.hidden = choose.value !== "own"; };
  choose.addEventListener("change", showTimes);
  showTimes();
  linkMapping(form);
  return form;
}

function go(data, note) {
  const conditions = [...data].filter(([name, value]) => value && name !== "mapping" && !(name === "span" && value === "own"));
  const query = new URLSearchParams();
  for (const [name, value] of conditions) {
    const isTime = name === "since" || name === "until";
    if (isTime && data.get("span") !== "own") continue;
    query.set(name, isTime ? new Date(value).toISOString() : value);
  }
  if (data.get("span") === "own" && !query.has("since") && !query.has("until")) {
    say(note, "Enter when it begins, or when it ends.");
    return;
  }
  location.hash = query.size ? `#/errors?${query}` : "#/errors";
}

/** A mapping of slips.yml is a bucket and a prefix: to choose one sets both. */
function mappingField(values, facts) {
  const pairs = (facts?.sources ?? []).map(({ bucket, prefix, suffix, match }) => [JSON.stringify([bucket, prefix]), `${bucket}/${prefix}${suffix || match ? ` (all, not only ${suffix || match})` : ""}`]);
  const value = JSON.stringify([values.bucket ?? "", values.prefix ?? ""]);
  return field("Mapping", el("select", { name: "mapping" }, el("option", { value: "", text: "any" }),
    pairs.map(([each, words]) => el("option", { value: each, selected: each === value, text: words }))));
}

function linkMapping(form) {
  form.querySelector("[name=mapping]").addEventListener("change", (event) => {
    const [bucket, prefix] = event.target.value ? JSON.parse(event.target.value) : ["", ""];
    form.querySelector("[name=bucket]").value = bucket;
    form.querySelector("[name=prefix]").value = prefix;
  });
}

const list = (id, values) => el("datalist", { id }, values.map((value) => el("option", { value })));

/** The time as an input wants it: local, without a zone. */
function local(time) {
  const parsed = new Date(time ?? "");
  if (Number.isNaN(parsed.getTime())) return "";
  return new Date(parsed - parsed.getTimezoneOffset() * 60000).toISOString().slice(0, 19);
}
