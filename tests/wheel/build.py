"""Build the wheel so that the same files always give the same bytes: python -m tests.wheel.build FOLDER"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from slips.version import VERSION

from ..deployment.project import copy_project

EPOCH = "1767225600"
"""2026-01-01T00:00:00Z, the time of every file in the wheel."""


def build_wheel(to: Path, version: str = "") -> Path:
    """Build the wheel of this checkout into a folder, as another version if asked to. Neither the time, nor the modes
    of the files, nor what earlier builds left in the checkout come into it."""
    with TemporaryDirectory(prefix="slips-wheel-") as scratch:
        source = copy_project(Path(scratch) / "source")
        for path in source.rglob("*"):
            if path.is_file() and not path.is_symlink():
                path.chmod(0o644)
        if version:
            (source / "chalicelib" / "slips" / "version.py").write_text(f'VERSION = "{version}"\n')
        command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index"]
        environment = {**os.environ, "SOURCE_DATE_EPOCH": EPOCH, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
        subprocess.run([*command, "-w", str(to), str(source)], check=True, env=environment)
    (wheel,) = to.glob(f"slips-{version or VERSION}-*.whl")
    return wheel


def check_wheel(wheel: Path) -> str:
    """What `twine check` says of it: of the metadata, and of the README as an index would show it."""
    command = [sys.executable, "-m", "twine", "--no-color", "check", "--strict", str(wheel)]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


if __name__ == "__main__":
    built = build_wheel(Path(sys.argv[1]))
    check_wheel(built)
    print(built)
