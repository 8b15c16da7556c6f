// The REST API: requests below the page's own address, with the token of this tab where the deployment asks for one.

const BASE = new URL(document.baseURI);
const KEPT = `slips-token:${BASE.pathname}`;

/** What the API, or the way to it, refused. `status` is 0 where nothing answered. */
export class Refused extends Error {
  constructor(status, code, message) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

/** Called when a token is needed; `again` says that the last one was wrong. It gives a new one, or null. */
let asksForToken = async () => null;
let asking = null;

export function onToken(ask) {
  asksForToken = ask;
}

export const keepToken = (token) => sessionStorage.setItem(KEPT, token);

/** GET with parameters; empty ones are left out. */
export function get(path, query = {}) {
  const given = Object.entries(query).filter(([, value]) => value !== "" && value !== null && value !== undefined);
  return ask("GET", `${path}${given.length ? `?${new URLSearchParams(given)}` : ""}`);
}

export const post = (path, body) => ask("POST", path, body);

export const remove = (path) => ask("DELETE", path);

export const errorPath = (id) => `errors/${encodeURIComponent(id)}`;

async function ask(method, path, body) {
  for (;;) {
    const token = sessionStorage.getItem(KEPT);
    const answer = await send(method, path, body, token);
    if (answer.status !== 401) return await read(answer);
    // Several requests at once ask for one token; one that was kept meanwhile is tried before.
    if (sessionStorage.getItem(KEPT) !== token) continue;
    asking = asking ?? asksForToken(Boolean(token)).finally(() => { asking = null; });
    const given = await asking;
    if (given === null) throw new Refused(401, "UnauthorizedError", "Without the token nothing can be shown.");
    keepToken(given);
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
    throw new Refused(0, "", "The API does not answer.");
  }
}

async function read(answer) {
  const said = await answer.json().catch(() => ({}));
  if (answer.ok) return said;
  if (answer.status === 403 && !said.Code) {
    throw new Refused(403, "", "This deployment takes signed requests only (api.auth: iam). On your machine, `slips console` signs them and shows this page.");
  }
  throw new Refused(answer.status, said.Code ?? "", said.Message ?? said.message ?? `The API answered ${answer.status}.`);
}
