"""A module of the user's own (`chalicelib/detect.py`) works wherever app.py does: in a clone of the repository, where
the framework lies in chalicelib/slips/, and in a project where it is installed from a wheel."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from pathlib import Path
from typing import NamedTuple

import pytest

from ..lambda_runtime import LambdaProcess
from ..wheel.build import build_wheel
from .project import ROOT, copy_project, environment

pytestmark = pytest.mark.slow

APP = """
import secrets

import msgspec
from chalice import Chalice

from {package} import Slips
from chalicelib import detect
import slips as package
from slips.engine.frames import is_user_file

app = Chalice(app_name="mine")
slips = Slips(app, config="slips.yml")


@slips.on_format("json")
def watch(meta, event):
    detect.watch(event)


@app.lambda_function()
def describe(event, context):
    users = [module.__name__ for module in (detect, msgspec, package, secrets) if is_user_file(module.__file__)]
    files = {{"slips": package.__file__, "secrets": secrets.__file__, "msgspec": msgspec.__file__}}
    return {{"detect": detect.VALUE, "users": users, **files}}


for topic in slips.topics:
    dispatch = app.on_sns_message(topic=topic.arn, name=topic.name)(slips.dispatch)
process_fast = app.on_kinesis_record(stream=slips.fast.stream, starting_position="TRIM_HORIZON")(slips.process_fast)
process_slow = app.on_kinesis_record(stream=slips.slow.stream, starting_position="TRIM_HORIZON")(slips.process_slow)
report = app.on_sns_message(topic=slips.dead_letters)(slips.report)
retry = app.schedule("rate(1 minute)")(slips.retry)
app.register_blueprint(slips.api)
"""
DETECT = """
VALUE = "mine"


def watch(event):
    if event.get("bad"):
        raise ValueError("bad")
"""
TEST = """
from slips.testing import SlipsTester, slips_fixture

from chalicelib import detect

run = slips_fixture("app")


def test_watch(run: SlipsTester) -> None:
    outcome = run.lines("json", [{"n": 1}, {"bad": True}])
    assert outcome.delivered == {"watch": 1}
    assert detect.VALUE == "mine"
    (error,) = outcome.errors
    assert error.traceback.splitlines()[-2].strip() == 'raise ValueError("bad")'
"""
CONFIG = """
stack_name: mine
backend: {lane: {fast: {shards: 1}, slow: {shards: 1}}}
bucket_mapping:
  my-logs: [{format: [s3-lines, json]}]
"""


class OwnProject(NamedTuple):
    """A project of a user's, and the Python that has what it needs."""

    folder: Path
    python: Path
    env: dict[str, str]

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """Run a command of that Python in the project. Fails where it fails."""
        ended = subprocess.run(
            self.command(*command), cwd=self.folder, env=self.env, stdin=subprocess.DEVNULL, capture_output=True,
            text=True, timeout=180, check=False,
        )  # fmt: skip
        assert ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
        return ended

    def command(self, name: str, *arguments: str) -> list[str]:
        """The command line of an installed command."""
        entry = {"slips": "slips.ops.cli:main", "chalice": "chalice.cli:main", "pytest": "pytest:main"}[name]
        module, _, function = entry.partition(":")
        script = f"import sys; sys.argv[0] = {name!r}; from {module} import {function}; sys.exit({function}())"
        # -P: the commands that pip installs do not put the present folder on sys.path either.
        return [str(self.python), "-P", "-c", script, *arguments]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module", params=["clone", "wheel"])
def project(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> OwnProject:
    """The same project in both layouts."""
    folder = tmp_path_factory.mktemp("own") / "project"
    if request.param == "clone":
        copy_project(folder)
        shutil.rmtree(folder / "tests")
        package, python = "chalicelib", _virtual_environment(tmp_path_factory.mktemp("venv"))
        install = ["-m", "pip", "--python", str(python), "install", "-q", "--no-deps", "--no-index"]
        subprocess.run([sys.executable, *install, "--no-build-isolation", "-e", str(folder)], check=True)
    else:
        package, python = "slips", _installed(wheel, tmp_path_factory.mktemp("venv"))
        (folder / "wheels").mkdir(parents=True)
        shutil.copy(wheel, folder / "wheels")
        (folder / "requirements.txt").write_text(f"./wheels/{wheel.name}\n")
        (folder / "chalicelib").mkdir()
        (folder / "chalicelib" / "__init__.py").touch()
        (folder / "vendor").mkdir()
        (folder / "vendor" / "slips.yml").symlink_to("../slips.yml")
        (folder / ".chalice").mkdir()
    (folder / ".chalice" / "config.json").write_text(
        json.dumps(
            {
                "version": "2.0",
                "app_name": "mine",
                "autogen_policy": False,
                "lambda_memory_size": 1769,
                "lambda_timeout": 900,
                "lambda_functions": {"describe": {"autogen_policy": True}},
                "stages": {"dev": {}},
            }
        )
    )
    (folder / "app.py").write_text(APP.format(package=package))
    (folder / "slips.yml").write_text(CONFIG)
    (folder / "chalicelib" / "detect.py").write_text(DETECT)
    (folder / "chalicelib" / "secrets.py").write_text("raise ImportError('this is not the standard library')\n")
    (folder / "pytest.ini").write_text("[pytest]\npythonpath = .\n")
    (folder / "tests").mkdir()
    (folder / "tests" / "test_detect.py").write_text(TEST)
    samples = folder / "own-samples" / "my-logs"
    samples.mkdir(parents=True)
    (samples / "a.json").write_text('{"n": 1}\n{"bad": true}\n')
    project = OwnProject(folder, python, {**environment(folder), "PYTHONPATH": ""})
    project.run("slips", "provision", "--policies")
    return project


def _virtual_environment(folder: Path) -> Path:
    """A Python that has the packages of this one, but not SLIPS."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    (site,) = folder.glob("lib/python*/site-packages")
    # Of a folder that is named here, .pth files are not read: so the checkout that is installed there is not found.
    packages = [path for path in sys.path if path.endswith("site-packages")]
    (site / "packages.pth").write_text("\n".join(packages) + "\n")
    return folder / "bin" / "python"


def _installed(wheel: Path, folder: Path) -> Path:
    """The same with the wheel."""
    python = _virtual_environment(folder)
    (site,) = folder.glob("lib/python*/site-packages")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return python


def test_in_pytest(project: OwnProject) -> None:
    assert "1 passed" in project.run("pytest", "-p", "no:cacheprovider", "tests").stdout


def test_in_slips_check(project: OwnProject) -> None:
    assert "all is well" in project.run("slips", "check").stdout


def test_in_slips_run(project: OwnProject) -> None:
    ended = project.run("slips", "run", "--once", "--json", "--samples", "own-samples")
    counts = json.loads(ended.stdout.splitlines()[-1])
    assert {name: counts[name] for name in ("objects", "delivered", "errors")} == {
        "objects": 1, "delivered": 1, "errors": 1,
    }  # fmt: skip


def test_slips_run_reloads_an_edited_module(project: OwnProject, tmp_path: Path) -> None:
    log, detect = tmp_path / "log", project.folder / "chalicelib" / "detect.py"
    command = project.command("slips", "run", "--samples", "own-samples", "--port", "0")
    with (
        log.open("wb") as out,
        subprocess.Popen(command, cwd=project.folder, env=project.env, stdout=out, stderr=subprocess.STDOUT) as server,
    ):
        try:
            url = _wait_for_line(log, "API: ", server).split()[0]
            detect.write_text(DETECT.replace('event.get("bad")', "False"))
            with urllib.request.urlopen(urllib.request.Request(url + "/drain", method="POST"), timeout=30) as response:
                assert json.load(response)["drained"] == 1
            _wait_for_line(log, "reloaded app.py", server)
            with urllib.request.urlopen(url + "/errors", timeout=30) as response:
                assert json.load(response)["errors"] == []
        finally:
            server.kill()
            detect.write_text(DETECT)


def _wait_for_line(log: Path, text: str, server: subprocess.Popen[bytes]) -> str:
    """Return what follows the text, once the server has printed it."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, present, rest = log.read_text().partition(text)
        if present and "\n" in rest:
            return rest.partition("\n")[0]
        assert server.poll() is None, log.read_text()
        time.sleep(0.05)
    raise AssertionError(log.read_text())


def test_in_chalice_local(project: OwnProject) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = project.command("chalice", "local", "--port", str(port), "--no-autoreload")
    with subprocess.Popen(
        command, cwd=project.folder, env=project.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    ) as server:
        try:
            assert b"<title>" in _get(f"http://127.0.0.1:{port}/", server)
        finally:
            server.kill()


def _get(url: str, server: subprocess.Popen[bytes]) -> bytes:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert server.poll() is None, server.communicate()[0].decode()
        try:
            with urllib.request.urlopen(url, timeout=10) as answer:
                return bytes(answer.read())
        except urllib.error.URLError:
            time.sleep(0.05)
    raise AssertionError("chalice local does not answer")


@pytest.fixture(scope="module")
def unzipped(project: OwnProject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What `chalice package` packs, as Lambda's /var/task."""
    out = tmp_path_factory.mktemp("package")
    ended = project.run("chalice", "package", str(out))
    assert "Could not install" not in ended.stdout + ended.stderr
    with zipfile.ZipFile(out / "deployment.zip") as archive:
        archive.extractall(out / "task")
    return out / "task"


def test_in_the_package(unzipped: Path) -> None:
    assert (unzipped / "chalicelib" / "detect.py").exists()
    assert (unzipped / "slips.yml").exists()
    found = sorted(str(path.relative_to(unzipped)) for path in unzipped.rglob("decorators.py") if "slips" in path.parts)
    assert found in (["chalicelib/slips/decorators.py"], ["slips/decorators.py"])


def test_on_lambda(unzipped: Path) -> None:
    with LambdaProcess(unzipped, "app.describe") as function:
        facts = function.invoke({})
    assert facts["detect"] == "mine"
    assert Path(facts["slips"]).is_relative_to(unzipped)
    assert not Path(facts["secrets"]).is_relative_to(unzipped)
    # A package lies in the same folder as the user's modules, and its frames must not be taken for theirs.
    assert Path(facts["msgspec"]).is_relative_to(unzipped)
    assert facts["users"] == ["chalicelib.detect"]


def test_a_wheel_beside_a_clone_is_an_error_that_says_which_is_which(tmp_path: Path, wheel: Path) -> None:
    copy_project(tmp_path / "project")
    python = _installed(wheel, tmp_path / "venv")
    for script in ("import app", "import slips, app"):
        ended = subprocess.run(
            [str(python), "-c", script], cwd=tmp_path / "project", capture_output=True, text=True, check=False,
            env={**environment(tmp_path / "project"), "PYTHONPATH": ""},
        )  # fmt: skip
        last = ended.stderr.splitlines()[-1]
        assert last.startswith("ImportError: there are two packages named slips: ")
        assert str(tmp_path / "project" / "chalicelib" / "slips") in last
        assert str(tmp_path / "venv") in last


def test_the_framework_is_never_loaded_twice(tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "before = list(sys.path)\n"
        "import app, chalicelib, slips\n"
        "assert chalicelib.Slips is slips.Slips\n"
        "try:\n    import chalicelib.slips.errors\nexcept ImportError: pass\nelse: sys.exit('a second copy')\n"
        "files = [m.__file__ for m in sys.modules.values() if '/slips/' in (getattr(m, '__file__', None) or '')]\n"
        "assert len(files) == len(set(files)), sorted(files)\n"
        "assert sys.path == before\n"
    )
    env = {**environment(ROOT), "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env=env, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr


def test_an_installed_checkout_leaves_nothing_in_chalicelib(project: OwnProject) -> None:
    """Chalice would pack an egg-info that an editable install puts there."""
    names = {path.name for path in (project.folder / "chalicelib").iterdir()}
    assert names - {"slips", "__pycache__"} == {"__init__.py", "detect.py", "secrets.py"}
