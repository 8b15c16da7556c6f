// Numbers, times and untrusted text for people to read.

const whole = new Intl.NumberFormat("en-US");
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });
const UNITS = [["day", 86400], ["h", 3600], ["min", 60], ["s", 1]];

/** 12,345 */
export const number = (value) => whole.format(value);

/** 12.3K */
export const brief = (value) => (value < 10000 ? whole.format(value) : short.format(value));

/** "1 item", "2 items" */
export const count = (value, one, many = `${one}s`) => `${number(value)} ${value === 1 ? one : many}`;

/** 3.4 MB */
export function bytes(value) {
  if (value === null || value === undefined) return "";
  const at = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3));
  return `${at ? (value / 1000 ** at).toFixed(1) : value} ${["B", "kB", "MB", "GB", "TB"][at]}`;
}

/** A rate; below 10 with one decimal. */
export const rate = (value) => (value > 0 && value < 10 ? value.toFixed(1) : brief(Math.round(value)));

/** "0.4 s", "12 min" */
export function duration(seconds) {
  if (seconds < 10) return `${Math.max(0, seconds).toFixed(1)} s`;
  const [unit, size] = UNITS.find(([, each]) => seconds >= each);
  const value = Math.floor(seconds / size);
  return unit === "day" ? count(value, "day") : `${value} ${unit}`;
}

/** "12 s ago"; both are ISO 8601 or milliseconds, but the class-based SLIPS may not have recorded the time. */
export function ago(time, now) {
  const seconds = (new Date(now) - new Date(time)) / 1000;
  if (Number.isNaN(seconds)) return "at an unknown time";
  return seconds < 5 ? "just now" : `${duration(Math.max(10, seconds))} ago`;
}

/** "in 40 s"; `at` in seconds since the epoch, `now` ISO 8601 or milliseconds. */
export function until(at, now) {
  const seconds = at - new Date(now) / 1000;
  return seconds < 5 ? "any moment" : `in ${duration(Math.max(10, seconds))}`;
}

const DAY = { day: "2-digit", month: "short" };
const TIME = { hour: "2-digit", minute: "2-digit", second: "2-digit" };

/** Local time: "25 Nov, 20:15:03", with the year if it is another one. */
export function clock(time) {
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) return time;
  const year = parsed.getFullYear() === new Date().getFullYear() ? {} : { year: "numeric" };
  return parsed.toLocaleString("en-GB", { ...DAY, ...year, ...TIME });
}

/** The name of the local zone at that time: "CET". */
export function zone(time = Date.now()) {
  const parsed = new Date(time);
  if (Number.isNaN(parsed.getTime())) return "";
  return new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(parsed).find((part) => part.type === "timeZoneName").value;
}

/** "25 Nov, 20:15:03 CET" */
export const zoned = (time) => `${clock(time)} ${zone(time)}`.trim();

/** "20:15" */
export const minute = (time) => new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });

/** "25 Nov" */
export const dated = (time) => new Date(time).toLocaleDateString("en-GB", DAY);

// Invisible characters, and those that reverse the direction, could make a log line look like another.
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** Make the hidden characters of a text visible. */
export function visible(value) {
  return String(value).replace(/\r\n/g, "\n").replace(HIDDEN, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return `\u27e8U+${code.toString(16).toUpperCase().padStart(4, "0")}\u27e9`;
  });
}

/** Cut a text to one line of at most `most` characters. */
export function line(value, most = 300) {
  const text = visible(value).replace(/\s+/g, " ").trim();
  return text.length > most ? `${text.slice(0, most)}…` : text;
}

/** Where it failed: "process · watch_logins · g-suite-login". */
export const where = (item) => [item.stage, item.processor, item.format].filter((part) => part && part !== "unknown").join(" · ");

/** Cut a path into two parts: the end, which tells most and is never cut, and what may be cut in front of it. */
export function cutPath(path) {
  const characters = [...visible(path)];
  const at = Math.max(0, characters.length - 30);
  return [characters.slice(0, at).join(""), characters.slice(at).join("")];
}

/** The address of an object; the id of an item that has none. */
export const objectName = (item) => (item.object_key ? `s3://${item.bucket_name}/${item.object_key}` : item.request_id);

const PLAIN = /^[\w@%+=:,./-]+$/;
const UNSEEN = /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

/** Quote a text for bash and zsh. What cannot be seen is escaped: a key holds whatever its writer wanted. */
export function quoted(text) {
  if (PLAIN.test(text)) return text;
  if (!UNSEEN.test(text)) return `'${text.replaceAll("'", "'\\''")}'`;
  const escape = (character) => [...new TextEncoder().encode(character)].map((byte) => `\\x${byte.toString(16).padStart(2, "0")}`).join("");
  return `$'${[...text].map((character) => (UNSEEN.test(character) ? escape(character) : character.replace(/[\\']/, "\\$&"))).join("")}'`;
}
