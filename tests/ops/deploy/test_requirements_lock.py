"""requirements.lock: which files Lambda gets, and that it gets no others. pip is the real one, its index a folder."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from slips.errors import DeploymentError
from slips.ops.cli import main
from slips.ops.deploy.requirements_lock import find_lock_problem, locked_files, write_lock
from slips.ops.deploy.stage import DeploymentStage, read_stage

ROOT = Path(__file__).resolve().parents[3]
PYTHON = "{}.{}".format(*sys.version_info)
DIGEST = hashlib.sha256(b"sink>=1").hexdigest()
"""Of what the project below requires."""
LINUX = "cp{0}{1}-cp{0}{1}-manylinux_2_17_".format(*sys.version_info)


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder in which pip finds wheels."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.delenv("PIP_CONSTRAINT", raising=False)
    return folder


@pytest.fixture
def stage(tmp_path: Path, index: Path, monkeypatch: pytest.MonkeyPatch) -> DeploymentStage:
    """A project that needs `sink`, which needs `http`."""
    project = tmp_path / "project"
    (project / ".chalice").mkdir(parents=True)
    (project / "slips.yml").write_text("stack_name: shop\n")
    (project / "requirements.txt").write_text("# what we need\nsink>=1\n")
    write_config(project)
    write_wheel(index, "sink-1.0-py3-none-any.whl", needs="http")
    write_wheel(index, "http-2.0-py3-none-any.whl")
    monkeypatch.chdir(project)
    return read_stage("dev")


def write_config(project: Path, *architectures: str) -> None:
    stages = {f"of-{each}": {"lambda_architecture": each} for each in architectures} | {"dev": {}}
    (project / ".chalice" / "config.json").write_text(json.dumps({"app_name": "shop", "stages": stages}))


def write_wheel(folder: Path, file: str, *, needs: str = "", module: str = "") -> Path:
    name, version = file.split("-")[:2]
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    path = folder / file
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr(f"{name}.py", module)
        wheel.writestr(
            f"{name}-{version}.dist-info/METADATA", metadata + (f"Requires-Dist: {needs}\n" if needs else "")
        )
        wheel.writestr(f"{name}-{version}.dist-info/WHEEL", f"Wheel-Version: 1.0\nTag: {file[:-4].split('-', 2)[2]}\n")
        wheel.writestr(f"{name}-{version}.dist-info/RECORD", "")
    return path


def write_header(project: Path, python: str, architecture: str, digest: str) -> None:
    line = f"# Python {python}, {architecture}; requirements.txt sha256:{digest}\n"
    (project / "requirements.lock").write_text(line)


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def locked(project: Path) -> list[str]:
    return [line for line in (project / "requirements.lock").read_text().splitlines() if not line.startswith("#")]


def fetch(stage: DeploymentStage) -> set[str]:
    """What pip gets, called as Chalice calls it."""
    with locked_files(stage) as variables:
        folder = stage.project / "fetched"
        command = [sys.executable, "-m", "pip", "download", "-q", "-r", "requirements.txt", "--dest", str(folder)]
        subprocess.run(command, cwd=stage.project, env={**os.environ, **variables}, check=True)
    return {path.name for path in folder.iterdir()}


@pytest.mark.slow
class TestLocking:
    def test_holds_each_file_that_is_needed_with_its_hash(self, stage: DeploymentStage, index: Path) -> None:
        assert write_lock(stage.project) == ["+ http==2.0", "+ sink==1.0"]
        http, sink = (sha256(index / f"{name}-py3-none-any.whl") for name in ("http-2.0", "sink-1.0"))
        assert locked(stage.project) == [f"http==2.0 --hash=sha256:{http}", f"sink==1.0 --hash=sha256:{sink}"]
        assert find_lock_problem(stage.project) == ""

    def test_says_what_is_another_version_or_another_file(self, stage: DeploymentStage, index: Path) -> None:
        write_lock(stage.project)
        write_wheel(index, "sink-1.1-py3-none-any.whl", needs="http")
        write_wheel(index, "http-2.0-py3-none-any.whl", module="# built again")
        assert write_lock(stage.project) == ["+ sink==1.1", "- sink==1.0", "~ http==2.0: another file"]
        assert write_lock(stage.project) == []

    def test_takes_a_wheel_of_the_project(self, stage: DeploymentStage) -> None:
        (stage.project / "wheels").mkdir()
        wheel = write_wheel(stage.project / "wheels", "own-1.0-py3-none-any.whl")
        (stage.project / "requirements.txt").write_text("./wheels/own-1.0-py3-none-any.whl\n")
        write_lock(stage.project)
        assert locked(stage.project) == [f"./wheels/{wheel.name} --hash=sha256:{sha256(wheel)}"]
        assert fetch(stage) == {wheel.name}

    def test_refuses_a_file_outside_of_the_project(self, stage: DeploymentStage, index: Path) -> None:
        (stage.project / "requirements.txt").write_text(f"{index / 'http-2.0-py3-none-any.whl'}\n")
        with pytest.raises(DeploymentError, match=r"http-2\.0.*: is outside of the project.*put it into wheels/"):
            write_lock(stage.project)

    def test_takes_the_files_of_lambda_and_not_of_this_machine(self, stage: DeploymentStage, index: Path) -> None:
        write_config(stage.project, "arm64")
        for machine in ("x86_64", "aarch64"):
            write_wheel(index, f"http-2.0-{LINUX}{machine}.whl", module=machine)
        write_wheel(index, "http-3.0-cp311-cp311-macosx_11_0_arm64.whl")
        write_lock(stage.project)
        assert locked(stage.project)[0].count("--hash=") == 2
        assert fetch(read_stage("of-arm64")) == {f"http-2.0-{LINUX}aarch64.whl", "sink-1.0-py3-none-any.whl"}

    def test_gives_all_architectures_one_version(self, stage: DeploymentStage, index: Path) -> None:
        write_config(stage.project, "arm64")
        for version, machine in (("3.0", "aarch64"), ("3.0", "x86_64"), ("3.1", "x86_64")):
            write_wheel(index, f"http-{version}-{LINUX}{machine}.whl", module=machine)
        write_lock(stage.project)
        assert [line.split()[0] for line in locked(stage.project)] == ["http==3.0", "sink==1.0"]

    def test_says_what_cannot_be_found(self, stage: DeploymentStage) -> None:
        (stage.project / "requirements.txt").write_text("sink>=9\n")
        with pytest.raises(DeploymentError, match=r"pip install: .*sink>=9"):
            write_lock(stage.project)
        assert not (stage.project / "requirements.lock").exists()

    def test_is_a_command(self, stage: DeploymentStage) -> None:
        assert CliRunner().invoke(main, ["lock"]).output == "+ http==2.0\n+ sink==1.0\n"
        assert CliRunner().invoke(main, ["lock"]).output == "requirements.lock: nothing has changed\n"


@pytest.mark.slow
class TestWhatChaliceGets:
    def test_is_what_was_locked_also_where_there_is_newer(self, stage: DeploymentStage, index: Path) -> None:
        write_lock(stage.project)
        write_wheel(index, "sink-1.1-py3-none-any.whl", needs="http")
        assert fetch(stage) == {"sink-1.0-py3-none-any.whl", "http-2.0-py3-none-any.whl"}

    def test_is_nothing_where_a_file_is_another(self, stage: DeploymentStage, index: Path) -> None:
        write_lock(stage.project)
        write_wheel(index, "http-2.0-py3-none-any.whl", module="import evil")
        with pytest.raises(DeploymentError, match=r"pip download: .*DO NOT MATCH THE HASHES"), locked_files(stage):
            pytest.fail("an unknown file was passed on")


def test_without_a_lock_pip_is_as_before(stage: DeploymentStage) -> None:
    with locked_files(stage) as variables:
        assert variables == {}


@pytest.mark.parametrize(
    ("python", "architecture", "digest", "problem"),
    [
        (PYTHON, "x86_64", "0" * 64, "requirements.txt has changed since"),
        ("2.7", "x86_64", DIGEST, f"is for Python 2.7, and this is {PYTHON}, which Lambda would run"),
        (PYTHON, "arm64", DIGEST, "holds nothing for x86_64"),
        (PYTHON, "x86_64", "", "was not written by `slips lock`"),
    ],
)
def test_a_lock_that_does_not_fit_is_refused(
    stage: DeploymentStage, python: str, architecture: str, digest: str, problem: str
) -> None:
    write_header(stage.project, python, architecture, digest)
    line = f"requirements.lock: {problem}; run: slips lock"
    assert find_lock_problem(stage.project) == line
    with pytest.raises(DeploymentError) as refused, locked_files(stage):
        pytest.fail("went on")
    assert str(refused.value) == line
    assert line in CliRunner().invoke(main, ["check"]).output


def test_a_comment_changes_no_requirement(stage: DeploymentStage) -> None:
    write_header(stage.project, PYTHON, "x86_64", DIGEST)
    (stage.project / "requirements.txt").write_text("  sink>=1\n\n# another comment\n")
    assert find_lock_problem(stage.project) == ""


def test_lambda_gets_what_is_tested() -> None:
    tested = {line.lower().replace("_", "-") for line in (ROOT / "requirements-dev.txt").read_text().splitlines()}
    names = {line.split()[0].lower().replace("_", "-") for line in locked(ROOT)}
    assert names
    assert names <= tested


def test_where_pip_breaks_the_last_line_of_its_traceback_is_the_reason(stage: DeploymentStage) -> None:
    (stage.project / "requirements.txt").write_text("sink[\x00]\x85\n-r missing\x00\n")
    with pytest.raises(DeploymentError) as told:
        write_lock(stage.project)
    assert "Traceback" not in str(told.value)
    assert len(str(told.value)) < 300
