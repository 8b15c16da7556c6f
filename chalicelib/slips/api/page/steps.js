// What to do next about an item, as commands to copy.

import { deployment } from "./deployment.js";
import { copyButton, el, fill } from "./dom.js";
import { quoted, visible } from "./words.js";

/** Make the block of commands for an item. */
export function nextSteps(item) {
  const body = el("div");
  const show = (options) => fill(body, steps(item, options).map(([what, command]) => el("div", { class: "step" },
    el("span", { class: "quiet", text: what }), el("code", { tabindex: "0", text: command }), copyButton(command))));
  show("");
  deployment().then((facts) => show(facts.options), () => {});
  return el("section", { class: "block steps" }, el("h3", { text: "Next steps" }), body);
}

function steps(item, options) {
  const id = quoted(item.request_id);
  const at = options ? ` ${options}` : "";
  const object = item.object_key && quoted(`s3://${item.bucket_name}/${item.object_key}`);
  return [
    item.argument.length && ["Run it again here, and stop where it fails", `slips local${at} -r ${id} --pdb`],
    item.argument.length && ["Write the failed records and a test", `slips capture${at} ${id}`],
    object && ["See how the object is read", `slips explain${at} ${object}`],
    ["Find what was logged (CloudWatch Logs Insights)", logQuery(item)],
  ].filter(Boolean);
}

/** Log lines name the invocation, and the work. */
function logQuery(item) {
  const [work] = item.argument;
  const what = item.invocation ? `function_request_id = ${JSON.stringify(item.invocation)}`
    : work?.work_id ? `work_id = ${JSON.stringify(work.work_id)}` : `@message like ${JSON.stringify(visible(item.request_id))}`;
  return `fields @timestamp, level, message | filter ${what} | sort @timestamp`;
}
