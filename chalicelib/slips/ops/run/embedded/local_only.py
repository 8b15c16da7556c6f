"""What comes before moto, which answers everybody: only programs of this machine pass. Otherwise any page in a browser
could read the ErrorTable, and put objects that run the user's functions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Any

from ....api.loopback import is_from_page, is_own_host

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]

OFF = "/moto-api"
"""moto's own dashboard, recorder and reset, which AWS does not have."""


class LocalOnly:
    """A WSGI app that passes the requests of this machine's programs to `app`, which listens on `port`."""

    def __init__(self, app: WsgiApp, port: int) -> None:
        self._app = app
        self._port = port

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        headers = {"origin": environ.get("HTTP_ORIGIN"), "sec-fetch-site": environ.get("HTTP_SEC_FETCH_SITE")}
        if is_from_page(headers) or not is_own_host(environ.get("HTTP_HOST", ""), self._port):
            return _refuse(start_response, HTTPStatus.FORBIDDEN, "only programs of this machine may ask")
        if environ.get("PATH_INFO", "").startswith(OFF):
            return _refuse(start_response, HTTPStatus.NOT_FOUND, "it is off")
        return self._app(environ, start_response)


def _refuse(start_response: Any, status: HTTPStatus, reason: str) -> list[bytes]:
    body = f"the embedded AWS of `slips run`: {reason}\n".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(body)))]
    start_response(f"{status.value} {status.phrase}", headers)
    return [body]
