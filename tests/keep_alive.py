"""Serve the emulated AWS over connections that stay open, as AWS does."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from moto.moto_server.werkzeug_app import MotoRequestHandler


class KeepAliveHandler(MotoRequestHandler):
    """Answer all requests of a connection. Werkzeug closes it after each one, and starts a thread for the next: a third
    of the time that a small request takes, client included."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # one packet an answer

    def run_wsgi(self) -> None:
        """Read the whole request, so that the next one begins where this one ends, and answer it."""
        if self.headers.get("Expect", "").lower().strip() == "100-continue":
            self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            self.wfile.flush()
        environ = self.make_environ()
        length = int(self.headers.get("Content-Length") or 0)
        chunked = "wsgi.input_terminated" in environ
        body = environ["wsgi.input"].read(*([] if chunked else [length]))
        if len(body) < length:  # Of a process that was killed meanwhile.
            self.close_connection = True
            return
        environ.update({"wsgi.input": BytesIO(body), "wsgi.input_terminated": True, "CONTENT_LENGTH": str(len(body))})
        begun: dict[str, Any] = {}
        parts = self.server.app(environ, lambda status, headers, _=None: begun.update(status=status, headers=headers))  # type: ignore[arg-type,return-value]
        content = b"".join(parts)
        if hasattr(parts, "close"):
            parts.close()
        self._answer(begun["status"], begun["headers"], content)

    def _answer(self, status: str, headers: list[tuple[str, str]], content: bytes) -> None:
        code, _, reason = status.partition(" ")
        self.send_response(int(code), reason)
        for name, value in headers:
            self.send_header(name, value)
        if not any(name.lower() == "content-length" for name, _ in headers):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)
        self.wfile.flush()
