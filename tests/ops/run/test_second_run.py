"""A second `slips run` in a folder leaves the file by which --local finds the first."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from slips.ops.target import find_running


def test_the_process_of_a_run_that_is_up_is_found(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(json.dumps({"pid": os.getpid()}))
    assert find_running(file) == os.getpid()


@pytest.mark.parametrize("content", [None, "", "[]", "{}", '{"pid": "x"}', '{"pid": 99999999}'])
def test_no_run_is_found_where_none_is_up(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "run.json"
    if content is not None:
        file.write_text(content)
    assert find_running(file) is None


def test_a_second_run_leaves_the_first_ones_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from types import SimpleNamespace
    from typing import Any, cast

    from slips.ops.run.session import Options, Session

    monkeypatch.chdir(tmp_path)
    (tmp_path / ".slips").mkdir()
    first = json.dumps({"pid": os.getppid()})
    (tmp_path / ".slips/run.json").write_text(first)
    session = cast(Any, object.__new__(Session))
    session._embedded = SimpleNamespace(endpoint="e", place=SimpleNamespace(region="r"))
    session._options = Options()
    api = SimpleNamespace(url="u")
    with session._announced(api):
        assert (tmp_path / ".slips/run.json").read_text() == first
    assert (tmp_path / ".slips/run.json").read_text() == first
    assert f"process {os.getppid()}" in capsys.readouterr().err
    (tmp_path / ".slips/run.json").unlink()
    with session._announced(api):
        assert find_running(tmp_path / ".slips/run.json") == os.getpid()
    assert not (tmp_path / ".slips/run.json").exists()
