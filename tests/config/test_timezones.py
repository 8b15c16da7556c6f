"""`timezones`: what the names of zones mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from chalice import Chalice
from click.testing import CliRunner

from slips import Slips
from slips.errors import ParseError
from slips.formats.timestamps import epoch
from slips.formats.zones import use_timezones
from slips.ops.cli.parse import parse

from .written import faults_of, load_text

HEAD = "stack_name: a\nbackend: {sns_topics: [{name: b}]}\n"


def test_each_name_has_its_offset() -> None:
    assert load_text(HEAD + 'timezones: {IST: "+05:30", CST: "-0600", MYT: "+08:00"}').timezones == {
        "IST": "+05:30", "CST": "-0600", "MYT": "+08:00",
    }  # fmt: skip
    assert load_text(HEAD).timezones == {}


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("IST: +10:30", "630"),
        ("IST: Asia/Kolkata", '"Asia/Kolkata"'),
        ('IST: "+24:00"', '"+24:00"'),
        ("IST: null", "missing"),
        ('Ist: "+05:30"', "is not the name of a zone"),
        ('UTC: "+01:00"', "UTC already has exactly one meaning"),
    ],
)
def test_what_is_not_a_zone_is_a_fault_with_its_place(entry: str, fault: str) -> None:
    (text,) = faults_of(HEAD + f"timezones: {{{entry}}}")
    assert "timezones." in text
    assert fault in text


def test_slips_parse_has_those_of_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLIPS_CONFIG", raising=False)
    Path("slips.yml").write_text(HEAD + 'timezones: {XST: "+05:30"}')
    Path("a.log").write_text("Mar 01 2026 14:45:02 XST fw-1 app: x\nMar 01 2026 14:45:02 IST fw-1 app: x")
    try:
        done = CliRunner().invoke(parse, ["--format", "syslog", "a.log"])
    finally:
        use_timezones({})
    assert [json.loads(line)["timestamp"] == 1772356502.0 for line in done.stdout.splitlines()] == [True, False]
    assert (done.exit_code, json.loads(done.stderr)["position"]) == (0, 2)
    assert "IST means several zones" in json.loads(done.stderr)["time_fault"]


def test_they_hold_in_the_process_of_the_app(tmp_path: Path) -> None:
    text = "2026-03-01 14:45:02 IST"
    path = tmp_path / "slips.yml"
    path.write_text(HEAD + 'timezones: {IST: "+05:30"}')
    try:
        Slips(Chalice("test"), path)
        assert epoch(text) == 1772356502.0
        path.write_text(HEAD)
        Slips(Chalice("test"), path)
        with pytest.raises(ParseError, match="several zones"):
            epoch(text)
    finally:
        use_timezones({})
