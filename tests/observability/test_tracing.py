"""Traces: only where Lambda samples, and the library is there."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest

from slips.observability.tracing import trace


class Tracer:
    """Remembers its segments."""

    names: ClassVar[list[str]] = []

    def __init__(self, service: str) -> None:
        self.provider = self
        self.service = service

    def in_subsegment(self, name: str) -> Any:
        Tracer.names.append(f"{self.service} {name}")
        return nullcontext(SimpleNamespace(put_annotation=lambda key, value: None))


@pytest.mark.parametrize(
    ("header", "expected"),
    [("Root=1-5759e988;Sampled=1", ["slips ## fast"]), ("Root=1-5759e988;Sampled=0", []), ("", [])],
)
def test_an_invocation_is_a_segment_where_it_is_sampled(
    monkeypatch: pytest.MonkeyPatch, header: str, expected: list[str]
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    monkeypatch.setattr("aws_lambda_powertools.Tracer", Tracer)
    monkeypatch.setattr(Tracer, "names", [])
    with trace("slips", "fast"):
        pass
    assert Tracer.names == expected
