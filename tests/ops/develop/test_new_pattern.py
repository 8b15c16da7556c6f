"""`slips new-format` proposes a pattern of slips.yml where one reads the samples."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from slips.config import load
from slips.formats.base import ObjectInfo
from slips.formats.pattern_format import pattern_format
from slips.ops.cli import main
from slips.ops.develop.new_format import PatternProposal, Samples, propose_pattern
from tests.config.written import load_text, with_keys

from .test_new_format import SHAPES

CONFIG = "# Mine.\nstack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: door-badge}]}\n"
PATTERNS: dict[str, dict[str, Any] | None] = {
    "text": {"line": "%{time:time} %{notspace:level} [%{text:bracketed}] %{rest:message}"},
    "columns": {"line": "%{time:time} %{notspace:field} %{notspace:field_2} %{notspace:field_3}"},
    "clf": {
        "line": '%{ip:ip} %{notspace:field} %{notspace:field_2} [%{time:time}] "%{quoted:text}" %{int:number}',
    },
    "csv": {"header": True, "columns": {"When": "time"}},
    "bare": {"columns": {"field_1": "time", "field_2": "text", "field_3": "int"}, "separator": ";"},
    "tabs": {"columns": {"field_1": "time", "field_2": "text", "field_3": "int"}, "separator": "tab"},
    "pairs": None,
    "json": None,
    "document": None,
    "traces": {"line": "%{time:time} %{notspace:level} [%{text:bracketed}] %{rest:message}", "multiline": True},
    "traces in brackets": {"line": "[%{time:bracketed}] %{notspace:level} %{rest:message}", "multiline": True},
    "traces without a time": {
        "line": '%{notspace:field} %{notspace:field_2} %{notspace:field_3} "%{quoted:text}" %{rest:message}',
        "multiline": "indented",
    },
    "no time": {"line": "%{notspace:field} %{rest:message}"},
}
TIMES = {
    "a time in two words": (
        "01.03.2026 09:15:02 ada 7.5\n13.03.2026 09:15:02 bob 8\n",
        {
            "line": "%{notspace:field} %{notspace:field_2} %{notspace:field_3} %{float:number}",
            "time": {"field": "<field> <field_2>", "pattern": "%d.%m.%Y %H:%M:%S"},
        },
    ),
    "a time in a cell": (
        "01.03.2026 09:15:02;ada;007\n13.03.2026 09:15:02;bob;008\n",
        {
            "columns": {"field_1": "time", "field_2": "text", "field_3": "text"},
            "separator": ";",
            "time": {"pattern": "%d.%m.%Y %H:%M:%S"},
        },
    ),
    "values of each type": (
        "true,1.5,192.0.2.1,7,x\nfalse,-,::1,-8,\n",
        {"columns": {"field_1": "bool", "field_2": "float", "field_3": "ip", "field_4": "int", "field_5": "text"}},
    ),
}
CASES = {**{name: (SHAPES[name][0], keys) for name, keys in PATTERNS.items() if keys}, **TIMES}


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLIPS_CONFIG", raising=False)
    (tmp_path / "slips.yml").write_text(CONFIG)
    return tmp_path


def slips(*arguments: str) -> Any:
    return CliRunner().invoke(main, [*arguments], prog_name="slips")


def test_every_shape_has_its_pattern_or_its_parser() -> None:
    assert set(PATTERNS) == set(SHAPES)


@pytest.mark.parametrize("case", CASES)
def test_a_pattern_is_printed_with_what_to_do_with_it(project: Path, case: str) -> None:
    content, keys = CASES[case]
    (project / "a b.log").write_text(content)
    ran = slips("new-format", "door-badge", "--from", "a b.log")
    assert ran.exit_code == 0, ran.output
    assert yaml.safe_load(ran.stdout) == {"formats": {"door-badge": keys}}
    for line in (
        "in slips.yml, under bucket_mapping: - {prefix: …, format: door-badge}",
        "try it: slips parse --format door-badge 'a b.log'",
        'in app.py: @slips.on_format("door-badge")',
    ):
        assert line in ran.stderr
    assert (project / "slips.yml").read_text() == CONFIG


@pytest.mark.parametrize("case", CASES)
def test_what_is_written_reads_the_sample(project: Path, case: str) -> None:
    (project / "sample").write_text(CASES[case][0])
    ran = slips("new-format", "door-badge", "--from", "sample", "--write")
    assert (ran.exit_code, ran.stdout) == (0, "slips.yml\n"), ran.output
    assert (project / "slips.yml").read_text().startswith(CONFIG)
    assert sorted(path.name for path in project.iterdir()) == ["sample", "slips.yml"]
    parsed = slips("parse", "--format", "door-badge", "sample")
    assert (parsed.exit_code, parsed.stderr) == (0, "")
    events = [orjson.loads(line) for line in parsed.stdout.splitlines()]
    assert len(events) == 2
    if "time: not found" not in ran.stderr:
        assert all(1772356502 <= event["timestamp"] <= 1773393302 for event in events)


@pytest.mark.parametrize("shape", [name for name, keys in PATTERNS.items() if keys is None])
def test_json_and_pairs_have_a_parser(project: Path, shape: str) -> None:
    (project / "sample").write_text(SHAPES[shape][0])
    assert '@slips.format("door-badge"' in slips("new-format", "door-badge", "--from", "sample").stdout


def test_as_json(project: Path) -> None:
    (project / "sample").write_text(SHAPES["text"][0])
    proposal = orjson.loads(slips("new-format", "door-badge", "--from", "sample", "--json").stdout)
    assert (proposal["keys"], proposal["time"], proposal["read"]) == (PATTERNS["text"], "time", 2)


def write(project: Path, name: str = "door-badge") -> Any:
    (project / "sample").write_text(SHAPES["text"][0])
    return slips("new-format", name, "--from", "sample", "--write")


def test_a_second_one_is_written_into_the_same_section(project: Path) -> None:
    assert write(project).exit_code == 0
    assert write(project, "more").exit_code == 0
    assert list(load(project / "slips.yml").formats) == ["more", "door-badge"]


@pytest.mark.parametrize("text", ["formats: {}\n", "formats:\n    door-badge:\n        line: '%{int:a}'\n", "a: [\n"])
def test_a_file_that_it_would_break_is_left_as_it_is(project: Path, text: str) -> None:
    (project / "slips.yml").write_text(CONFIG + text)
    assert write(project).exit_code != 0
    assert (project / "slips.yml").read_text() == CONFIG + text
    assert not (project / "slips.yml.new").exists()


def test_a_name_that_is_taken_is_left_as_it_is(project: Path) -> None:
    write(project)
    before = (project / "slips.yml").read_text()
    ran = write(project)
    assert (ran.exit_code != 0, "formats.door-badge: is set twice" in ran.stderr) == (True, True)
    assert (project / "slips.yml").read_text() == before


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None, max_examples=40)
@given(
    st.lists(st.text(min_size=1, max_size=60).filter(str.strip), min_size=1, max_size=6)
    | st.lists(st.from_regex(r"\A[ -~]{1,9}[,;|\"\\%{}]{1,3}[ -~]{1,30}\Z"), min_size=1, max_size=6)
)
def test_whatever_the_samples_are_the_pattern_is_one_that_slips_yml_takes(records: list[str]) -> None:
    proposal = propose_pattern("mine", Samples(tuple(records)))
    if proposal is None:
        return
    assert count_read(proposal, records) == proposal.read


def count_read(proposal: PatternProposal, records: list[str]) -> int:
    """Return how many records the proposed section reads, as slips.yml has it."""
    config = load_text(with_keys() + proposal.text)
    parser, read = pattern_format(config.formats["mine"]).parser(ObjectInfo()), 0
    for record in records:
        try:
            read += parser.read(record.encode("utf-8", "replace")) is not None
        except ValueError:
            continue
    return read
