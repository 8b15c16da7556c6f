"""A copy of the project as a fresh clone would be, and the real `chalice` command on it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
WHEELS = ROOT / ".venv" / "wheels"
"""What `make test-slow` fetches for `chalice package`, which then needs no network."""

REGION = "eu-west-1"


OWN = ROOT / "tests" / "project"
"""app.py, slips.yml and .chalice/ of the tests, so that edits of the example's do not change what is tested."""


def copy_project(to: Path) -> Path:
    """Copy what git knows or would take, with the tests' own app.py, slips.yml and .chalice/; links stay links. Without
    the lock, which is for the Python of the deployment, and not for every one that runs the tests."""
    for name in _files():
        if os.path.lexists(ROOT / name) and not name.startswith((".chalice/", "requirements.lock")):
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name, follow_symlinks=False)
    shutil.copy2(OWN / "app.py", to)
    shutil.copy2(OWN / "slips.yml", to)
    shutil.copytree(OWN / "chalice", to / ".chalice")
    return to


def _files() -> Iterator[str]:
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True)
    return (name for name in listed.stdout.split("\0") if name)


def chalice(project: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run `chalice` in the project, without network, and return what it printed. Fails where it fails."""
    return command("chalice", project, *arguments, env=env)


def slips(project: Path, *arguments: str, env: Mapping[str, str] | None = None, status: int = 0) -> str:
    """Run `slips` likewise; fails where it ends with another exit status."""
    return _ended("slips", project, arguments, env, subprocess.STDOUT, status).stdout


def slips_json(project: Path, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[dict[str, Any], str]:
    """Run `slips … --json`; return its object, and what it printed to stderr."""
    ended = _ended("slips", project, arguments, env, subprocess.PIPE)
    return json.loads(ended.stdout), ended.stderr


def command(name: str, project: Path, *arguments: str, env: Mapping[str, str] | None = None) -> str:
    """Run a command of this Python in the project."""
    return _ended(name, project, arguments, env, subprocess.STDOUT).stdout


def _ended(
    name: str, project: Path, arguments: Sequence[str], env: Mapping[str, str] | None, stderr: int, status: int = 0
) -> subprocess.CompletedProcess[str]:
    ended = subprocess.run(
        [sys.executable, Path(sysconfig.get_path("scripts")) / name, *arguments],
        cwd=project,
        env={**environment(project), **(env or {})},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == status, (
        f"{name} {' '.join(arguments)}: exit status {ended.returncode}\n{ended.stdout}{ended.stderr}"
    )
    return ended


def environment(project: Path) -> dict[str, str]:
    """The variables of a command that sees no configuration of this machine, and no network."""
    assert any(WHEELS.glob("*.whl")), f"{WHEELS} is empty: run `make test-slow`, which fetches the wheels"
    return {
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "HOME": str(project),
        "LANG": "C.UTF-8",
        "PATH": os.defpath,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_FIND_LINKS": str(WHEELS),
        "PIP_NO_INDEX": "1",
        # Chalice loads app.py, and packages what lies in chalicelib/: byte code too, if there were any.
        "PYTHONDONTWRITEBYTECODE": "1",
        # The package slips of the copy, not that of the checkout, which is installed in this environment.
        "PYTHONPATH": str(project / "chalicelib"),
    }
