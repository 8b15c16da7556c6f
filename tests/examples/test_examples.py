"""Each project of examples/ is whole, passes its own tests, and runs on the embedded account."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import yaml

from slips.config import load
from slips.ops.develop.config_schema import LINE, PACKAGED
from slips.ops.develop.init.template import PYTEST, WIRING

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NAMES = sorted(path.parent.name for path in EXAMPLES.glob("*/app.py"))
EVENTS = {
    "count-errors": 3,
    "graylog": 3,
    "gsuite-logins": 5,
    "java-logs": 4,
    "opensearch": 5,
    "parquet-duckdb": 6,
    "ported-rule": 4,
    "slack": 4,
}
"""The events that `slips run --once` counts, without the records that `contains` skips."""
REMOTE = {"graylog", "opensearch", "slack"}
"""What they send to is not on this machine: `--sinks dry` prints it."""


def run(command: str, folder: Path) -> str:
    """Run a command as a user would who has this SLIPS installed; return its standard output."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "SLIPS_CONFIG": "", "PYTHONDONTWRITEBYTECODE": "1"}
    ended = subprocess.run(
        command, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


def test_every_example_is_tested_and_listed() -> None:
    assert list(EVENTS) == NAMES
    assert re.findall(r"^\| \[([a-z-]+)\]\(\1/\)", (EXAMPLES / "README.md").read_text(), re.MULTILINE) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_it_is_made_as_slips_init_makes_one(name: str) -> None:
    folder = EXAMPLES / name
    assert (folder / "app.py").read_text().endswith(WIRING)
    assert (folder / "pytest.ini").read_text() == PYTEST
    text = (folder / "slips.yml").read_text()
    assert text.startswith(LINE)
    jsonschema.validate(yaml.safe_load(text), json.loads(PACKAGED.read_text()))
    config = load(folder / "slips.yml")
    assert (config.stack_name, config.warnings, config.notes) == (name, (), ())
    assert f"$ cp -r examples/{name} " in (folder / "README.md").read_text()


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_its_tests_pass_and_it_runs_on_the_embedded_account(name: str, tmp_path: Path) -> None:
    folder = tmp_path / name
    shutil.copytree(EXAMPLES / name, folder)
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    run("slips init .", folder)
    assert {path: path.read_bytes() for path in before} == before
    assert sorted((folder / "samples").rglob("*")) == sorted(
        folder / path.relative_to(EXAMPLES / name) for path in (EXAMPLES / name / "samples").rglob("*")
    )
    if name == "parquet-duckdb":
        run("echo pyarrow >> requirements.txt", folder)
    assert run("slips check", folder) == "slips.yml: all is well\n"
    assert " passed" in run(f"{sys.executable} -m pytest -q -p no:cacheprovider", folder)
    sinks = "dry" if name in REMOTE else "send"
    summary = json.loads(run(f"slips run --once --json --port 0 --sinks {sinks}", folder).splitlines()[-1])
    assert (summary["events"], summary["errors"], summary["waiting"]) == (EVENTS[name], 0, 0)
    if name == "parquet-duckdb":
        assert query(folder) == [("192.0.2.2", 3), ("192.0.2.4", 1)]


def query(folder: Path) -> list[tuple[str, int]]:
    """Ask DuckDB who was refused most, as the example does."""
    import duckdb

    text = (folder / "rejected.sql").read_text().replace("'outbox/", f"'{folder}/outbox/")
    return duckdb.sql(text).fetchall()
