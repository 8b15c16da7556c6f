"""pyproject.toml, the Makefile and the documents name the same versions of Python."""

from __future__ import annotations

import importlib
import json
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from typing import Any

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
    monkeypatch.setattr(sys, "version_info", (3, 11, 1, "final", 0))
    with pytest.raises(ImportError, match=r"SLIPS needs Python 3\.11\.2 or later"):
        importlib.reload(slips)


def test_what_a_possessive_quantifier_repeats_is_atomic() -> None:
    """Python 3.11.2 to 3.11.4 go on from the wrong place where a repeated group has matched in part:
    python/cpython issue 106052."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.wheel.compiled_patterns"], cwd=ROOT, capture_output=True, text=True, check=True
    )
    patterns = [
        (text.encode("latin-1") if of_bytes else text, flags) for text, of_bytes, flags in json.loads(done.stdout)
    ]
    assert len(patterns) > 300
    assert {pattern for pattern, flags in patterns if _repeats_in_parts(_parse(pattern, flags))} == set()
    assert _repeats_in_parts(_parse("a(?:b|c(?:d|ef)*+)?"))


def _parse(pattern: str | bytes, flags: int = 0) -> Any:
    return re._parser.parse(pattern, flags)  # type: ignore[attr-defined]


def _repeats_in_parts(items: Any) -> bool:
    """Whether a possessive quantifier is behind a group that can match in part."""
    for operation, argument in items:
        if str(operation) == "POSSESSIVE_REPEAT":
            first, *others = argument[2]
            while str(first[0]) == "SUBPATTERN":
                first, *others = first[1][-1]
            if others or str(first[0]) not in ("LITERAL", "NOT_LITERAL", "IN", "ANY", "ATOMIC_GROUP"):
                return True
        if any(_repeats_in_parts(part) for part in _parts_of(argument)):
            return True
    return False


def _parts_of(argument: Any) -> Iterator[Any]:
    if isinstance(argument, re._parser.SubPattern):  # type: ignore[attr-defined]
        yield argument
    elif isinstance(argument, list | tuple):
        for each in argument:
            yield from _parts_of(each)
