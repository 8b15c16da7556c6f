"""Which frames of a traceback are the user's: the same in tests, in `slips run` and on Lambda."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import slips as package
from slips import Meta, Slips
from slips.engine.frames import format_traceback, innermost_line, is_user_file, skip_framework
from slips.model import fingerprint
from slips.testing import SlipsTester

FRAMEWORK = Path(package.__file__).parent
PROJECT = FRAMEWORK.parent.parent

Check = Callable[[dict[str, Any]], None]


@pytest.mark.parametrize(
    ("file", "is_users"),
    [
        (PROJECT / "app.py", True),
        (PROJECT / "rules.py", True),
        (PROJECT / "chalicelib_rules.py", True),
        (PROJECT / "chalicelib" / "detect.py", True),
        (PROJECT / "chalicelib" / "slips_rules" / "logins.py", True),
        (FRAMEWORK / "engine" / "loop.py", False),
        (Path(json.__file__), False),
        (Path(pytest.__file__), False),
        (Path("/usr/lib/python3/dist-packages/yaml/__init__.py"), False),
        ("<frozen importlib._bootstrap>", False),
    ],
    ids=str,
)
def test_a_file_is_the_users_unless_slips_python_or_a_package_brought_it(file: object, is_users: bool) -> None:
    assert is_user_file(str(file)) == is_users


def test_beside_app_py_what_a_package_installed_is_not_the_users(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Chalice packages it for Lambda: all in one folder."""
    install(tmp_path, "shipped", {"shipped/__init__.py": "", "shipped/deep/a.py": "", "single.py": ""})
    monkeypatch.syspath_prepend(tmp_path)
    installed = ("shipped/__init__.py", "shipped/deep/a.py", "single.py")
    assert [name for name in installed if is_user_file(str(tmp_path / name))] == []
    assert is_user_file(str(tmp_path / "app.py"))
    assert is_user_file(str(tmp_path / "shipped_rules.py"))


@pytest.mark.parametrize("folder", ["task", "lib/python3/site-packages"])
def test_two_lines_of_the_users_code_are_two_causes_wherever_the_library_lies(
    slips: Slips, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    check = library(tmp_path / folder, monkeypatch)

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        if event["n"] == 1:
            check({})
        check(event)

    failures = SlipsTester(slips).lines("json", [{"n": 1}, {"n": 2}, {"n": 3}]).errors
    assert [failure.positions for failure in failures] == ["1", "2-3"]
    place = ("test_frames.py", function.__qualname__)
    assert [failure.fingerprint for failure in failures] == [
        fingerprint("process", "json", "function", "KeyError", *place, line) for line in ("check({})", "check(event)")
    ]


def install(folder: Path, name: str, files: dict[str, str]) -> None:
    """Write the files and the RECORD of a package, as an installer leaves them."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    info = folder / f"{name}-1.0.dist-info"
    info.mkdir()
    record = [*files, f"{info.name}/RECORD"]
    (info / "RECORD").write_text("".join(f"{path},sha256=x,1\n" for path in record))


def library(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Install a package whose `check` always raises."""
    install(folder, "shipped", {"shipped.py": "def check(event):\n    raise KeyError('actor')\n"})
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, "shipped", raising=False)
    import shipped  # type: ignore[import-not-found]

    check: Check = shipped.check
    monkeypatch.delitem(sys.modules, "shipped")
    return check


def raised_in(file: str, *others: str) -> BaseException:
    """An exception that the code of a file raised, called by the code of the others, the innermost first."""
    call: Callable[[], None] = _compile(file, "raise ValueError('it')", None)
    for other in others:
        call = _compile(other, "inner()", call)
    try:
        call()
    except ValueError as fault:
        return fault
    raise AssertionError


def _compile(file: str, line: str, inner: object) -> Callable[[], None]:
    names: dict[str, Any] = {"inner": inner}
    exec(compile(f"def run():\n    {line}", file, "exec"), names)
    run: Callable[[], None] = names["run"]
    return run


def test_a_traceback_leaves_out_the_frames_of_slips_alone() -> None:
    users = str(PROJECT / "chalicelib_rules.py")
    framework = str(FRAMEWORK / "engine" / "loop.py")
    text = format_traceback(raised_in(str(FRAMEWORK / "model" / "meta.py"), users, framework))
    assert users in text
    assert str(FRAMEWORK) + os.sep not in text
    assert text.endswith("ValueError: it\n")


def test_of_a_traceback_without_a_frame_of_the_user_the_innermost_stays() -> None:
    fault = raised_in(str(FRAMEWORK / "a.py"), str(FRAMEWORK / "b.py"))
    fault.__traceback__ = fault.__traceback__ and fault.__traceback__.tb_next  # Without the frame of this test.
    assert "a.py" in format_traceback(fault)
    assert "b.py" not in format_traceback(fault)
    assert innermost_line(fault.__traceback__) == ("a.py", "run", "")
    assert innermost_line(None) == ("", "", "")
    assert skip_framework(fault.__traceback__) is fault.__traceback__
