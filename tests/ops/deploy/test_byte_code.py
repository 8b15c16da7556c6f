"""The byte code that `slips deploy` packages."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from slips.ops.deploy.byte_code import write_byte_code


def run_module(project: Path) -> str:
    command = [sys.executable, "-c", "from chalicelib import rules; print(rules.VALUE, rules.__cached__)"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout


def test_a_module_that_has_changed_since_is_compiled_again(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 'first'")
    write_byte_code(tmp_path)
    assert run_module(tmp_path).startswith("first")
    module.write_text("VALUE = 'other'")
    assert run_module(tmp_path).startswith("other")


def test_byte_code_that_is_checked_by_time_is_replaced(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    subprocess.run([sys.executable, "-m", "compileall", "-q", module.parent], check=True)
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    assert byte_code.read_bytes()[4:8] == b"\x03\0\0\0"


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    (module.parent / "__pycache__").write_text("in the way")
    (warning,) = write_byte_code(tmp_path)
    assert warning.startswith("the package has no byte code")


def test_byte_code_that_is_right_stays(tmp_path: Path) -> None:
    """A package that changed only in its times would be deployed again."""
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    os.utime(byte_code, (1, 1))
    write_byte_code(tmp_path)
    assert byte_code.stat().st_mtime == 1


def test_vendor_has_byte_code_that_is_checked(tmp_path: Path) -> None:
    module = tmp_path / "vendor" / "maps" / "ports.py"
    module.parent.mkdir(parents=True)
    module.write_text("VALUE = 1")
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    assert byte_code.read_bytes()[4:8] == b"\x03\0\0\0"


def test_what_is_not_python_is_left_out_without_a_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module = tmp_path / "vendor" / "template.py"
    module.parent.mkdir()
    module.write_text("print 1 {{name}}")
    assert write_byte_code(tmp_path) == []
    assert capfd.readouterr() == ("", "")
