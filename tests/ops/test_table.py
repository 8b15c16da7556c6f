"""Tables: what a terminal shows, and what a pipe gets."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable

import click
import pytest

from slips.ops.output import protect_output
from slips.ops.table import RowPrinter, TableColumn, cut, print_rows, text_width

from .terminal import PWN, SHOWN

KEY = "AWSLogs/111122223333/CloudTrail/eu-central-1/2026/01/31/file-0001.json.gz"
COLUMNS = (
    TableColumn("id", style="name"),
    TableColumn("bucket", rank=3, least=8),
    TableColumn("key", rank=1, least=16, keeps="end"),
    TableColumn("state"),
    TableColumn("cause", rank=2, least=10, style="bad"),
)
ROWS = [
    ["0c5b9f2a", "example-logs", KEY, "", "ValueError: could not convert string to float"],
    ["77aa01be", "b", "short", "", "IndexError"],
]
CODES = re.compile("\x1b\\[[0-9;]*m")


class Terminal(io.TextIOWrapper):
    """A stream in memory that says it is a terminal."""

    def isatty(self) -> bool:
        return True


Printed = Callable[[Callable[[], object]], str]


@pytest.fixture
def on_terminal(monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What a terminal of 80 columns gets."""
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    return lambda write: _printed(monkeypatch, Terminal(io.BytesIO(), encoding="utf-8"), write)


@pytest.fixture
def in_pipe(monkeypatch: pytest.MonkeyPatch) -> Printed:
    """What a pipe gets."""
    return lambda write: _printed(monkeypatch, io.TextIOWrapper(io.BytesIO(), encoding="utf-8"), write)


def _printed(monkeypatch: pytest.MonkeyPatch, stream: io.TextIOWrapper, write: Callable[[], object]) -> str:
    with monkeypatch.context() as patched:
        patched.setattr(sys, "stdout", stream)
        protect_output()
        write()
        sys.stdout.flush()
    return stream.buffer.getvalue().decode()  # type: ignore[attr-defined]


def test_a_terminal_gets_a_header_and_lines_that_fit(on_terminal: Printed) -> None:
    header, first, second = CODES.sub("", on_terminal(lambda: print_rows(COLUMNS, ROWS))).splitlines()
    assert header.split() == ["id", "bucket", "key", "cause"]  # No row has a state.
    assert max(map(len, (header, first, second))) == 80
    assert first.split()[:2] == ["0c5b9f2a", "example…"]
    assert ("…" in first.split()[2], first.split()[2].endswith("31/file-0001.json.gz")) == (True, True)
    assert first.endswith(" ValueErro…")
    assert [line.index(text) for line, text in ((header, "cause"), (second, "IndexError"))] == [70, 70]


def test_what_does_not_fit_at_all_is_left_out(on_terminal: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    lines = CODES.sub("", on_terminal(lambda: print_rows(COLUMNS, ROWS))).splitlines()
    assert lines[0].split() == ["id", "key", "cause"]
    assert max(map(len, lines)) == 40


def test_a_pipe_gets_all_of_it_aligned_and_plain(in_pipe: Printed) -> None:
    text = in_pipe(lambda: print_rows(COLUMNS, ROWS))
    assert text == (
        f"0c5b9f2a  example-logs  {KEY}  ValueError: could not convert string to float\n"
        f"77aa01be  b             {'short':{len(KEY)}}  IndexError\n"
    )
    assert in_pipe(lambda: print_rows(COLUMNS, ROWS, headed=True)).splitlines()[0].split()[0] == "id"


def test_a_few_long_cells_do_not_make_each_line_of_a_pipe_long(in_pipe: Printed) -> None:
    rows = [*(("short", str(number)) for number in range(19)), ("a long one" * 20, "19")]
    lines = in_pipe(lambda: print_rows((TableColumn("name", rank=1), TableColumn("end")), rows)).splitlines()
    assert {line.index(str(number)) for number, line in enumerate(lines[:19])} == {7}
    assert lines[19].split("  ") == ["a long one" * 20, "19"]


def test_no_rows_are_no_table(on_terminal: Printed) -> None:
    assert on_terminal(lambda: print_rows(COLUMNS, [])) == ""


def test_later_rows_stay_in_the_columns_of_the_first(on_terminal: Printed) -> None:
    columns = (TableColumn("id"), TableColumn("key", rank=1, keeps="end", usual=12), TableColumn("end"))

    def write() -> None:
        printer = RowPrinter(columns, usual=True)
        printer.print([["1", "short", "x"]])
        printer.print([["2", "a/very/long/key", "y"]])

    assert CODES.sub("", on_terminal(write)).splitlines() == [
        "id  key           end", "1   short         x", "2   …ry/long/key  y",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "asked", "colored"),
    [({}, None, True), ({"NO_COLOR": "1"}, None, False), ({"TERM": "dumb"}, None, False), ({}, False, False),
     ({"NO_COLOR": "1"}, True, True)],
)  # fmt: skip
def test_who_says_whether_there_is_color(
    on_terminal: Printed, monkeypatch: pytest.MonkeyPatch,
    environment: dict[str, str], asked: bool | None, colored: bool,
) -> None:  # fmt: skip
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    context = click.Context(click.Command("x"))
    context.color = asked
    with context:
        text = on_terminal(lambda: print_rows(COLUMNS, ROWS))
    assert ("\x1b[31m" in text, "\x1b[1mid" in text) == (colored, colored)


@pytest.mark.parametrize(("asked", "colored"), [(None, False), (True, True)])
def test_a_pipe_gets_color_and_header_where_it_is_asked_for(
    in_pipe: Printed, monkeypatch: pytest.MonkeyPatch, asked: bool | None, colored: bool
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    context = click.Context(click.Command("x"))
    context.color = asked
    with context:
        text = in_pipe(lambda: print_rows(COLUMNS, ROWS))
    assert ("\x1b[1mid" in text, KEY in text) == (colored, True)


def test_cells_are_escaped(on_terminal: Printed) -> None:
    text = on_terminal(lambda: print_rows((TableColumn("key", style="bad"),), [[f"{PWN}\n\t"]]))
    assert text.splitlines()[1] == f"\x1b[31m{SHOWN}\\n\\t\x1b[0m"


@pytest.mark.parametrize(
    ("text", "width", "start", "end"),
    [
        ("abc", 3, "abc", "abc"), ("abcdef", 3, "ab…", "…ef"),
        ("日本語", 5, "日本…", "…本語"), ("e\u0301tude", 3, "e\u0301t…", "…de"),
    ],
)  # fmt: skip
def test_a_text_is_cut_by_what_it_takes_on_a_terminal(text: str, width: int, start: str, end: str) -> None:
    assert (cut(text, width), cut(text, width, "end")) == (start, end)
    assert text_width(start) <= width
