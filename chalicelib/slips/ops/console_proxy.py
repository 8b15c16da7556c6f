"""The console on this machine, for a deployment that takes signed requests: the page from here, and each request of the
page signed with the caller's credentials and sent on.

It listens on the loopback alone, and answers only who knows its key: other users of this machine do not, and a page of
elsewhere in the same browser does not either.
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
from ..api.parameters import BODY_BYTES
from ..api.routes import ROUTES
from ..errors import NotFound

SECONDS = 35
"""API Gateway hangs up after 29."""
KNOWN = {route.path.split("/")[1] for route in ROUTES if not route.public}
LOOPBACK = "127.0.0.1"

Send = Callable[[str, str, bytes], tuple[int, bytes]]
"""From method, path with query, and body to status and body of the answer."""


class ConsoleServer:
    """Serves the console; what its page asks goes through `send`."""

    def __init__(self, send: Send, port: int = 0) -> None:
        self.key = token_urlsafe(24)
        self._server = _Server(self.key, send, port)
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="slips-console", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it is, with the key: in the fragment, which a browser sends nowhere."""
        return f"http://{LOOPBACK}:{self._server.server_address[1]}/#token={self.key}"

    def stop(self) -> None:
        """End."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True  # A browser keeps its connection open; its thread must not hold up the end.

    def __init__(self, key: str, send: Send, port: int) -> None:
        self.key = key
        self.send = send
        super().__init__((LOOPBACK, port), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"
    timeout = SECONDS

    def do_GET(self) -> None:
        """The page, its files, or a request to send on."""
        path = urlsplit(self.path).path
        if not self._is_ours():
            self._refuse(403, "ForbiddenError", f"ask http://{LOOPBACK}:{self.server.server_address[1]}")
        elif path == "/" or path.startswith("/console/"):
            self._file(path.removeprefix("/").removeprefix("console/"))
        else:
            self._send_on()

    do_POST = do_DELETE = do_GET

    def _is_ours(self) -> bool:
        """Whether the request names us as a browser does that was not led here by another name."""
        port = self.server.server_address[1]
        return self.headers.get("Host", "") in (f"{LOOPBACK}:{port}", f"localhost:{port}")

    def _file(self, name: str) -> None:
        try:
            found = console.read_asset(name) if name else console.render_page("/")
        except NotFound as fault:
            self._refuse(404, "NotFoundError", str(fault))
        else:
            self._answer(200, str(found.body).encode(), found.headers)

    def _send_on(self) -> None:
        length = self.headers.get("Content-Length", "0")
        scheme, _, given = self.headers.get("Authorization", "").partition(" ")
        if scheme != "Bearer" or not hmac.compare_digest(given.encode(), self.server.key.encode()):
            self._refuse(401, "UnauthorizedError", "open the address that `slips console` has printed")
        elif "Transfer-Encoding" in self.headers:  # Sent on without its body, it would ask for something else.
            self._refuse(411, "LengthRequiredError", "a body in chunks is not read here; send it with a Content-Length")
        elif not length.isdigit() or int(length) > BODY_BYTES:
            self._refuse(400, "BadRequestError", f"the body is longer than {BODY_BYTES} bytes")
        elif urlsplit(self.path).path.split("/")[1] not in KNOWN or "/.." in self.path:
            self._refuse(404, "NotFoundError", "the API has no such route")
        else:
            self._answer(*self.server.send(self.command, self.path, self.rfile.read(int(length))), {})

    def _refuse(self, status: int, code: str, message: str) -> None:
        self.close_connection = True  # A body, if there is one, was not read.
        self._answer(status, json.dumps({"Code": code, "Message": message}).encode(), {})

    def _answer(self, status: int, body: bytes, headers: Any) -> None:
        self.send_response(status)
        for name, value in ({"Content-Type": "application/json", "Cache-Control": "no-store"} | headers).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """No line on the terminal for every request."""


def signer(url: str, session: Any) -> Send:
    """Sends requests below `url`, signed (Signature Version 4) with the credentials of a botocore session."""
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
            # Asked for each time: credentials of a role are renewed meanwhile.
            SigV4Auth(session.get_credentials().get_frozen_credentials(), "execute-api", region).add_auth(request)
            answer = http.send(request.prepare())
        except (BotoCoreError, HTTPClientError) as fault:
            return 503, _error_body("ServiceUnavailableError", f"{url} cannot be asked: {fault}")
        return answer.status_code, _with_advice(answer.status_code, answer.content)

    return send


def _canonical(path: str) -> str:
    """The query as it is signed: a blank is `%20`, never `+`."""
    parts = urlsplit(path)
    query = urlencode(parse_qsl(parts.query, keep_blank_values=True), quote_via=quote, safe="-_.~")
    return f"{parts.path}?{query}" if query else parts.path


def _with_advice(status: int, body: bytes) -> bytes:
    """API Gateway's own refusal, with what to do."""
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
    """The region that an address of API Gateway names; empty for a domain of one's own."""
    labels = (urlsplit(url).hostname or "").split(".")
    return labels[2] if len(labels) > 3 and labels[1] == "execute-api" else ""
