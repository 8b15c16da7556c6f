"""S3 on the loopback: enough of GetObject for the reader, in a process of its own, with an optional latency."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from urllib.parse import unquote

from slips.config.access import S3Access
from slips.reader.s3 import S3Objects

PIECE = 1 << 20


class S3Server:
    """A server of these objects as the bucket `bench`; each GET answers after `latency` seconds."""

    def __init__(self, objects: Mapping[str, bytes], latency: float = 0.0) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="slips-bench-")
        for key, content in objects.items():
            (Path(self._folder.name) / key).write_bytes(content)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.s3", self._folder.name, str(latency)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.endpoint = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def client(self) -> Any:
        """Return a boto3 client of it."""
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "s3", endpoint_url=self.endpoint, region_name="eu-west-1", aws_access_key_id="bench",
            aws_secret_access_key="bench",
            config=Config(s3={"addressing_style": "path"}, max_pool_connections=64),
        )  # fmt: skip

    def objects(self) -> S3Objects:
        """Return what the engine reads from."""
        client = self.client()
        return S3Objects(S3Access({}, lambda *_: client))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate(timeout=30)
        self._folder.cleanup()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    folder = Path()
    latency = 0.0

    def do_GET(self) -> None:
        time.sleep(self.latency)
        content = (self.folder / unquote(self.path.rpartition("/")[2]).partition("?")[0]).read_bytes()
        byte_range = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        start = int(byte_range[1]) if byte_range else 0
        end = int(byte_range[2]) + 1 if byte_range and byte_range[2] else len(content)
        self.send_response(206 if byte_range else 200)
        for name, value in {
            "Content-Length": str(end - start), "ETag": '"e"', "Accept-Ranges": "bytes",
            **({"Content-Range": f"bytes {start}-{end - 1}/{len(content)}"} if byte_range else {}),
        }.items():  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        for at in range(start, end, PIECE):
            self.wfile.write(content[at : min(at + PIECE, end)])

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def serve(folder: str, latency: str) -> None:
    """Serve until stdin ends."""
    _Handler.folder, _Handler.latency = Path(folder), float(latency)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    from threading import Thread

    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(*sys.argv[1:])
