"""A server on the loopback that answers to bulk requests as OpenSearch does, or as a test says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from . import http_server

CREATED = {"status": 201, "result": "created"}
THERE = {"status": 409, "error": {"type": "version_conflict_engine_exception", "reason": "document already exists"}}


def refuse(status: int, type: str, reason: str = "as planned", **more: Any) -> dict[str, Any]:
    """Return the result of a document that was refused."""
    return {"status": status, "error": {"type": type, "reason": reason, **more}}


class Request(NamedTuple):
    """A request, its lines decoded."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    actions: list[dict[str, str]]
    documents: list[Any]


@dataclass
class Reply:
    """An answer that a test plans: `results` by the number of the document in the request, or `status` and `body` for
    the whole. `claims` bytes are announced; with `cuts`, the documents are taken, and nothing is answered."""

    results: dict[int, dict[str, Any]] = field(default_factory=dict)
    status: int = 200
    body: bytes | dict[str, Any] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    claims: int = 0
    cuts: bool = False


class OpenSearchOfTheTest(http_server.Destination):
    """What the server was asked, what it holds (by index and id), and what it will answer; then it takes everything."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: list[Reply] = []
        self.always: Callable[[Request], Reply | None] = lambda request: None
        self.bulks: list[Request] = []
        self.held: dict[tuple[str, str], Any] = {}

    def sent(self) -> list[list[Any]]:
        """Return the documents of each request."""
        return [request.documents for request in self.bulks]

    def reply_to(self, request: http_server.Request) -> http_server.Reply:
        """Take a request. Returns what to answer."""
        bulk = Request(request.path, request.headers, request.raw, *read_lines(request.body))
        self.bulks.append(bulk)
        reply = (self.plans.pop(0) if self.plans else None) or self.always(bulk) or Reply()
        body = reply.body
        if body is None:
            results = [self._take(number, bulk, reply.results) for number in range(len(bulk.documents))]
            errors = any(result["status"] > 201 for result in results)
            body = {"took": 1, "errors": errors, "items": [{"create": result} for result in results]}
        text = body.decode() if isinstance(body, bytes) else json.dumps(body)
        cuts = b"" if reply.cuts else None
        return http_server.Reply(reply.status, text, reply.headers, reply.claims or None, cuts)

    def _take(self, number: int, request: Request, planned: dict[int, dict[str, Any]]) -> dict[str, Any]:
        if number in planned:
            return planned[number]
        action = request.actions[number]
        key = action["_index"], action.get("_id", f"made-{len(self.held)}")
        if key in self.held:
            return THERE
        self.held[key] = request.documents[number]
        return CREATED


def read_lines(body: bytes) -> tuple[list[dict[str, str]], list[Any]]:
    """Return actions and documents of a bulk request."""
    assert body.endswith(b"\n")
    lines = [json.loads(line) for line in body.splitlines()]
    return [line["create"] for line in lines[::2]], lines[1::2]


def positions(requests: Sequence[Request]) -> list[list[int]]:
    """Return the member `n` of each document, by request."""
    return [[document["n"] for document in request.documents] for request in requests]
