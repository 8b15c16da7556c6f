"""`slips parse` writes every event that a format can make."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from slips.ops.cli import main


def test_integers_of_any_length_are_written(tmp_path: Path) -> None:
    event = {"a": 10**40, "b": [{"c": -(10**40)}], "d": "é"}
    (tmp_path / "a.log").write_text(json.dumps(event))
    result = CliRunner().invoke(main, ["parse", "--format", "json", str(tmp_path / "a.log")])
    assert (json.loads(result.stdout)["event"], result.exit_code) == (event, 0)


def test_text_in_another_encoding_is_written(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_bytes(b'\0{"a":"caf\xe9 \\ud83d"}')
    result = CliRunner().invoke(main, ["parse", "--format", "json", str(tmp_path / "a.log")])
    assert (json.loads(result.stdout)["event"], result.exit_code) == ({"a": "café \ufffd"}, 0)


def test_an_object_without_a_record_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text("<Other/>")
    result = CliRunner().invoke(main, ["parse", "--format", "windows-event-xml", str(tmp_path / "a.xml")])
    assert (result.stdout, result.exit_code) == ("", 1)
    assert "s3-xml finds no record in the object" in result.stderr
