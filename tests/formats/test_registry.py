"""The registry knows its names without importing the formats, however a module registers them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from slips.errors import RegistrationError
from slips.formats import registry
from slips.formats.json_format import JsonFormat
from slips.formats.write_index import INDEX, NAMES, index_text, names_text

ROOT = Path(__file__).parents[2]


def run(script: str) -> list[str]:
    """Return the words that a Python of its own prints."""
    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.split()


def test_the_index_is_up_to_date() -> None:
    assert INDEX.read_text() == index_text(), "run: make docs"


def test_the_names_that_editors_complete_are_up_to_date() -> None:
    assert NAMES.read_text() == names_text(), "run: make docs"


def test_a_cold_start_imports_no_format() -> None:
    """Neither for the functions of app.py nor for the chains of slips.yml."""
    script = "import app, sys; print(*(name for name in sys.modules if name.startswith('slips.formats.')))"
    allowed = {"index", "registry", "zones", "calendar_times"}  # slips.yml may name zones.
    assert set(run(script)) == {f"slips.formats.{module}" for module in allowed}


def test_a_format_imports_its_module_alone() -> None:
    script = (
        "import sys; from slips.formats import registry\n"
        "registry.get('okta')\n"
        "print(*(name for name in sys.modules if name.startswith('slips.formats.') and name.count('.') > 2))"
    )
    assert run(script) == [f"slips.formats.{registry.MODULES['okta']}"]


DECLARATIONS = {
    "single_quotes": "register(JsonFormat(name='single-quotes', {rest}))",
    "a_computed_name": "NAME = '-'.join(['computed', 'name'])\nregister(JsonFormat(name=NAME, {rest}))",
    "a_function": "def make(name):\n    register(JsonFormat(name=name, {rest}))\nmake('in-a-' + 'function')",
}


def test_a_module_that_the_index_lacks_is_found(tmp_path: Path) -> None:
    """As a new file of the package, before `make docs`."""
    imports = "from slips.formats.json_format import JsonFormat\nfrom slips.formats.registry import register\n"
    rest = "tag='t', time='time', description='', document='', example=b'{}'"
    for module, declaration in DECLARATIONS.items():
        (tmp_path / f"{module}.py").write_text(imports + declaration.format(rest=rest))
    script = (
        f"import slips.formats; slips.formats.__path__.append({str(tmp_path)!r})\n"
        "from slips.formats import registry\n"
        "for name in ('single-quotes', 'computed-name', 'in-a-function'):\n"
        "    assert name not in registry.MODULES and registry.is_known(name)\n"
        "    print(registry.get(name).name, registry.modules()[name])"
    )
    assert run(script) == [
        *("single-quotes", "single_quotes"),
        *("computed-name", "a_computed_name"),
        *("in-a-function", "a_function"),
    ]


@pytest.fixture
def stale(monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a name that no module registers into the index."""
    monkeypatch.setitem(registry.MODULES, "no-such-format", "raw")


@pytest.mark.usefixtures("stale")
def test_a_name_that_only_the_index_has_is_unknown() -> None:
    with pytest.raises(RegistrationError, match='there is no format "no-such-format"'):
        registry.get("no-such-format")


def test_a_near_name_is_proposed() -> None:
    with pytest.raises(RegistrationError, match='did you mean "g-suite-login"'):
        registry.get("gsuite-login")


def test_a_name_is_registered_once() -> None:
    with pytest.raises(RegistrationError, match='the format "okta" exists already'):
        registry.register(JsonFormat(name="okta", tag="", time="", description="", document="", example=b""))
