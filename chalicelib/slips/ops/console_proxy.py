"""The console on this machine, for a deployment that takes signed requests: it serves the page, and signs each request
of the page with the caller's credentials and forwards it.

It listens only on the loopback, and answers only requests with its key, which neither other users of this machine nor
pages of other sites in the same browser know. A browser gets the key for a code that works once: an address with the
code may be seen afterwards, in the arguments of a process, on a screen, in a history.
"""

from __future__ import annotations

import hmac
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from ..api import console
from ..api.loopback import find_refusal, is_from_other_site, is_own_host
from ..api.parameters import BODY_BYTES
from ..api.routes import ROUTES
from ..errors import NotFound

SECONDS = 35
"""API Gateway hangs up after 29."""
KNOWN = {route.path.split("/")[1] for route in ROUTES if not route.public}
LOOPBACK = "127.0.0.1"
OPEN = "open/"
"""The path at which a code is exchanged for the key."""

Send = Callable[[str, str, bytes], tuple[int, bytes]]
"""From method, path with query, and body to status and body of the response."""


class ConsoleServer:
    """A server of the console; `send` gets the requests of its page."""

    def __init__(self, send: Send, port: int = 0) -> None:
        self._server = _Server(send, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="slips-console", daemon=True
        )
        self._thread.start()

    @property
    def key(self) -> str:
        """The key of the page. It belongs in no address that this process prints or passes on."""
        return self._server.key

    @property
    def url(self) -> str:
        """The address of the page, which shows nothing without the key."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/"

    def new_address(self) -> str:
        """Return an address that opens the console, once."""
        code = token_urlsafe(24)
        self._server.codes.add(code)
        return f"{self.url}{OPEN}{code}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # A browser keeps its connection open; its thread must not delay the end.

    def __init__(self, send: Send, port: int) -> None:
        self.key = token_urlsafe(24)
        self.codes: set[str] = set()
        self.send = send
        super().__init__((LOOPBACK, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def do_GET(self) -> None:
        """Serve the page and its files, and forward everything else."""
        path = urlsplit(self.path).path
        if refusal := find_refusal(self.headers, BODY_BYTES):
            self._refuse(*refusal)
            return
        # Whatever the path: what is not read would be the next request of this connection.
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        if not is_own_host(self.headers.get("Host", ""), self.server.server_address[1]):
            self._refuse(403, "ForbiddenError", f"ask http://{LOOPBACK}:{self.server.server_address[1]}")
        elif path.startswith(f"/{OPEN}"):
            self._exchange(path.removeprefix(f"/{OPEN}"))
        elif path == "/" or path.startswith("/console/"):
            self._file(path.removeprefix("/").removeprefix("console/"))
        else:
            self._forward(body)

    do_POST = do_DELETE = do_GET

    def _exchange(self, code: str) -> None:
        """Redirect to the page, with the key in the fragment, which a browser never sends."""
        try:
            self.server.codes.remove(code)  # At once, so that of two requests only one gets the key.
        except KeyError:
            advice = "this address works once, and was used; end `slips console` and call it again"
            self._refuse(403, "ForbiddenError", advice)
        else:
            self._answer(303, b"", {"Location": f"/#token={self.server.key}", "Referrer-Policy": "no-referrer"})

    def _file(self, name: str) -> None:
        try:
            response = console.read_asset(name) if name else console.render_page("/")
        except NotFound as fault:
            self._refuse(404, "NotFoundError", str(fault))
        else:
            self._answer(200, str(response.body).encode(), response.headers)

    def _forward(self, body: bytes) -> None:
        scheme, _, key = self.headers.get("Authorization", "").partition(" ")
        if is_from_other_site(self.headers):
            self._refuse(403, "ForbiddenError", "only the page of `slips console` may ask")
        elif scheme != "Bearer" or not hmac.compare_digest(key.encode(), self.server.key.encode()):
            self._refuse(401, "UnauthorizedError", "open the address that `slips console` printed")
        elif urlsplit(self.path).path.split("/")[1] not in KNOWN or "/.." in self.path:
            self._refuse(404, "NotFoundError", "the API has no such route")
        else:
            self._answer(*self.server.send(self.command, self.path, body), {})

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.close_connection = True
        self._answer(status, json.dumps({"Code": code, "Message": message}).encode(), {})

    def _answer(self, status: int, body: bytes, headers: Any) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Cache-Control": "no-store"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print no line per request."""


def signer(url: str, session: Any) -> Send:
    """Return a function that sends requests below `url`, signed with the session (Signature Version 4)."""
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.exceptions import BotoCoreError, HTTPClientError
    from botocore.httpsession import URLLib3Session

    http = URLLib3Session(timeout=SECONDS, max_pool_connections=8)
    region = region_of(url) or session.get_config_variable("region")

    def send(method: str, path: str, body: bytes) -> tuple[int, bytes]:
        headers = {"Content-Type": "application/json"} if body else {}
        request = AWSRequest(method=method, url=url.rstrip("/") + _canonical(path), data=body, headers=headers)
        try:
            # Each time, since the credentials of a role are renewed.
            SigV4Auth(session.get_credentials().get_frozen_credentials(), "execute-api", region).add_auth(request)
            answer = http.send(request.prepare())
        except (BotoCoreError, HTTPClientError) as fault:
            return 503, _error_body("ServiceUnavailableError", f"{url} cannot be reached: {fault}")
        return answer.status_code, _with_advice(answer.status_code, answer.content)

    return send


def _canonical(path: str) -> str:
    """Encode the query as signatures need it: a space is `%20`, never `+`."""
    parts = urlsplit(path)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True), quote_via=quote, safe="-_.~")
    return f"{parts.path}?{query}" if query else parts.path


def _with_advice(status: int, body: bytes) -> bytes:
    """Add advice to a refusal by API Gateway itself."""
    try:
        refusal = json.loads(body or b"{}")
    except ValueError:
        refusal = {}
    if status != 403 or "Code" in refusal:
        return body
    message = refusal.get("message") or refusal.get("Message") or "forbidden"
    return _error_body("ForbiddenError", f"these credentials may not call the API (execute-api:Invoke): {message}")


def _error_body(code: str, message: str) -> bytes:
    return json.dumps({"Code": code, "Message": message}).encode()


def region_of(url: str) -> str:
    """Return the region that an address of API Gateway names; empty for a custom domain."""
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[2] if len(labels) > 3 and labels[1] == "execute-api" else ""
