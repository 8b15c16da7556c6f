"""The code blocks of a page, and how a reader goes through them: files, edits, commands and what they print."""

from __future__ import annotations

import ast
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from textwrap import dedent

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 60.0

_BLOCK = re.compile(
    r"^(?: *<!-- (?P<note>[^\n]*) -->\n)?(?P<margin> *)```(?P<language>\w*)\n(?P<text>.*?)^(?P=margin)```$",
    re.MULTILINE | re.DOTALL,
)
# What is left out (…), and what differs between two runs, by the form that it has.
_TOKEN = re.compile(
    r"(?P<id>\b[0-9a-f]{32}\b)"
    r"|(?P<port>(?<=127\.0\.0\.1:)\d{5})"
    r"|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)"
    r"|(?P<number>(?:(?<=deliveries, )|(?<=delivery, ))[\d,]+(?= events/s)"
    r"|(?<=passed in )[\d.]+(?=s)|(?<=127\.0\.0\.1:)\d+)"
    r"|(?P<lines>^…(?:\n|\Z))"
    r"|(?P<text>…)",
    re.MULTILINE,
)
_FORMS = {
    "id": "([0-9a-f]{32})",
    "port": r"(\d{1,5})",
    "time": r"[-\d]+T[:.\d]+Z",
    "number": r"[\d.,]+",
    "lines": r"(?:.*(?:\n|\Z))*?",
    "text": ".*",
}
# A row of `slips errors`, or of the summary of `slips run`.
_ERROR = re.compile(r"\S+Z:  [0-9a-f]{32}|\d+ +\d+ +(?=parse|process)")
WIRING = "# The Lambda functions. Chalice looks each one up by its name in this module."


@dataclass(frozen=True)
class Block:
    """A code block; `note` is the HTML comment in the line above it."""

    language: str
    text: str
    note: str
    line: int

    def commands(self) -> Iterator[tuple[str, list[str]]]:
        """Yield each command of a console block with the lines of its output."""
        command, output = "", list[str]()
        for line in self.text.splitlines():
            if line.startswith("$ "):
                if command:
                    yield command, output
                command, output = line.removeprefix("$ "), []
            else:
                output.append(line)
        if command:
            yield command, output


def read_blocks(page: Path) -> list[Block]:
    """Return the code blocks of a page."""
    text = page.read_text()
    return [
        Block(match["language"], dedent(match["text"]), match["note"] or "", text.count("\n", 0, match.start()) + 1)
        for match in _BLOCK.finditer(text)
    ]


def edit_module(path: Path, text: str, removed: str = "") -> None:
    """Put the definitions of `text` into a module: in place of those of the same name, or before the wiring."""
    for node in ast.parse(text).body:
        segment = "\n".join(text.splitlines()[_first_line(node) - 1 : node.end_lineno])
        module = path.read_text()
        lines = module.splitlines()
        names = {_name(node), removed} - {""}
        places = [(_first_line(old) - 1, old.end_lineno) for old in ast.parse(module).body if _name(old) in names]
        wiring = lines.index(WIRING) if WIRING in lines else len(lines)
        first, last = places[0] if places else (wiring, wiring)
        lines[first:last] = segment.splitlines()
        path.write_text("\n".join(lines) + "\n")


def _first_line(node: ast.stmt) -> int:
    return min([node.lineno, *(decorator.lineno for decorator in getattr(node, "decorator_list", ()))])


def _name(node: ast.stmt) -> str:
    if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id
    return getattr(node, "name", "")


class Reader:
    """A reader who goes through a page in a folder of their own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._ids: dict[str, str] = {}
        self._running: list[subprocess.Popen[str]] = []
        path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {
            # Nor what `make test-slow` tells a make below it: a reader's prints no folders.
            **{name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))},
            "PATH": path,
            "COLUMNS": "120",
            "SLIPS_CONFIG": "",
            "PYTHONDONTWRITEBYTECODE": "1",
            # What `chalice package` fetches, which `make test-slow` has fetched.
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(ROOT / ".venv" / "wheels"),
        }

    def follow(self, block: Block) -> None:
        """Do what a block shows."""
        verb, _, rest = block.note.partition(": ")
        if verb == "file":
            (self.folder / rest).write_text(block.text)
        elif verb == "edit":
            name, _, removed = rest.partition(", without ")
            edit_module(self.folder / name, block.text, removed)
        elif verb == "append":
            with (self.folder / rest).open("a") as file:
                file.write(block.text)
        elif verb == "merge":
            name, _, key = rest.partition(", ")
            document = json.loads((self.folder / name).read_text())
            document[key] |= json.loads(f"{{{block.text}}}")
            (self.folder / name).write_text(json.dumps(document, indent=2))
        elif verb == "background":
            self._start(block, self.folder)
        elif verb == "background in the clone":
            self._start(block, ROOT)
        elif block.language == "console" and verb != "not run":
            for command, output in block.commands():
                self.run(command, output)

    def close(self) -> None:
        """End what runs in the background: by Ctrl-D, or by Ctrl-C."""
        for process in self._running:
            assert process.stdin is not None
            process.stdin.close()
            if process.args != ["make", "account"]:
                process.send_signal(signal.SIGINT)
            assert process.wait(SECONDS) == 0

    def run(self, command: str, expected: list[str]) -> None:
        """Run a command; its output must be as expected."""
        if command.startswith("cd "):
            self.folder /= command.removeprefix("cd ")
            return
        for documented, real in self._ids.items():
            command = command.replace(documented, real)
        program, *arguments = command.split()
        if program == "export":
            self._environment |= dict(argument.split("=", 1) for argument in arguments)
            return
        if program == "unset":
            for name in arguments:
                del self._environment[name]
            return
        # What was just copied to the inbox, or drained, takes a moment.
        until = time.monotonic() + (SECONDS if command.startswith("slips errors") else 0)
        while True:
            ran = subprocess.run(
                command, shell=True, cwd=self.folder, env=self._environment, text=True,
                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS,
            )  # fmt: skip
            if self._matches(expected, ran.stdout):
                return
            assert time.monotonic() < until, f"$ {command}\n{ran.stdout}\nis documented as\n" + "\n".join(expected)

    def _start(self, block: Block, folder: Path) -> None:
        [(command, expected)] = block.commands()
        log = self.folder / f"{len(self._running)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                shlex.split(command), cwd=folder, env=self._environment, text=True,
                stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT,
            )  # fmt: skip
        self._running.append(process)
        until = time.monotonic() + SECONDS
        while not self._matches(expected, log.read_text()):
            assert time.monotonic() < until, log.read_text()
            assert process.poll() is None, log.read_text()
            time.sleep(0.05)

    def _matches(self, expected: list[str], output: str) -> bool:
        documented = _without_margins(expected)
        pattern, ids, end = "", list[str](), 0
        for token in _TOKEN.finditer(documented):
            assert token.lastgroup is not None
            pattern += re.escape(documented[end : token.start()]) + _FORMS[token.lastgroup]
            ids += [token[0]] if token["id"] or token["port"] else []
            end = token.end()
        match = re.fullmatch(pattern + re.escape(documented[end:]), _without_margins(output.splitlines()))
        if match is None:
            return False
        self._ids.update(zip(ids, match.groups(), strict=True))
        return True


def _errors_sorted(lines: list[str]) -> Iterator[str]:
    """Errors of the same moment are in no order: sort them by all but their time and id."""
    for error, rows in groupby(lines, key=lambda line: _ERROR.match(line) is not None):
        yield from sorted(rows, key=lambda row: _ERROR.sub("", row) if error else "")


def _without_margins(lines: list[str]) -> str:
    return "\n".join(re.sub(r" +(?=\[100%\])", " ", line.rstrip()) for line in _errors_sorted(lines)).strip("\n")
