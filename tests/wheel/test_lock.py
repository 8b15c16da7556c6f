"""requirements-dev.txt locks what pyproject.toml asks for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from ..deployment.project import ROOT


def read_requirements(name: str) -> Iterator[Requirement]:
    """The requirements of a file."""
    for line in (ROOT / name).read_text().splitlines():
        if line and not line.startswith("#"):
            yield Requirement(line)


def test_every_requirement_of_a_developer_is_locked_to_a_version_that_it_allows() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    listed = [Requirement(line) for name in ("cli", "local", "parquet", "search", "dev") for line in extras[name]]
    pins = {canonicalize_name(pin.name): pin.specifier for pin in read_requirements("requirements-dev.txt")}

    def is_locked(requirement: Requirement) -> bool:
        (pin,) = pins.get(canonicalize_name(requirement.name)) or (None,)
        return pin is not None and requirement.specifier.contains(pin.version)

    requirements = [*listed, *read_requirements("requirements.txt")]
    assert [str(each) for each in requirements if each.name != "slips" and not is_locked(each)] == []


def test_every_locked_version_installs_on_the_first_supported_release_of_each_python() -> None:
    """A distribution's Python is rarely the newest release."""
    supported = SpecifierSet(tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"])
    releases = [[f"3.{minor}.{patch}" for patch in range(30)] for minor in range(30)]
    firsts = [next(supported.filter(patches)) for patches in releases if any(supported.filter(patches))]

    def pythons(name: str) -> SpecifierSet:
        return SpecifierSet(distribution(name).metadata.get("Requires-Python") or "")

    names = [pin.name for pin in read_requirements("requirements-dev.txt")]
    assert [(name, first) for name in names for first in firsts if not pythons(name).contains(first)] == []
