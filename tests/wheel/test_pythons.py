"""pyproject.toml, the Makefile and the documents name the same versions of Python."""

from __future__ import annotations

import re
import tomllib

from packaging.specifiers import SpecifierSet

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
