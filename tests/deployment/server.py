"""The emulated account's process: prints its URL, and serves until its stdin ends.

python -m tests.deployment.server
"""

from __future__ import annotations

import logging
import sys
from threading import Thread

from moto.awslambda.models import LambdaBackend
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from slips.ops.run.embedded.moto_patches import patch_moto

from ..keep_alive import KeepAliveHandler
from . import cloudformation
from .access import AccessControl
from .openapi import OpenApi3


def main() -> None:
    """Serve on a free port of the loopback."""
    for noisy in ("werkzeug", "moto.cloudformation.parsing", "moto"):  # a line a request, or a resource, otherwise
        logging.getLogger(noisy).setLevel(logging.ERROR)
    patch_moto()
    cloudformation.patch_moto()
    _leave_functions_to_the_tests()
    moto = DomainDispatcherApplication(create_backend_app)
    app = AccessControl(OpenApi3(cloudformation.AccountSettings(moto)))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=KeepAliveHandler)
    Thread(target=server.serve_forever, daemon=True).start()
    print(f"http://127.0.0.1:{server.server_port}", flush=True)
    sys.stdin.read()


def _leave_functions_to_the_tests() -> None:
    """moto would run a function in Docker at each record of its stream, and knows deleted ones still."""
    LambdaBackend.send_kinesis_message = lambda *_, **__: None  # type: ignore[method-assign,assignment]


if __name__ == "__main__":
    main()
