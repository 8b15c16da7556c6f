"""Traces: only where Lambda samples, and the library is there; without secrets."""

from __future__ import annotations

import json
from contextlib import nullcontext
from types import SimpleNamespace
from typing import Any

import pytest

from slips.observability.masking import MASK, Secrets
from slips.observability.tracing import trace


class Emitter:
    """Remembers what would be sent."""

    ip = "127.0.0.1"

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send_entity(self, entity: Any) -> None:
        self.sent.append(entity.serialize())


class Recorder:
    """Remembers its segments."""

    def __init__(self) -> None:
        self.emitter: Any = Emitter()
        self.service = ""
        self.names: list[str] = []

    def in_subsegment(self, name: str) -> Any:
        self.names.append(f"{self.service} {name}")
        return nullcontext(SimpleNamespace(put_annotation=lambda key, value: None))


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> Recorder:
    """The recorder of the process, which every tracer uses."""
    recorder = Recorder()

    def tracer(service: str) -> Any:
        recorder.service = service
        return SimpleNamespace(provider=recorder)

    monkeypatch.setattr("aws_lambda_powertools.Tracer", tracer)
    return recorder


def subsegment(name: str) -> Any:
    """A segment of the library, as it adds one for a call. Its recorder opens a socket at import."""
    from aws_xray_sdk.core import xray_recorder
    from aws_xray_sdk.core.models.segment import Segment
    from aws_xray_sdk.core.models.subsegment import Subsegment

    xray_recorder.emitter._socket.close()
    return Subsegment(name, "remote", Segment("slips"))


@pytest.mark.parametrize(
    ("header", "expected"),
    [("Root=1-5759e988;Sampled=1", ["slips ## fast"]), ("Root=1-5759e988;Sampled=0", []), ("", [])],
)
def test_an_invocation_is_a_segment_where_it_is_sampled(
    monkeypatch: pytest.MonkeyPatch, recorder: Recorder, header: str, expected: list[str]
) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", header)
    with trace("slips", "fast", Secrets()):
        pass
    assert recorder.names == expected


def test_what_libraries_add_to_a_segment_is_masked(monkeypatch: pytest.MonkeyPatch, recorder: Recorder) -> None:
    """Tracer patches HTTP clients and database drivers, which add URLs and exceptions."""
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-5759e988;Sampled=1")
    emitter, known = recorder.emitter, Secrets()
    known.add(["https://hooks.example.com/services/T0/B0/XyZ", '"nabc" 12345678'])
    for _ in range(2):  # An invocation each: the emitter is wrapped once.
        with trace("slips", "fast", known):
            pass
    segment = subsegment("hooks.example.com")
    segment.put_http_meta("url", "https://hooks.example.com/services/T0/B0/XyZ")
    segment.add_exception(ValueError('with\n"nabc" 12345678'), [("app.py", 1, "send")])
    recorder.emitter.send_entity(segment)
    (sent,) = map(json.loads, emitter.sent)
    assert (sent["http"]["request"]["url"], sent["name"]) == (MASK, "hooks.example.com")
    assert sent["cause"]["exceptions"][0]["message"] == f"with\n{MASK}"
    assert recorder.emitter.ip == "127.0.0.1"
    assert recorder.emitter._emitter is emitter
