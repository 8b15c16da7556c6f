// What the page knows of the deployment: its name, its mappings, and what it counts. From the last numbers that were read.

import { get } from "./api.js";
import { say } from "./dom.js";

let known = null;
let loading = null;
let title = "";

/** Read the numbers; a caller that needs only facts may get those of the last time. */
export async function readStats(query = {}) {
  const stats = await get("stats", query);
  known = stats;
  say(document.getElementById("stack"), stats.stack);
  setTitle(title);
  return stats;
}

/** The mappings, functions and formats, and where commands find the deployment. */
export async function deployment() {
  if (!known) {
    loading = loading ?? readStats().finally(() => { loading = null; });
    await loading;
  }
  const { causes } = known.errors;
  const unique = (values) => [...new Set(values)].filter((value) => value && value !== "unknown").sort();
  return {
    sources: known.sources,
    functions: unique(causes.map((cause) => cause.processor)),
    formats: unique([...causes.map((cause) => cause.format), ...Object.keys(known.rate.formats)]),
    options: known.options ?? "",
  };
}

/** Name the tab: what is shown, and of which deployment. */
export function setTitle(page) {
  title = page;
  document.title = `${page} – SLIPS${known ? ` ${known.stack}` : ""}`;
}
