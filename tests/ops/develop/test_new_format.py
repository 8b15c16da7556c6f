"""`slips new-format`: what it proposes runs, on samples of every shape and on hostile ones."""

from __future__ import annotations

import gzip
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slips.formats.chain import compile_chain
from slips.ops.cli import main
from slips.ops.develop.new_format import Samples, insert, propose_parser, read_samples
from slips.reader import FRAMER_NAMES
from slips.testing import SlipsTester
from slips.wording import plural

APP = '''"""Mine."""

from chalice import Chalice
from slips import Slips

app = Chalice(app_name="mine")
lips = Slips(app)


@lips.on_format("json")
def keep(meta, event):
    pass
'''
CONFIG = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"
AT = 1772356502.0

SHAPES = {
    "text": (
        "2026-03-01T09:15:02Z INFO [main] started in 3 ms\n2026-03-01T09:15:03Z WARN [pool 1] gone\n",
        "time level bracketed message",
    ),
    "columns": (
        "2026-03-01 09:15:02 lobby ada granted\n2026-03-01 09:16:02 lab bob denied\n",
        "time field field_2 field_3",
    ),
    "clf": (
        '10.0.0.1 - - [01/Mar/2026:09:15:02 +0000] "GET /a" 200\n10.0.0.2 - - [01/Mar/2026:09:15:03 +0000] "\\"" 404\n',
        "ip field field_2 time text number",
    ),
    "csv": (
        'When,Who,"What, then"\n2026/03/01 09:15:02,ada,"a, b"\n2026/03/01 09:16:02,bob,c\n',
        "when who what_then",
    ),
    "bare": ("1772356502;ada;1\n1772356503;bob;2\n", "field_1 field_2 field_3"),
    "tabs": ("1772356502123\tada\t1\n1772356503123\tbob\t2\n", "field_1 field_2 field_3"),
    "pairs": ('ts=1772356502 level=info msg="hello \\"w"\nts=1772356503 level=warn msg=x\n', "ts level msg"),
    "json": (
        '{"at": {"when": "2026-03-01T10:15:02+01:00"}, "n": 1}\n{"at": {"when": "2026-03-01T09:15:03Z"}, "n": 2}\n',
        "at n",
    ),
    "document": ('{"Items": [{"time": 1772356502000, "n": 1}, {"time": 1772356503000, "n": 2}]}', "time n"),
    "traces": (
        "2026-03-01 09:15:02,123 ERROR [main] no\n\nTraceback:\n  at x\nE: no\n2026-03-01 09:15:03,001 INFO [x] fine\n",
        "time level bracketed message",
    ),
    "traces in brackets": (
        "[2026-03-01 09:15:02] ERROR: it broke\n#0 {main}\n[2026-03-01 09:15:03] INFO: fine\n",
        "bracketed level message",
    ),
    "traces without a time": (
        'Exception in thread "main" java.lang.X\n\tat a.b(C.java)\nException in thread "b" java.lang.Y\n\tat a.c(D)\n',
        "field field_2 field_3 text message",
    ),
    "no time": ("hello world\nhow do you do\n", "field message"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("app", None)  # Another test's.
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "slips.yml").write_text(CONFIG)
    yield tmp_path
    for name in ("app", *(name for name in sys.modules if name.startswith("test_format_"))):
        sys.modules.pop(name, None)


def slips(*arguments: str) -> Any:
    ran = CliRunner().invoke(main, ["new-format", "--code", *arguments], prog_name="slips")
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.exception
    return ran


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("zipped", [True, False])
def test_the_proposal_is_written_runs_and_passes_its_test(project: Path, shape: str, zipped: bool) -> None:
    content, fields = SHAPES[shape]
    sample = project / "sample"
    sample.write_bytes(gzip.compress(content.encode()) if zipped else content.encode())
    ran = slips("door-badge", "--from", "sample", "--write")
    assert ran.exit_code == 0, ran.output
    assert ran.stdout == "app.py\ntests/test_format_door_badge.py\n"
    assert f"fields: {', '.join(fields.split())}\n" in ran.stderr
    app = importlib.import_module("app")
    run_the_test(project, app)
    run = SlipsTester(app)
    vars(run.app)["slips"].on_format("door-badge")(lambda meta, event: None)
    outcome = run.content(["door-badge"], content.encode())
    outcome.check()
    assert outcome.books.events > 0
    records = [record for record in read_samples(sample).records if not record.startswith("When")]
    meta, event = app.door_badge(records[0])
    assert (meta.get("timestamp", AT) // 1, bool(event)) == (AT, True)
    assert outcome.books.events == len(records)


PRETTY = '{\n  "time": "2026-03-01T09:15:02Z",\n  "n": 1\n}\n{\n  "time": "2026-03-01T09:15:03Z"\n}\n'
LEVEL = r"^\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b"
TIME = r"^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d"


@pytest.mark.parametrize(
    ("content", "framing"),
    [
        (SHAPES["traces"][0], f"multiline:{TIME}"),
        (SHAPES["traces in brackets"][0], f"multiline:{TIME}"),
        ("Mar 1, 2026 9:15:02 AM a.b.C\nSEVERE: no\n" * 2, r"multiline:^[A-Z][a-z]{2} \d\d?. \d{4} \d\d?:\d\d:\d\d"),
        ("E0301 09:15:02.481 7 a.go:1] no\ngoroutine 1:\n" * 2, r"multiline:^[IWEF]\d{4} \d\d:\d\d:\d\d"),
        ("ERROR:root:no\nTraceback:\nINFO:root:yes\n", f"multiline:{LEVEL}"),
        (SHAPES["traces without a time"][0], "multiline"),
        # Neither a header, nor a few broken lines, nor indented JSON or XML make a record of several lines.
        (SHAPES["csv"][0], "lines"),
        ("2026-03-01 09:15:02 a\n" * 11 + "broken\n" + "2026-03-01 09:15:02 a\n" * 11, "lines"),
        (PRETTY, "json"),
        ("<a>\n  <b/>\n</a>\n", "lines"),
        ("  1 a\n  2 b\n", "lines"),
        ("", "lines"),
    ],
)  # fmt: skip
def test_the_framing_is_inferred_from_how_lines_begin(tmp_path: Path, content: str, framing: str) -> None:
    (tmp_path / "sample").write_text(content)
    assert read_samples(tmp_path / "sample").framing == framing


@pytest.mark.parametrize(
    ("framing", "records"),
    [
        ("lines", 4), ("s3-lines", 4), ("multiline:^<b", 2), ("multiline:!^.b", 2), ("text", 1), ("csv:;", 4),
        ("xml:b", 2),
    ],
)  # fmt: skip
def test_cut_overrides_what_the_lines_look_like(project: Path, framing: str, records: int) -> None:
    (project / "sample").write_text("<a>\n<b>1 2\n </b>\n<b>3 4</b></a>\n")
    ran = slips("x", "--from", "sample", "--cut", framing)
    assert ran.exit_code == 0, ran.output
    assert f"of {plural(records, 'record')} fit" in ran.stderr
    assert f"cut by {framing.removeprefix('s3-')}:" in ran.stderr


def test_the_end_of_a_record_at_the_beginning_of_a_file_is_not_a_sample(tmp_path: Path) -> None:
    (tmp_path / "sample").write_text("the end\n" + SHAPES["traces"][0])
    assert len(read_samples(tmp_path / "sample").records) == 2


def test_the_chain_for_slips_yml_is_printed_as_yaml(project: Path) -> None:
    (project / "sample").write_text(SHAPES["traces"][0])
    ran = slips("door-badge", "--from", "sample")
    assert f'@lips.format("door-badge", source=r"multiline:{TIME}")' in ran.stdout
    line = next(line for line in ran.stderr.splitlines() if line.startswith("in slips.yml"))
    (mapping,) = yaml.safe_load(line.partition(": ")[2].partition(", or short")[0])
    assert mapping["format"] == [f"s3-multiline:{TIME}", "door-badge"]
    chain = compile_chain(",".join(mapping["format"]).split(",")[:1], FRAMER_NAMES)
    assert (chain.framing, chain.argument) == ("s3-multiline", TIME)
    (project / "sample").write_text(SHAPES["text"][0])
    assert "format: [s3-lines, door-badge]}\n" in slips("door-badge", "--from", "sample").stderr


def test_the_parser_imports_from_slips_alone(project: Path) -> None:
    (project / "sample").write_text(SHAPES["text"][0])
    ran = slips("door-badge", "--from", "sample")
    assert "from slips import ParseError\n" in ran.stdout
    assert "chalicelib" not in ran.stdout


def run_the_test(project: Path, app: ModuleType) -> None:
    sys.path.insert(0, str(project / "tests"))
    try:
        module = importlib.import_module("test_format_door_badge")
    finally:
        sys.path.remove(str(project / "tests"))
    tests = [value for name, value in vars(module).items() if name.startswith("test_")]
    assert len(tests) == 2
    for test in tests:
        test(SlipsTester(app))
    del sys.modules["test_format_door_badge"]


def test_without_write_both_are_printed_and_nothing_is_touched(project: Path) -> None:
    (project / "sample").write_text(SHAPES["text"][0])
    ran = slips("door-badge", "--from", "sample")
    assert '@lips.format("door-badge")' in ran.stdout
    assert "# tests/test_format_door_badge.py" in ran.stdout
    compile(ran.stdout.replace("from __future__ import annotations", ""), "shown", "exec")
    assert ((project / "app.py").read_text(), (project / "tests").exists()) == (APP, False)


def test_secrets_in_the_test_are_replaced_where_wanted(project: Path) -> None:
    (project / "sample").write_text('{"ip": "10.1.2.3", "time": "2026-03-01T09:15:02Z"}\n')
    assert "10.1.2.3" in slips("x", "--from", "sample").stdout
    assert "10.1.2.3" not in slips("x", "--from", "sample", "--redact").stdout


@pytest.mark.parametrize(
    ("arguments", "says", "code"),
    [
        (("syslog", "--from", "sample"), "there is a format syslog already", 2),
        (("x", "--from", "nowhere"), "nowhere", 2),
        (("x", "--from", "empty"), "no records in it", 2),
        (("\x1b", "--from", "sample"), "letters and digits", 2),
        (("x",), "--from", 2),
        (("x", "--from", "sample", "--cut", "rows"), 'there is no framing "rows"; there are csv, json, ', 2),
        (("x", "--from", "sample", "--cut", "multiline:("), "is not a regular expression", 1),
        (("keep", "--from", "sample", "--write"), "choose another NAME", 1),
    ],
)
def test_used_wrongly(project: Path, arguments: tuple[str, ...], says: str, code: int) -> None:
    (project / "sample").write_text("a b c\n")
    (project / "empty").write_text("\n\n")
    ran = slips(*arguments)
    assert (ran.exit_code, says in ran.stderr, "Traceback" in ran.output) == (code, True, False), ran.output


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(
    name=st.text(st.characters(categories=["L", "N", "P", "S"]), min_size=1, max_size=12),
    records=st.lists(st.text(min_size=1, max_size=60).filter(str.strip), min_size=1, max_size=6)
    | st.lists(st.from_regex(r'\A[ -~]{1,9}[,;|="\\]{1,3}[ -~]{1,30}\Z'), min_size=1, max_size=6),
)
@example(name="if", records=["a b"])
@example(name="re", records=["a=1 b=2 c=3"])
@example(name="lips", records=["a,b,1", "c,d,2"])
@example(name="json", records=['{"a": 1}'])
def test_whatever_the_samples_are_the_code_runs_and_reads_them(name: str, records: list[str]) -> None:
    proposal = propose_parser(name, Samples(tuple(records)), "lips")
    compile(insert(APP, proposal.imports, proposal.parser), "app.py", "exec")
    compile(proposal.test, "test.py", "exec")
    variables: dict[str, Any] = {"lips": Registered()}
    exec("\n".join(proposal.imports), variables)
    exec(proposal.parser, variables)
    read = 0
    for record in records:
        try:
            variables[proposal.function](record)
            read += 1
        except ValueError:
            pass
    assert read >= proposal.shape.read


class Registered:
    def format(self, name: str, source: str = "") -> Any:
        return lambda function: function
