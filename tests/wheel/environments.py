"""Empty virtual environments, with the wheel and its extras installed by pip."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from ..deployment.project import ROOT, environment

WHEELS = ROOT / ".venv" / "user-wheels"
"""What `make test-slow` fetches for `pip install 'slips[local]' pytest`, which then needs no network."""
_OF_EVERY_ENVIRONMENT = ("pip", "setuptools", "pkg_resources", "_distutils_hack")


class UserEnvironment:
    """A virtual environment, made by `python -m venv`, in which commands run as in a shell where it is active."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)

    def install(self, *requirements: str) -> None:
        """`pip install` them."""
        assert any(WHEELS.glob("*.whl")), f"{WHEELS} is empty: run `make test-slow`, which fetches the wheels"
        self.succeed(f"pip install -q {shlex.join(requirements)}", self._folder, env={"PIP_FIND_LINKS": str(WHEELS)})

    def run(self, line: str, folder: Path, env: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command line in a folder."""
        variables = {**environment(folder), "PATH": f"{self._folder / 'bin'}:{os.defpath}", **(env or {})}
        del variables["PYTHONPATH"]
        return subprocess.run(
            shlex.split(line), executable=str(self._folder / "bin" / line.split()[0]), cwd=folder, env=variables,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip

    def succeed(self, line: str, folder: Path, env: Mapping[str, str] | None = None) -> str:
        """Run it; return what it printed to both outputs. Fails where it fails."""
        ended = self.run(line, folder, env)
        assert ended.returncode == 0, f"{line}: exit status {ended.returncode}\n{ended.stdout}{ended.stderr}"
        return ended.stdout + ended.stderr

    def measure(self) -> float:
        """The MB (10**6 bytes) of all files in site-packages, byte code too, but for what `python -m venv` puts
        there: pip and setuptools."""
        (site,) = self._folder.glob("lib/python*/site-packages")
        files = [path for path in site.rglob("*") if path.is_file()]
        ours = [
            path for path in files if path.relative_to(site).parts[0].partition("-")[0] not in _OF_EVERY_ENVIRONMENT
        ]
        return sum(path.stat().st_size for path in ours) / 1e6
