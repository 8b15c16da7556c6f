"""pyproject.toml, the Makefile and the documents name the same versions of Python."""

from __future__ import annotations

import importlib
import re
import sys
import tomllib

import pytest
from packaging.specifiers import SpecifierSet

import slips

from ..deployment.project import ROOT


def test_the_supported_pythons_are_the_same_everywhere() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    supported = [name.rpartition(" ")[2] for name in project["classifiers"] if re.search(r"Python :: 3\.\d+$", name)]
    requires = SpecifierSet(project["requires-python"])
    releases = [f"3.{minor}.{patch}" for minor in range(30) for patch in range(30)]
    first, *_ = allowed = [release for release in releases if requires.contains(release)]
    assert list(dict.fromkeys(release.rpartition(".")[0] for release in allowed)) == supported
    rows = re.findall(r"(?m)^\| (3\.[^|]*) \| (.*) \|$", (ROOT / "docs" / "upgrading.md").read_text())
    assert [
        version for versions, text in rows for version in versions.split(", ") if "not supported" not in text
    ] == supported
    for page in ("README.md", "docs/tutorial.md", "CONTRIBUTING.md"):
        assert f"Python {first} to {supported[-1]}" in (ROOT / page).read_text()
    assert f"SLIPS needs Python {first} to {supported[-1]}, this is" in (ROOT / "Makefile").read_text()


def test_a_python_that_matches_wrongly_is_refused_where_no_pip_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 11, 4, "final", 0))
    with pytest.raises(ImportError, match=r"SLIPS needs Python 3\.11\.5 or later"):
        importlib.reload(slips)


def test_possessive_quantifiers_match_as_greedy_ones_in_an_atomic_group() -> None:
    """In 3.11.0 to 3.11.4, the first matched, and the second took the C: python/cpython issues 106052 and 100061."""
    assert re.fullmatch("(?:ab?c)*+", "a") is None
    assert re.findall("(?:(?!C).)++", "ABC") == ["AB"]
