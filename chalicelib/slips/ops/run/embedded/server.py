"""The emulated AWS: moto, over HTTP, on a free port of the loopback."""

from __future__ import annotations

import logging
import os
import warnings
from typing import Any

from .... import aws
from .local_only import LocalOnly
from .moto_patches import patch_moto
from .region import Place

KEY = "embedded"


class EmbeddedAws:
    """A context in which every client of this process goes to the emulated AWS."""

    def __init__(self, place: Place | None = None) -> None:
        self.place = place or Place()
        self.endpoint = ""
        self._server: Any = None
        self._before: dict[str, str | None] = {}

    def __enter__(self) -> EmbeddedAws:
        from moto.server import ThreadedMotoServer

        for noisy in ("werkzeug", "moto", "botocore", "urllib3"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        # moto neither has nor enforces topic policies.
        warnings.filterwarnings("ignore", message="Tried to parse", module="moto")
        patch_moto()
        self._server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
        self._server.start()
        host, port = self._server.get_host_and_port()
        # Nobody knows the port yet, and there is nothing to read.
        self._server._server.app = LocalOnly(self._server._server.app, port)
        self.endpoint = f"http://{host}:{port}"
        environment = self._environment()
        self._before = {name: os.environ.get(name) for name in (*environment, "AWS_PROFILE")}
        os.environ.update(environment)
        os.environ.pop("AWS_PROFILE", None)
        _forget_clients()
        return self

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        _forget_clients()
        self._server.stop()
        self._server._server.server_close()

    def _environment(self) -> dict[str, str]:
        """Return the variables that keep the caller's own AWS account out of reach."""
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_REGION": self.place.region,
            "AWS_DEFAULT_REGION": self.place.region,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": KEY,
            "AWS_SESSION_TOKEN": KEY,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "MOTO_ACCOUNT_ID": self.place.account,
        }


def _forget_clients() -> None:
    """Forget our clients, and those of user code that calls `boto3.client` itself."""
    import boto3

    boto3.DEFAULT_SESSION = None
    aws.reset()
