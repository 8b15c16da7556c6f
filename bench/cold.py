"""A cold start, and the package that Lambda unpacks for it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from slips.ops.deploy.byte_code import write_byte_code

from .measure import Row, no_more_than
from .throughput import Scale

ROOT = Path(__file__).resolve().parent.parent
MOST_COLD = 150.0
"""Milliseconds for the import of app.py at the most, beyond that of chalice and boto3."""
_IMPORT = "import time; begun = time.process_time(); import app; print(time.process_time() - begun)"
_OWN = ("app.py", "chalicelib", "__pycache__")
"""What is the project's own in the package; __pycache__ is that of app.py."""


def cold_start(scale: Scale) -> list[Row]:
    """Milliseconds that `import app` takes beyond `import chalice, boto3`: as `slips deploy` packages it, with byte
    code, and as a plain `chalice deploy` may do, without: then Lambda compiles what it imports."""
    with tempfile.TemporaryDirectory(prefix="slips-bench-") as folder:
        for name in ("app.py", "slips.yml"):
            shutil.copy(ROOT / name, folder)
        shutil.copytree(ROOT / "chalicelib", Path(folder) / "chalicelib", ignore=shutil.ignore_patterns("__pycache__"))
        without = _cold_start(folder, scale)
        write_byte_code(Path(folder))
        compiled = _cold_start(folder, scale)
    return [
        no_more_than("import of app.py", compiled, MOST_COLD, bound=1.0, unit="ms"),
        no_more_than("import of app.py, with byte code against without", compiled, without, bound=0.9, unit="ms"),
    ]


def _cold_start(folder: str, scale: Scale) -> float:
    took = [
        _import_seconds(folder, "chalice, boto3, app") - _import_seconds(folder, "chalice, boto3")
        for _ in range(scale.runs * 2)
    ]
    return median(took) * 1000


def _import_seconds(folder: str, modules: str) -> float:
    # Before the checkout that is installed in the environment: chalicelib refuses a second SLIPS.
    environment = {**_quiet(), "PYTHONPATH": str(Path(folder) / "chalicelib")}
    begun = time.perf_counter()
    subprocess.run([sys.executable, "-c", f"import {modules}"], check=True, cwd=folder, env=environment)
    return time.perf_counter() - begun


def _quiet() -> dict[str, str]:
    return {**os.environ, "AWS_DEFAULT_REGION": "eu-west-1", "PYTHONDONTWRITEBYTECODE": "1"}


def cold_import(scale: Scale) -> list[Row]:
    """Milliseconds of CPU that `import app` takes in the unpacked package, as in Lambda, with nothing else to import
    from; against the same package as Chalice alone makes it: without the byte code of what is not the project's own,
    and with slips.yml only as YAML."""
    with _package() as package, tempfile.TemporaryDirectory(prefix="slips-bench-") as folder:
        whole, without = Path(folder, "whole"), Path(folder, "without")
        for unpacked in (whole, without):
            with zipfile.ZipFile(package) as archive:
                archive.extractall(unpacked)
        for path in without.rglob("*.pyc"):
            if path.relative_to(without).parts[0] not in _OWN:
                path.unlink()
        (without / "slips.yml.json").unlink()
        took = [(_import_cpu(whole), _import_cpu(without)) for _ in range(scale.runs * 2 + 1)][1:]
    ours, reference = (median(each) * 1000 for each in zip(*took, strict=True))
    return [no_more_than("cold import, against a package of Chalice alone", ours, reference, bound=0.65, unit="ms")]


def _import_cpu(folder: Path) -> float:
    # Without site-packages, which hold the same modules with byte code.
    command = [sys.executable, "-S", "-c", _IMPORT]
    return float(subprocess.run(command, check=True, cwd=folder, env=_quiet(), capture_output=True).stdout)


@contextmanager
def _package() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="slips-bench-") as folder:
        slips = Path(sys.executable).with_name("slips")
        subprocess.run([slips, "package", folder], check=True, capture_output=True, cwd=ROOT, env=_quiet())
        yield Path(folder) / "deployment.zip"


def package(_: Scale) -> list[Row]:
    """Megabytes of the deployment package."""
    with _package() as path:
        size = path.stat().st_size / 1e6
    return [no_more_than("deployment package", size, 20.0, bound=1.0, unit="MB")]


CASES: dict[str, Callable[[Scale], list[Row]]] = {each.__name__: each for each in (cold_start, cold_import, package)}
