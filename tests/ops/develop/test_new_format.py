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
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from slips.ops.cli import main
from slips.ops.develop.new_format import Samples, insert, propose_parser, read_samples
from slips.testing import SlipsTester

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
    "no time": ("hello world\nhow do you do\n", "field message"),
}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "slips.yml").write_text(CONFIG)
    yield tmp_path
    for name in ("app", *(name for name in sys.modules if name.startswith("test_format_"))):
        sys.modules.pop(name, None)


def slips(*arguments: str) -> Any:
    ran = CliRunner().invoke(main, ["new-format", *arguments], prog_name="slips")
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
    first = next(record for record in read_samples(sample).records if not record.startswith("When"))
    meta, event = app.door_badge(first)
    assert (meta.get("timestamp", AT) // 1, bool(event)) == (AT, True)


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
