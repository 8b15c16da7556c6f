"""Under `slips run`, sinks need no account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from chalice import Chalice

from slips import Slips
from slips.errors import SlipsError
from slips.ops.run.sinks import prepare_sinks
from slips.sinks import Document, Sink
from slips.testing import SlipsTester


class Memory(Sink):
    kind, destination = "memory", "here"

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.emulated = 0

    def send(self, documents: Sequence[Document]) -> None:
        self.sent += [body for _, body in documents]

    def emulate(self) -> None:
        self.emulated += 1


@pytest.fixture
def slips(tmp_path: Path) -> Slips:
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: json/, format: json}]}\n")
    return Slips(Chalice("t"), path)


def test_they_are_created_in_the_emulated_account_and_sent_to(slips: Slips) -> None:
    sink = Memory()
    slips.send("json", to=sink)
    prepare_sinks(slips, dry=False)
    SlipsTester(slips).lines("json", [{"n": 1}])
    assert (sink.emulated, sink.sent) == (1, [{"n": 1}])


def test_dry_they_only_print(slips: Slips, capsys: pytest.CaptureFixture[str]) -> None:
    sink = Memory()

    @slips.on_format("json", to=sink)
    def make(meta: Any, event: Any) -> Any:
        return {"bad": "\ud800"} if event["n"] == 2 else {"ü": event["n"]}

    prepare_sinks(slips, dry=True)
    outcome = SlipsTester(slips).lines("json", [{"n": 1}, {"n": 2}, {"n": 3}])
    assert (sink.emulated, sink.sent) == (0, [])
    assert capsys.readouterr().out == 'make: {"ü":1}\nmake: {"ü":3}\n'
    assert [failure.positions for failure in outcome.errors] == ["2"]


def test_one_that_cannot_be_created_is_named(slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Memory) -> None:
        raise ValueError("no such service")

    monkeypatch.setattr(Memory, "emulate", fail)
    slips.send("json", to=Memory())
    with pytest.raises(
        SlipsError, match="the Memory of json -> memory here cannot be created in the emulated account: no"
    ):
        prepare_sinks(slips, dry=False)
