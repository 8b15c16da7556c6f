"""The Python of README and docs/functions.md runs, and what they teach about buffers holds."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from slips.testing import SlipsTester

from .blocks import ROOT, read_blocks

CONFIG = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"
# A buffer that is emptied after it was sent.
SENT_FIRST = re.compile(r"\.clear\(\)|\bsend\w*\([^\n]*\)\s*[;\n]\s*[\w.]+(\[:\])? = \[\]")
LOGIN = {
    "id": {"time": "2026-03-01T09:15:02Z"},
    "actor": {"email": "ada@example.com"},
    "events": [{"name": "login_failure"}],
}
OLD = """
@slips.on_flush
def flush():
    send(rows)
    rows.clear()
"""


def python(page: str) -> list[str]:
    return [block.text for block in read_blocks(ROOT / page) if block.language == "python"]


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], ModuleType]]:
    """The text of an app.py, imported."""
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "slips.yml").write_text(CONFIG)

    def write(text: str) -> ModuleType:
        (tmp_path / "documented_app.py").write_text(text)
        return import_module("documented_app")

    yield write
    sys.modules.pop("documented_app", None)


def test_the_ten_lines_of_readme_see_a_failed_login(
    app: Callable[[str], ModuleType], capsys: pytest.CaptureFixture[str]
) -> None:
    [text] = python("README.md")
    SlipsTester(app(text)).lines("g-suite-login", [LOGIN]).check()
    assert "ada@example.com" in capsys.readouterr().out


def test_each_decorator_of_the_page_calls_its_function(app: Callable[[str], ModuleType]) -> None:
    decorators, *_ = python("docs/functions.md")
    run = SlipsTester(app(decorators))
    logs = [{"level": "error", "text": "no"}, {"level": "info"}]
    outcome = run.lines("json", logs)
    outcome.check()
    assert [line.text for _, line in outcome.events["errors"]] == ["no"]
    outcome = run.lines("cloudtrail", [{"eventName": "ConsoleLogin"}, {"eventName": "GetObject"}])
    outcome.check()
    assert outcome.delivered["index_console_logins"] == 1
    outcome = run.content(["s3-lines", "json", "guardduty"], b'{"schemaVersion": "2.0", "id": "1", "type": "T"}')
    outcome.check()
    assert outcome.delivered["findings"] == 1


class Destination:
    """A destination that refuses its first batch."""

    def __init__(self) -> None:
        self.batches: list[list[Any]] = []

    def send(self, batch: list[dict[str, Any]]) -> None:
        self.batches.append([row["n"] for row in batch])
        if any(row.get("bad") for row in batch):
            raise OSError("refused")


def flushed_twice(app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch, *, old: bool) -> Any:
    """The functions of the page get a row that the destination refuses and, in the same process, one that is good."""
    decorators, buffers, *_ = python("docs/functions.md")
    if old:
        buffers = buffers[: buffers.index("@slips.on_flush")] + OLD
    buffers = buffers.replace('on_format("okta")', 'on_format("json")')
    module = app("\n".join([*decorators.splitlines()[:6], buffers]))
    destination = Destination()
    monkeypatch.setattr(module, "send", destination.send)
    run = SlipsTester(module)
    outcomes = [run.lines("json", [{"n": 1, "bad": True}]), run.lines("json", [{"n": 2}])]
    return destination.batches, [len(outcome.errors) for outcome in outcomes]


def test_a_buffer_that_is_emptied_first_survives_a_failed_flush(
    app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The next flush sends only what is new; the refused row waits as an error."""
    assert flushed_twice(app, monkeypatch, old=False) == ([[1], [2]], [1, 0])


def test_a_buffer_that_is_emptied_last_fails_for_ever(
    app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert flushed_twice(app, monkeypatch, old=True) == ([[1], [1, 2]], [1, 1])


def test_a_destination_that_answers_429_has_the_events_wait(
    app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    decorators, _, later, _ = python("docs/functions.md")
    wiring = 'retry = app.schedule("rate(1 minute)")(slips.retry)'
    module = app("\n".join([*decorators.splitlines()[:6], later.replace('"okta"', '"json"'), wiring]))
    monkeypatch.setattr(
        module, "search", SimpleNamespace(bulk=lambda batch: SimpleNamespace(status=429)), raising=False
    )
    outcome = SlipsTester(module).lines("json", [{"n": 1}, {"n": 2}])
    outcome.check()
    [waiting] = outcome.waiting
    assert (waiting.error_message, waiting.processor, outcome.errors) == ("search answers 429", "index", [])


def test_a_client_is_made_again_only_for_another_secret(app: Callable[[str], ModuleType]) -> None:
    decorators, _, _, secrets = python("docs/functions.md")
    module = app("\n".join([*decorators.splitlines()[:6], secrets.replace("    ...", "    return object()")]))
    clients = []
    for password in ("old", "old", "new"):
        module.setup({"password": password})
        clients.append(module.client)
    assert clients[0] is clients[1] is not clients[2]


@pytest.mark.parametrize(
    "page", [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))], ids=lambda page: page.name
)
def test_no_page_empties_a_buffer_after_sending_it(page: Path) -> None:
    assert SENT_FIRST.search(OLD)
    assert SENT_FIRST.search("send(state.index, state.rows); state.rows = []")
    assert not SENT_FIRST.search(page.read_text())
