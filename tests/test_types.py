"""Type checkers accept a correct app.py as it is, and refuse each mistake that a decorator can see."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from slips.ops.develop.init import template

ROOT = Path(__file__).resolve().parent.parent
PYRIGHT = shutil.which("basedpyright", path=str(Path(sys.executable).parent)) or shutil.which("pyright")

PREAMBLE = """
from collections.abc import Iterator, Mapping
from typing import Any, assert_type

import msgspec
from chalice.app import Chalice
from slips import Meta, ParseError, Slips

slips = Slips(Chalice(app_name="logs"))


class Line(msgspec.Struct):
    level: str


class Other(msgspec.Struct):
    text: str
"""

UNTYPED = "# mypy: allow-untyped-defs, allow-untyped-calls\n"

GOOD = {
    "event": """
@slips.on_format("cloudtrail", contains=["ConsoleLogin", b"Assume"], where=lambda meta, event: event["a"], tag="aws.*")
def index(meta: Meta, event: dict[str, Any]) -> int:
    return len(event) + meta.position

def test(meta: Meta) -> int:
    return index(meta=meta, event={})
""",
    "all_formats": """
@slips.on_format("*")
def count(meta: Meta, event: Mapping[str, object], step: int = 1) -> None: ...
""",
    "a_format_of_ones_own": """
def name() -> str: return "door-badge"
@slips.on_format(name())
def count(meta: Meta, event: object) -> None: ...
""",
    "two_decorators": """
@slips.on_format("okta")
@slips.on_tag("aws.guardduty*", where=lambda meta, event: meta.tag)
def findings(meta: Meta, event: dict[str, Any]) -> None: ...
""",
    "batch": """
@slips.on_format("cloudtrail", batch=500)
def index(batch: list[tuple[Meta, dict[str, Any]]]) -> None:
    for meta, event in batch:
        print(meta.event_id, event["eventName"])

@slips.on_tag("aws.*", batch=500)
def index_by_tag(batch: list[tuple[Meta, Any]]) -> None: ...
""",
    "struct": """
@slips.on_format("json", type=Line, where=lambda meta, line: line.level == "error")
def errors(meta: Meta, line: Line) -> str:
    return line.level

def test(meta: Meta) -> str:
    return errors(meta=meta, line=Line("error"))

@slips.on_tag("json", type=Line, where=lambda meta, line: line.level)
def by_tag(meta: Meta, line: Line) -> None: ...
""",
    "struct_of_a_wider_type": """
@slips.on_format("json", type=Line)
def errors(meta: Meta, line: Line | Other) -> None: ...
""",
    "struct_batch": """
def is_error(meta: Meta, line: Line) -> bool:
    return line.level == "error"

@slips.on_format("json", type=Line, batch=10, where=is_error)
def errors(batch: list[tuple[Meta, Line]]) -> int:
    return len(batch[0][1].level)

def test(meta: Meta) -> int:
    return errors(batch=[(meta, Line("error"))])

@slips.on_tag("json", type=Line, batch=10)
def by_tag(batch: list[tuple[Meta, Line]]) -> None: ...
""",
    "hooks": """
rows: list[Any] = []

@slips.on_setup
def setup(args: dict[str, Any]) -> None:
    rows.append(args["index"])

@slips.on_setup
def setup_from_mapping(args: Mapping[str, Any]) -> None: ...

@slips.on_flush
def flush() -> None:
    batch, rows[:] = rows[:], []

@slips.on_result
def result() -> dict[str, int]:
    return {"rows": len(rows)}

setup({"index": 1})
flush()
assert_type(result(), dict[str, int])
""",
    "parsers": """
@slips.format("text")
def parse_text(record: str) -> dict[str, str]:
    return {"time": record}

@slips.format("bytes", source="lines")
def parse_bytes(record: bytes) -> dict[str, Any]:
    raise ParseError("no")

@slips.format("either")
def parse_either(record: str | bytes) -> dict[str, Any] | None:
    return None

@slips.format("object")
def parse_object(record: dict[str, Any]) -> dict[str, Any]:
    return record

@slips.format("pair")
def parse_pair(record: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return {"tag": "a"}, {"b": record}

@slips.format("iterator")
def parse_iterator(record: str) -> Iterator[dict[str, Any]]:
    yield {"a": record}

@slips.format("pairs")
def parse_pairs(record: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    yield {}, {"a": record}

@slips.format("list")
def parse_list(record: str) -> list[dict[str, int]]:
    return []

assert_type(parse_text(record="x"), dict[str, str])
""",
    "meta": """
@slips.on_format("json")
def look(meta: Meta, event: dict[str, Any]) -> None:
    assert_type((meta.tag, meta.timestamp, meta.format, meta.message, meta.event_id), tuple[str, float, str, str, str])
    assert_type((meta.position, meta.index), tuple[int, int | None])
    assert_type(meta.datetime.isoformat(), str)
    assert_type((meta.source.bucket, meta.source.size), tuple[str, int | None])
""",
    "without_annotations": UNTYPED
    + """
@slips.on_format("g-suite-login")
def watch_logins(meta, event): ...

@slips.on_format("cloudtrail", contains="ConsoleLogin", batch=500)
def index_console_logins(batch): ...

@slips.on_format("json", where=lambda meta, line: line.level == "error", type=Line)
def errors(meta, line): ...

@slips.on_format("json", type=Line, batch=5)
def many_errors(batch): ...

@slips.on_tag("aws.guardduty*")
def findings(meta, event): ...

@slips.on_setup
def setup(args): ...

@slips.on_flush
def flush(): ...

@slips.format("own")
def parse(record): ...
""",
    "of_slips_init": template.app_module(
        "Logs", "logs", body=template.FUNCTION.format(format="cloudtrail", name="handle_cloudtrail")
    ),
}

BAD = {
    "event_without_meta": """
@slips.on_format("json")
def index(event: dict[str, Any]) -> None: ...
""",
    "event_with_three": """
@slips.on_format("json")
def index(meta: Meta, event: dict[str, Any], more: int) -> None: ...
""",
    "event_in_the_wrong_order": """
@slips.on_format("json")
def index(event: dict[str, Any], meta: Meta) -> None: ...
""",
    "event_by_tag": """
@slips.on_tag("aws.*")
def index(event: dict[str, Any]) -> None: ...
""",
    "batch_with_single_events": """
@slips.on_format("json", batch=10)
def index(meta: Meta, event: dict[str, Any]) -> None: ...
""",
    "batch_with_one_event": """
@slips.on_format("json", batch=10)
def index(event: dict[str, Any]) -> None: ...
""",
    "batch_of_events_alone": """
@slips.on_format("json", batch=10)
def index(batch: list[dict[str, Any]]) -> None: ...
""",
    "batch_with_none": """
@slips.on_format("json", batch=10)
def index() -> None: ...
""",
    "batch_by_tag": """
@slips.on_tag("json", batch=10)
def index(meta: Meta, event: dict[str, Any]) -> None: ...
""",
    "batch_not_asked_for": """
@slips.on_format("json")
def index(batch: list[tuple[Meta, dict[str, Any]]]) -> None: ...
""",
    "struct_and_dict": """
@slips.on_format("json", type=Line)
def errors(meta: Meta, line: dict[str, Any]) -> None: ...
""",
    "struct_and_another": """
@slips.on_format("json", type=Line)
def errors(meta: Meta, line: Other) -> None: ...
""",
    "struct_by_tag_and_another": """
@slips.on_tag("json", type=Line)
def errors(meta: Meta, line: Other) -> None: ...
""",
    "struct_without_meta": """
@slips.on_format("json", type=Line)
def errors(line: Line) -> None: ...
""",
    "struct_batch_of_another": """
@slips.on_format("json", type=Line, batch=10)
def errors(batch: list[tuple[Meta, Other]]) -> None: ...
""",
    "struct_batch_by_tag_of_another": """
@slips.on_tag("json", type=Line, batch=10)
def errors(batch: list[tuple[Meta, Other]]) -> None: ...
""",
    "struct_batch_with_single_events": """
@slips.on_format("json", type=Line, batch=10)
def errors(meta: Meta, line: Line) -> None: ...
""",
    "struct_that_is_none": """
@slips.on_format("json", type=dict)
def errors(meta: Meta, line: dict[str, Any]) -> None: ...
""",
    "where_of_a_dict_with_a_struct": """
@slips.on_format("json", type=Line, where=lambda meta, event: event["level"] == "error")
def errors(meta: Meta, line: Line) -> None: ...
""",
    "where_by_tag_of_a_dict_with_a_struct": """
@slips.on_tag("json", type=Line, where=lambda meta, event: event["level"] == "error")
def errors(meta: Meta, line: Line) -> None: ...
""",
    "where_of_a_dict_with_a_struct_batch": """
@slips.on_format("json", type=Line, batch=10, where=lambda meta, event: event["level"] == "error")
def errors(batch: list[tuple[Meta, Line]]) -> None: ...
""",
    "where_of_the_event_alone": """
@slips.on_format("json", where=lambda event: event["level"] == "error")
def errors(meta: Meta, line: dict[str, Any]) -> None: ...
""",
    "setup_without_args": """
@slips.on_setup
def setup() -> None: ...
""",
    "setup_called": """
@slips.on_setup()
def setup(args: dict[str, Any]) -> None: ...
""",
    "flush_with_args": """
@slips.on_flush
def flush(args: dict[str, Any]) -> None: ...
""",
    "result_with_args": """
@slips.on_result
def result(args: dict[str, Any]) -> None: ...
""",
    "parser_of_a_number": """
@slips.format("own")
def parse(record: int) -> dict[str, Any]:
    return {}
""",
    "parser_of_two": """
@slips.format("own")
def parse(meta: Meta, record: str) -> dict[str, Any]:
    return {}
""",
    "parser_returns_text": """
@slips.format("own")
def parse(record: str) -> str:
    return record
""",
    "parser_returns_a_list_of_texts": """
@slips.format("own")
def parse(record: str) -> list[str]:
    return record.split()
""",
    "parser_returns_meta_second": """
@slips.format("own")
def parse(record: bytes) -> tuple[dict[str, Any], str]:
    return {}, ""
""",
    "called_against_its_signature": """
@slips.on_format("json", type=Line)
def errors(meta: Meta, line: Line) -> None: ...

errors(Line("error"))
""",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("types")
    for name, text in {**GOOD, **BAD}.items():
        whole = text if "import Slips" in text else text.replace("\n", PREAMBLE + "\n", 1)
        (folder / f"app_{name}.py").write_text(whole)
    return folder


@pytest.fixture(scope="module")
def messages(folder: Path) -> dict[str, list[str]]:
    """Check all files with mypy at once; return its errors by the file's name."""
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", "--no-pretty", "--follow-imports=silent"]
    ended = subprocess.run(
        [*command, "--cache-dir", folder / "cache", *sorted(folder.glob("*.py"))], cwd=folder, check=False,
        env={**os.environ, "MYPYPATH": str(ROOT / "chalicelib")}, capture_output=True, text=True,
    )  # fmt: skip
    assert ended.returncode == 1, ended.stdout + ended.stderr
    errors: dict[str, list[str]] = {name: [] for name in (*GOOD, *BAD)}
    for line in ended.stdout.splitlines():
        if ": error: " in line:
            errors[case_name(line.split(":")[0])].append(line)
    return errors


def case_name(path: str) -> str:
    """Return the name of a case from the path of its file."""
    return Path(path).stem.removeprefix("app_")


@pytest.mark.parametrize("name", GOOD)
def test_mypy_accepts(name: str, messages: dict[str, list[str]]) -> None:
    assert messages[name] == []


@pytest.mark.parametrize("name", BAD)
def test_mypy_refuses(name: str, messages: dict[str, list[str]]) -> None:
    codes = {message.rpartition("[")[2].rstrip("]") for message in messages[name]}
    assert codes
    assert codes <= {"type-var", "arg-type", "call-arg", "index", "misc", "untyped-decorator"}, messages[name]


def test_pyright_refuses_the_same(folder: Path) -> None:
    assert PYRIGHT, "basedpyright is not installed: pip install -r requirements-dev.txt"
    settings = {"typeCheckingMode": "standard", "extraPaths": [str(ROOT / "chalicelib")], "pythonVersion": "3.11"}
    (folder / "pyrightconfig.json").write_text(json.dumps(settings))
    command = [PYRIGHT, "--outputjson", "--pythonpath", sys.executable, "."]
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    diagnostics = json.loads(ended.stdout)["generalDiagnostics"]
    refused = {case_name(error["file"]) for error in diagnostics if error["severity"] == "error"}
    assert refused == BAD.keys()
