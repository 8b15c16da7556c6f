"""DynamoDB on the loopback: it takes every write of the ledger for a first one, in a process of its own, after a
latency."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
from types import TracebackType
from typing import Any, Self
from zlib import crc32

_SET = re.compile(r"#(\w+) = (?:if_not_exists\(#\w+, )?(:\w+)")


class DynamoDBServer:
    """A server whose every answer takes `latency` seconds."""

    def __init__(self, latency: float) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "bench.dynamodb", str(latency)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self._process.stdout is not None
        self.endpoint = f"http://127.0.0.1:{self._process.stdout.readline().strip()}"

    def client(self) -> Any:
        """Return a boto3 client of it."""
        import boto3
        from botocore.config import Config

        return boto3.session.Session().client(
            "dynamodb", endpoint_url=self.endpoint, region_name="eu-west-1", aws_access_key_id="bench",
            aws_secret_access_key="bench", config=Config(max_pool_connections=32),
        )  # fmt: skip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        self._process.communicate(timeout=30)


class _Connection(asyncio.Protocol):
    latency = 0.0

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: Any) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        length = re.search(rb"content-length: *(\d+)", head, re.IGNORECASE)
        if not separator or length is None or len(body) < int(length[1]):
            return
        self._received = body[int(length[1]) :]
        answer = json.dumps(_answer(json.loads(body[: int(length[1])]))).encode()
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
            f"x-amz-crc32: {crc32(answer)}\r\nContent-Length: {len(answer)}\r\n\r\n"
        ).encode()
        asyncio.get_running_loop().call_later(self.latency, self._transport.write, head + answer)


def _answer(request: dict[str, Any]) -> dict[str, Any]:
    if "Statements" in request:
        return {"Responses": [{"TableName": "ledger"}] * len(request["Statements"])}
    values = request["ExpressionAttributeValues"]
    item = {name: values[mark] for name, mark in _SET.findall(request["UpdateExpression"])}
    return {"Attributes": {**request["Key"], **item, "attempts": {"N": "1"}, "token": {"N": "1"}}}


async def serve(latency: float) -> None:
    """Serve until stdin ends."""
    _Connection.latency = latency
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(float(sys.argv[1])))
