// The REST API: requests below the page's own address, with the token of this tab if the deployment needs one.

const BASE = new URL(document.baseURI);
const TOKEN_KEY = `slips-token:${BASE.pathname}`;

/** A failed request. `status` is 0 if the API did not answer. */
export class RequestError extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Called when a token is needed; its argument says whether the last one was wrong. Returns a token, or null. */
let requestToken = async () => null;
let pendingToken = null;

export function onToken(ask) {
  requestToken = ask;
}

export const keepToken = (token) => sessionStorage.setItem(TOKEN_KEY, token);

let ahead = 0;

/** The time as the API's server sees it, in milliseconds: the clock of this machine may be wrong. */
export const serverNow = () => Date.now() + ahead;

function noteDate(answer) {
  const date = Date.parse(answer.headers.get("date"));
  // The header has no fractions.
  if (!Number.isNaN(date)) ahead = Math.abs(date - Date.now()) < 2000 ? 0 : date - Date.now();
}

/** GET with parameters; empty ones are left out. */
export function get(path, query = {}) {
  const parameters = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return ask("GET", `${path}${parameters.length ? `?${new URLSearchParams(parameters)}` : ""}`);
}

export const post = (path, body) => ask("POST", path, body);

export const errorPath = (id) => `errors/${encodeURIComponent(id)}`;

async function ask(method, path, body) {
  for (;;) {
    const token = sessionStorage.getItem(TOKEN_KEY);
    const answer = await send(method, path, body, token);
    noteDate(answer);
    if (answer.status !== 401) return await read(answer);
    // Concurrent requests share one question, and try a token that was entered in the meantime first.
    if (sessionStorage.getItem(TOKEN_KEY) !== token) continue;
    pendingToken = pendingToken ?? requestToken(Boolean(token)).finally(() => { pendingToken = null; });
    const entered = await pendingToken;
    if (entered === null) throw new RequestError(401, "UnauthorizedError", "Without the token, there is nothing to show.");
    keepToken(entered);
  }
}

async function send(method, path, body, token) {
  const headers = {};
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body) headers["Content-Type"] = "application/json";
  try {
    return await fetch(new URL(path, BASE), {
      method, headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit", redirect: "error",
    });
  } catch {
    throw new RequestError(0, "", "The API does not answer.");
  }
}

async function read(answer) {
  const body = await answer.json().catch(() => ({}));
  if (answer.ok) return body;
  if (answer.status === 403 && !body.Code) {
    throw new RequestError(403, "", "This deployment accepts only signed requests (api.auth: iam). On your machine, `slips console` signs them and shows this page.");
  }
  throw new RequestError(answer.status, body.Code ?? "", body.Message ?? body.message ?? `The API answered ${answer.status}.`);
}
