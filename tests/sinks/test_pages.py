"""The Python of docs/send/ on sinks over HTTP runs: the sinks that it makes, and the tests that it shows."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

import slips
from slips.sinks import Sink

from ..docs.blocks import ROOT, read_blocks


class SlipsOfTheTest:
    """Keeps the sinks that a page makes."""

    def __init__(self, app: object, config: str) -> None:
        self.sinks: list[Sink] = []

    def send(self, name: str, *, to: Sink, **options: Any) -> None:
        self.sinks.append(to)

    def on_format(self, name: str, *, to: Sink, **options: Any) -> Any:
        self.sinks.append(to)
        return lambda function: function


@pytest.mark.parametrize(
    ("page", "kinds"),
    [
        ("http", ["splunk", "datadog", "loki", "webhook", "http"]),
        ("slack", ["slack", "slack"]),
        ("gelf", ["gelf", "gelf"]),
        ("opensearch", ["opensearch", "opensearch"]),
    ],
)
def test_what_a_page_shows_runs(page: str, kinds: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slips, "Slips", SlipsOfTheTest)
    app = ModuleType("app")
    monkeypatch.setitem(sys.modules, "app", app)  # Some tests import from it.
    names: dict[str, Any] = vars(app)
    for block in read_blocks(ROOT / "docs" / "send" / f"{page}.md"):
        if block.language == "python":
            exec(block.text, names)
    assert [sink.kind for sink in names["slips"].sinks] == kinds
    tests = [value for name, value in names.items() if name.startswith("test_")]
    assert len(tests) == 1
    for test in tests:
        test()
