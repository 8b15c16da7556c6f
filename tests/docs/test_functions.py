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


def load(app: Callable[[str], ModuleType], text: str, *more: str) -> ModuleType:
    """The block of the page behind the first lines of an app.py."""
    decorators, *_ = python("docs/functions.md")
    return app("\n".join([*decorators.splitlines()[:6], text, *more]))


def block(name: str) -> str:
    """The block of the page that holds this."""
    [text] = [text for text in python("docs/functions.md")[1:] if name in text]
    return text


class Client:
    """A destination that refuses bad rows, as a whole."""

    def __init__(self) -> None:
        self.rows: list[str] = []

    def bulk(self, rows: list[dict[str, Any]]) -> None:
        if any(row["user"] == "bad" for row in rows):
            raise OSError("refused")
        self.rows += [row["user"] for row in rows]


def test_a_buffer_loses_the_bad_row_alone_and_is_empty_for_the_next_objects(
    app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    """4 objects, one bad row in the second: 19 of 20 rows are sent."""
    module = load(app, block("to=Buffer(index").replace('"okta"', '"json"'))
    client = Client()
    monkeypatch.setattr(module, "client", client, raising=False)
    run = SlipsTester(module)
    errors = []
    for number in range(4):
        names = [f"{number}.{at}" for at in range(5)]
        if number == 1:
            names[2] = "bad"
        errors += run.lines("json", [{"actor": {"alternateId": name}} for name in names]).errors
    assert len(client.rows) == len({*client.rows}) == 19
    assert [(failure.positions, failure.error_message) for failure in errors] == [("3", "refused")]


def test_a_batch_names_what_was_refused(app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    module = load(app, block("raise EventsFailed(failed)"))
    answer = SimpleNamespace(create=lambda events: [{"error": event.get("bad", "")} for event in events])
    monkeypatch.setattr(module, "client", answer, raising=False)
    outcome = SlipsTester(module).lines("json", [{"n": 1}, {"n": 2, "bad": "no mapping"}, {"n": 3}])
    assert [(failure.positions, failure.error_message) for failure in outcome.errors] == [("2", "no mapping")]


def test_batches_are_posted_at_once(app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch) -> None:
    module, posted = load(app, block("concurrency=8")), list[int]()
    monkeypatch.setattr(
        module, "client", SimpleNamespace(post=lambda events: posted.append(len(events))), raising=False
    )
    SlipsTester(module).lines("json", [{"n": number} for number in range(1100)]).check()
    assert sorted(posted) == [100, 500, 500]


def test_events_are_sent_to_a_sink(app: Callable[[str], ModuleType]) -> None:
    run = SlipsTester(load(app, block('to=Firehose("audit")')))
    run.lines("cloudtrail", [{"eventName": "GetObject"}]).check()
    header = (
        "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action "
        "log-status"
    )
    flows = [f"2 1 eni-1 10.0.0.1 10.0.0.2 1 22 6 1 1 1 2 {action} OK" for action in ("ACCEPT", "REJECT")]
    run.lines("vpc-flow", [header, *flows]).check()
    assert {name: len(sink.documents) for name, sink in run.sinks.items()} == {
        "cloudtrail -> firehose audit": 1,
        "slim": 1,
    }


def test_a_destination_that_answers_429_has_the_events_wait(
    app: Callable[[str], ModuleType], monkeypatch: pytest.MonkeyPatch
) -> None:
    wiring = 'retry = app.schedule("rate(1 minute)")(slips.retry)'
    module = load(app, block("search answers 429").replace('"okta"', '"json"'), wiring)
    monkeypatch.setattr(
        module, "search", SimpleNamespace(bulk=lambda batch: SimpleNamespace(status=429)), raising=False
    )
    outcome = SlipsTester(module).lines("json", [{"n": 1}, {"n": 2}])
    outcome.check()
    [waiting] = outcome.waiting
    assert (waiting.error_message, waiting.processor, outcome.errors) == ("search answers 429", "index", [])


def test_a_client_is_made_again_only_for_another_secret(app: Callable[[str], ModuleType]) -> None:
    module = load(app, block("def connect(password)").replace("    ...", "    return object()"))
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
