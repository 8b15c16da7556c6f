"""A command imports app.py of its folder, imports it again after an edit, and refuses a faulty one in a line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from slips.ops.develop.project import load_project
from slips.ops.run.reload import Reloading

APP = """
from chalice import Chalice
from slips import Slips
import rules_of_mine

app = Chalice(app_name="mine")
slips = Slips(app)
VALUE = 1


@app.on_kinesis_record(stream=slips.fast.stream)
def process_fast(event):
    return {"value": VALUE, "rule": rules_of_mine.RULE}
"""
CHALICELIB = Path(__file__).resolve().parents[3] / "chalicelib"
CONFIG = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SLIPS_CONFIG", "")
    monkeypatch.setattr(sys, "path", [*sys.path])
    # Bytecode is what could hide an edit.
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "app.py").write_text(APP)
    (tmp_path / "rules_of_mine.py").write_text("RULE = 1\n")
    (tmp_path / "slips.yml").write_text(CONFIG)
    yield tmp_path
    for name in ("app", "rules_of_mine"):
        sys.modules.pop(name, None)


def answer(reloading: Reloading) -> object:
    return reloading.handler("process_fast")({"Records": []}, None)


def same_time(path: Path, text: str) -> None:
    """An edit within the same second; of the same size, too."""
    before = path.stat()
    path.write_text(text)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns + 1_000_000))
    assert path.stat().st_size == before.st_size


def test_the_next_invocation_runs_the_edited_app(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reloading = Reloading(None)
    assert answer(reloading) == {"value": 1, "rule": 1}
    for value in (2, 3, 4):
        same_time(project / "app.py", APP.replace("VALUE = 1", f"VALUE = {value}"))
        assert answer(reloading) == {"value": value, "rule": 1}
    assert capsys.readouterr().err.splitlines() == ["reloaded app.py"] * 3


def test_what_app_imports_from_its_folder_is_watched_too(project: Path) -> None:
    reloading = Reloading(None)
    same_time(project / "rules_of_mine.py", "RULE = 5\n")
    assert answer(reloading) == {"value": 1, "rule": 5}


def test_slips_yml_is_watched_too(project: Path) -> None:
    reloading = Reloading(None)
    told: list[str] = []
    reloading.reloaded = lambda made: told.extend(mapping.bucket for mapping in made.slips.config.mappings)
    (project / "slips.yml").write_text(CONFIG.replace("logs:", "other-logs:"))
    assert reloading.project.slips.config.mappings[0].bucket == "other-logs"
    assert told == ["other-logs"]


@pytest.mark.parametrize(
    ("file", "text", "says"),
    [
        ("app.py", APP + "1 +", "invalid syntax"),
        ("app.py", APP.replace("process_fast", "process_quickly"), "no longer has the Lambda function process_fast"),
        ("slips.yml", CONFIG.replace("mine", "theirs"), "names other streams"),
        ("slips.yml", CONFIG.replace("json", "jsno"), "jsno"),
        ("rules_of_mine.py", "RULE = 1 / 0\n", "rules_of_mine.py, line 1 cannot be imported: ZeroDivisionError"),
    ],
)
def test_an_edit_that_is_no_good_leaves_the_old_app_in_use(
    project: Path, capsys: pytest.CaptureFixture[str], file: str, text: str, says: str
) -> None:
    reloading = Reloading(None)
    (project / file).write_text(text)
    assert answer(reloading) == {"value": 1, "rule": 1}
    assert answer(reloading) == {"value": 1, "rule": 1}
    said = capsys.readouterr().err
    assert said.startswith("still using the old app.py: ")
    assert said.count("still using") == 1
    assert says in said


def test_the_way_to_a_fault_is_through_the_users_files_alone(project: Path) -> None:
    (project / "rules_of_mine.py").write_text("import json\n\njson.loads('{')\n")
    with pytest.raises(click.ClickException) as raised:
        load_project()
    assert raised.value.message.startswith(
        "app.py, line 4: rules_of_mine.py, line 3 cannot be imported: json.decoder.JSONDecodeError"
    )


def test_an_app_that_exits_is_a_fault_too(project: Path) -> None:
    (project / "app.py").write_text("import sys\nsys.exit(0)\n")
    with pytest.raises(click.ClickException) as raised:
        load_project()
    assert raised.value.message == "app.py, line 2 cannot be imported: SystemExit: 0"


RELOAD = """
import sys
from pathlib import Path
from slips.ops.run.reload import Reloading

reloading = Reloading(None)
framework = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "slips"}
values = [reloading.handler("process_fast")({"Records": []}, None)["value"]]
for file in ("detect.py", "rules/deep.py"):
    (Path("chalicelib") / file).write_text("VALUE = 20\\n")
    values.append(reloading.handler("process_fast")({"Records": []}, None)["value"])
assert values == [2, 21, 40], values
assert all(sys.modules[name] is module for name, module in framework.items())
"""


@pytest.mark.parametrize("layout", ["repository", "installed", "installed, without __init__.py"])
def test_modules_below_chalicelib_are_reloaded_but_never_slips(tmp_path: Path, layout: str) -> None:
    chalicelib = tmp_path / "chalicelib"
    package_root = CHALICELIB
    if layout == "repository":
        shutil.copytree(CHALICELIB, chalicelib, ignore=shutil.ignore_patterns("__pycache__"))
        package_root = chalicelib
    (chalicelib / "rules").mkdir(parents=True)
    if layout == "installed":
        (chalicelib / "__init__.py").touch()
    for file in ("detect.py", "rules/deep.py"):
        (chalicelib / file).write_text("VALUE = 1\n")
    imports = "from chalicelib import detect\nfrom chalicelib.rules import deep"
    app = APP.replace("import rules_of_mine", imports).replace("rules_of_mine.RULE", "None")
    (tmp_path / "app.py").write_text(app.replace("VALUE = 1", "VALUE = detect.VALUE + deep.VALUE"))
    (tmp_path / "slips.yml").write_text(CONFIG)
    env = {**os.environ, "PYTHONPATH": str(package_root), "SLIPS_CONFIG": ""}
    ended = subprocess.run(
        [sys.executable, "-P", "-c", RELOAD], cwd=tmp_path, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.splitlines() == ["reloaded app.py"] * 2
