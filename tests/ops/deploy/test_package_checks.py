"""What `slips check` says of a project that would fail in Lambda alone."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from slips.ops.deploy.package_checks import (
    package_warnings,
    requirement_warnings,
    size_warnings,
    unpackaged_modules,
)
from slips.ops.deploy.stage import read_stage
from slips.version import VERSION

WHEEL = f"slips-{VERSION}-py3-none-any.whl"


def write_requirements(project: Path, text: str, wheel: bytes | None = b"wheel") -> None:
    (project / "requirements.txt").write_text(text)
    (project / "wheels").mkdir()
    if wheel is not None:
        (project / "wheels" / WHEEL).write_bytes(wheel)


def test_a_module_beside_app_py_is_not_packaged(tmp_path: Path) -> None:
    files = [
        tmp_path / name for name in ("app.py", "rules.py", "chalicelib/a.py", "vendor/b.py", "lib/c.py", "slips.yml")
    ]
    warnings = list(unpackaged_modules(tmp_path, files))
    assert [warning.partition(":")[0] for warning in warnings] == ["lib/c.py", "rules.py"]


def test_the_wheel_of_this_version_with_its_digest_is_fine(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"wheel").hexdigest()
    write_requirements(tmp_path, f"# sha256:{digest}\n./wheels/{WHEEL}\n")
    assert list(requirement_warnings(tmp_path)) == []


def test_a_clone_needs_no_requirement(tmp_path: Path) -> None:
    (tmp_path / "chalicelib" / "slips").mkdir(parents=True)
    assert list(requirement_warnings(tmp_path)) == []


@pytest.mark.parametrize(
    ("text", "wheel", "warning"),
    [
        ("PyYAML>=6\n", b"wheel", "SLIPS is missing"),
        ("slips==1.0\n", b"wheel", "may be another package of that name"),
        (f"./wheels/{WHEEL}\n", None, "there is no wheels/slips-"),
        ("./wheels/slips-0.9-py3-none-any.whl\n", b"wheel", "there is no wheels/slips-0.9"),
        (f"# sha256:{'0' * 64}\n./wheels/{WHEEL}\n", b"wheel", "its SHA-256 is not the one"),
    ],
)
def test_what_lambda_would_not_get_is_said(tmp_path: Path, text: str, wheel: bytes | None, warning: str) -> None:
    write_requirements(tmp_path, text, wheel)
    (line,) = requirement_warnings(tmp_path)
    assert warning in line
    assert "slips init --upgrade" in line


def test_an_older_wheel_is_named_with_both_versions(tmp_path: Path) -> None:
    write_requirements(tmp_path, "./wheels/slips-0.9-py3-none-any.whl\n")
    (tmp_path / "wheels" / "slips-0.9-py3-none-any.whl").write_bytes(b"old")
    assert list(requirement_warnings(tmp_path)) == [
        f"requirements.txt: Lambda gets SLIPS 0.9, this is {VERSION}; run: slips init --upgrade"
    ]


ENOUGH = {"lambda_memory_size": 1769, "lambda_timeout": 900}


@pytest.mark.parametrize(
    ("settings", "count"),
    [
        ({"stages": {"dev": {}}}, 4),
        ({"stages": {"dev": {}}, **ENOUGH}, 0),
        ({"stages": {"dev": ENOUGH}}, 0),
        ({"stages": {"dev": {}}, "lambda_functions": {"process_fast": ENOUGH, "process_slow": ENOUGH}}, 0),
        ({"stages": {"dev": {"lambda_functions": {"process_fast": ENOUGH}}}}, 2),
        ({"stages": {"dev": {}, "prod": ENOUGH}}, 4),
    ],
)
def test_too_little_memory_or_time_is_said_as_chalice_reads_it(
    tmp_path: Path, settings: dict[str, Any], count: int
) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"version": "2.0", "app_name": "a", **settings}))
    warnings = list(size_warnings(tmp_path))
    assert len(warnings) == count, warnings
    assert all("stage dev" in warning for warning in warnings)


BOTH = {"process_fast": {"layers": ["arn:layer"]}, "process_slow": {"layers": ["arn:layer"]}}
LARGE = "requirements.txt: with pyarrow the package of stage dev has more than the 50 MiB"
LACKS = "x needs pyarrow, and process_{} of stage dev has none in Lambda: write pyarrow into requirements.txt"


@pytest.mark.parametrize(
    ("requirements", "config", "settings", "warning"),
    [
        ("", "", {}, LACKS.format("fast")),
        ("pyarrow-stubs\n# pyarrow\nnopyarrow\n", "", {}, LACKS.format("fast")),
        ("", "", {"lambda_functions": {"process_fast": {"layers": ["arn:layer"]}}}, LACKS.format("slow")),
        ("", "", {"lambda_functions": BOTH}, ""),
        ("", "", {"layers": ["arn:layer"]}, ""),
        ("PyArrow>=21\n", "", {}, LARGE),
        ("pyarrow\n", "package_bucket: example-packages\n", {}, ""),
    ],
)
def test_a_package_that_lambda_would_lack_is_said_and_one_that_is_too_large_for_the_call(
    tmp_path: Path, requirements: str, config: str, settings: dict[str, Any], warning: str
) -> None:
    (tmp_path / ".chalice").mkdir()
    document = {"version": "2.0", "app_name": "a", "stages": {"dev": settings}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(document))
    (tmp_path / "slips.yml").write_text(f"stack_name: a\n{config}")
    (tmp_path / "requirements.txt").write_text(requirements)
    lines = list(package_warnings([read_stage("dev", project=tmp_path)], {"pyarrow": "x"}))
    assert [line[: len(warning)] for line in lines] == ([warning] if warning else [])


def test_what_vendor_holds_is_packaged(tmp_path: Path) -> None:
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "a", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text("stack_name: a\npackage_bucket: example-packages\n")
    (tmp_path / "vendor" / "pyarrow").mkdir(parents=True)
    assert list(package_warnings([read_stage("dev", project=tmp_path)], {"pyarrow": "x"})) == []
