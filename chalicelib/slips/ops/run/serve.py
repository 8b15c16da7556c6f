"""The REST API on Chalice's own local server."""

from __future__ import annotations

import json
import sys
import threading
import warnings
from collections.abc import Callable
from typing import Any

from chalice.app import Chalice
from chalice.config import Config
from chalice.local import ChaliceRequestHandler, LocalChalice, LocalGateway, ThreadedHTTPServer

from ...api.loopback import Refusal, find_refusal

App = Callable[[], Chalice]

MOST_BYTES = 10 * 1024 * 1024
"""The longest body that API Gateway takes (Amazon API Gateway Developer Guide, quotas for REST APIs)."""


class ApiServer:
    """A server of the routes of an app. It calls `app` at every request, so that an edit serves the next one."""

    def __init__(self, app: App, port: int) -> None:
        # Chalice's local server ignores IAM authorizers, and says so at every start.
        warnings.filterwarnings("ignore", message="IAMAuthorizer is not a supported")
        try:
            self._server = _Server(app, port)
        except OSError:
            self._server = _Server(app, 0)
        self.port = int(self._server.server_address[1])
        self.moved = port not in (0, self.port)
        """Whether the requested port was taken."""
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, name="slips-api", daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """The address."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Stop serving."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


class _Server(ThreadedHTTPServer):
    # A browser keeps its connection open; its thread must not delay the end.
    daemon_threads = True

    def __init__(self, app: App, port: int) -> None:
        self._app = app
        self._lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore closed connections: browsers close them as they like."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def present(self) -> tuple[Chalice, Config]:
        """Return the app as `chalice local` makes it, with a current request per thread."""
        app = self._app()
        with self._lock:
            if not isinstance(app, LocalChalice):
                app.__class__ = type("ServedChalice", (LocalChalice, type(app)), {})
        return app, Config(config_from_disk={"app_name": app.app_name}, user_provided_params={"chalice_app": app})


class _Handler(ChaliceRequestHandler):
    def __init__(self, request: Any, client_address: tuple[str, int], server: _Server) -> None:
        self._server = server
        super().__init__(request, client_address, server, *server.present())

    def __getattr__(self, name: str) -> Any:
        """Refuse methods that Chalice does not know (TRACE, QUERY) like those that a route does not take."""
        if name.startswith("do_"):
            return self.do_PUT
        raise AttributeError(name)

    def parse_request(self) -> bool:
        """Parse each request of a connection with the current app."""
        self.local_gateway = LocalGateway(*self._server.present())
        if not super().parse_request():
            return False
        refusal = find_refusal(self.headers, MOST_BYTES)
        if refusal is not None:
            self._refuse(refusal)
        return refusal is None

    def _refuse(self, refusal: Refusal) -> None:
        self.close_connection = True  # The body was not read.
        body = json.dumps({"Code": refusal.code, "Message": refusal.message}).encode()
        self.send_response(refusal.status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Print no line per request."""
