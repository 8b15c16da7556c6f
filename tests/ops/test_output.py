"""The one writer: what reaches a terminal, whoever writes it and how."""

from __future__ import annotations

import io
import json
import logging
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

import click
import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.ops import output
from slips.ops.cli.logs import prepare
from slips.ops.output import escape_controls, protect_output

from ..test_architecture import PACKAGE
from .terminal import ACTED_ON, BIDI, PWN, SHOWN, run_on_terminal

HOSTILE = "".join(ACTED_ON)
READABLE = "tab\there, ümlaut, 日本語\u3000空白, שלום, مرحبا, 10\u202f000 €, 👩\u200d💻, […]"


@contextmanager
def streams(encoding: str = "utf-8") -> Iterator[Callable[[], str]]:
    """Replace both streams by one in memory, and yield a function that returns what came through."""
    memory = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    before = sys.stdout, sys.stderr
    sys.stdout = sys.stderr = memory
    protect_output()

    def written() -> str:
        sys.stdout.flush()
        return memory.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined]

    try:
        yield written
    finally:
        sys.stdout, sys.stderr = before


def test_the_characters_are_those_of_unicode() -> None:
    """65 control characters but two, and the twelve with the property Bidi_Control (UAX #9)."""
    assert (len(ACTED_ON), len(BIDI)) == (63 + 12, 12)


@pytest.mark.parametrize("char", ACTED_ON, ids=lambda char: f"U+{ord(char):04X}")
def test_none_of_them_reaches_a_terminal(char: str) -> None:
    with streams() as written:
        print(f"a{char}b")
        sys.stdout.buffer.write(f"a{char}b\n".encode())
        click.echo(f"a{char}b", err=True)
    text = written()
    assert char not in text
    assert text.count(escape_controls(char)) == 3
    assert json.loads(f'"{escape_controls(char)}"') == char if char >= " " else escape_controls(char)[0] == "\\"


def test_what_is_readable_stays_as_it_is() -> None:
    with streams() as written:
        print(READABLE)
        sys.stdout.buffer.write(READABLE.encode())
    assert written() == f"{READABLE}\n{READABLE}"


def test_bytes_that_come_one_by_one_are_escaped() -> None:
    with streams() as written:
        for byte in f"{HOSTILE}ü".encode():
            sys.stdout.buffer.write(bytes([byte]))
        sys.stdout.buffer.write(b"\x9b31m")  # In a terminal with Latin-1, this is a control character.
    assert written() == f"{escape_controls(HOSTILE)}ü\\x9b31m"


def test_a_terminal_that_cannot_show_a_character_gets_its_number() -> None:
    with streams("latin-1") as written:
        print("ü日\udcff")
    assert written() == "ü\\u65e5\\udcff\n"


@given(
    st.recursive(
        st.text() | st.sampled_from(ACTED_ON), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)
    )
)
def test_json_is_the_same_json_afterwards(value: object) -> None:
    text = json.dumps(value, ensure_ascii=False)
    assert json.loads(escape_controls(text)) == value
    assert escape_controls(json.dumps(value)) == json.dumps(value), "and what is ASCII stays as it is"


def test_json_of_orjson_is_the_same_afterwards() -> None:
    with streams() as written:
        sys.stdout.buffer.write(orjson.dumps({"key": HOSTILE}))
    assert json.loads(written()) == {"key": HOSTILE}
    assert not {*ACTED_ON} & {*written()}


def test_a_message_of_the_log_stays_in_its_line_and_a_traceback_has_lines(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    logger = logging.getLogger("slips.test")
    caplog.set_level(logging.ERROR)  # It gives the root logger its level back, which `prepare` changes.
    monkeypatch.setattr(logging.getLogger(), "handlers", [])
    with streams() as written:
        prepare(0)
        try:
            raise ValueError(f"bad{HOSTILE}")
        except ValueError:
            logger.exception("key %s", f"a{HOSTILE}\nERROR slips: forged")
    lines = written().splitlines()
    assert lines[0] == f"ERROR slips.test: key a{escape_controls(HOSTILE)}\\nERROR slips: forged"
    assert lines[1] == "Traceback (most recent call last):"
    assert lines[-1] == f"ValueError: bad{escape_controls(HOSTILE)}"


def test_the_writer_is_there_once_and_looks_like_the_stream_below() -> None:
    with streams() as written:
        stream: TextIO = sys.stdout
        protect_output()
        assert sys.stdout is stream
        print("\x1b")
        assert (sys.stdout.isatty(), sys.stdout.encoding) == (False, "utf-8")
    assert written() == "\\x1b\n"


def test_without_a_standard_input_there_is_an_empty_one(monkeypatch: pytest.MonkeyPatch) -> None:
    with streams():
        monkeypatch.setattr(sys, "stdin", None)
        protect_output()
        with sys.stdin as stdin:
            assert stdin.read() == ""


def test_there_is_no_way_around_the_writer() -> None:
    around = re.compile(r"rich\.console|__std(out|err)__|os\.write\(")
    files = {path.name for path in (PACKAGE / "ops").rglob("*.py") if around.search(path.read_text())}
    assert files == {"output.py"}


def test_a_row_is_written_before_what_follows_it_on_standard_error() -> None:
    code = (
        "import sys; from slips.ops import output; output.protect_output(); "
        "output.write_styled([('row', '')], sys.stdout); print('note', file=sys.stderr, flush=True)"
    )
    both = subprocess.run(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True
    )
    assert both.stdout == "row\nnote\n"


def test_styled_text_is_escaped_within_its_style() -> None:
    with streams() as written:
        output.write_styled([(HOSTILE, "31"), ("plain \x1b[1m", "")], sys.stdout)
    assert written() == f"\x1b[31m{escape_controls(HOSTILE)}\x1b[0mplain \\x1b[1m\n"


PROGRAM = """
import logging, sys, threading
from rich.progress import TextColumn
from slips.ops.output import live_progress, protect_output

protect_output()
handler = logging.StreamHandler()
hostile = {hostile!r} + "[link=http://evil]pwn[/link]"
with live_progress(TextColumn("{{task.description}}")) as bar:
    bar.add_task("working")
    bar.refresh()
    print("printed", hostile)
    print("error", hostile, file=sys.stderr)
    print("unfinished", hostile, end="", flush=True)
    sys.stdout.buffer.write(("bytes " + hostile + "\\n").encode())
    handler.emit(logging.makeLogRecord({{"msg": "logged " + hostile}}))
print("after", hostile)
raise ValueError(hostile)
"""
"""What prints while a progress bar is shown."""


def test_what_is_printed_above_a_progress_bar_is_escaped_too(tmp_path: Path) -> None:
    status, content = run_on_terminal([sys.executable, "-c", PROGRAM.format(hostile=f"{PWN}\x1bc")], tmp_path)
    assert (status, "working" in content, "\x1b[2K" in content) == (1, True, True), "rich moves the cursor"
    for attack in ("\x1b]", "\x07", "\x9b", "\u202e", "\x1bc", "\x7f", "\x08"):
        assert attack not in content
    for what in ("printed", "error", "unfinished", "bytes", "logged", "after", "ValueError:"):
        assert f"{what} {SHOWN}\\x1bc[link=http://evil]pwn[/link]" in content, what
