"""The emulated account's process: prints its URL, and serves until its stdin ends.

python -m tests.deployment.server
"""

from __future__ import annotations

import logging
import sys
from threading import RLock, Thread
from typing import Any

from moto.dynamodb.responses import DynamoHandler
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from werkzeug.serving import make_server

from .access import AccessControl
from .openapi import OpenApi3


def main() -> None:
    """Serve on a free port of the loopback."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request otherwise
    _make_conditional_writes_atomic()
    app = AccessControl(OpenApi3(DomainDispatcherApplication(create_backend_app)))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=MotoRequestHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


def _make_conditional_writes_atomic() -> None:
    """DynamoDB checks a condition and writes in one step; moto does so in two, in one thread a request."""
    lock, handler = RLock(), DynamoHandler.call_action

    def locked(self: DynamoHandler) -> Any:
        with lock:
            return handler(self)

    DynamoHandler.call_action = locked  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
