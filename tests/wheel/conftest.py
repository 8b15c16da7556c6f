"""The wheel, built once, and an environment for each thing that is done with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from .build import build_wheel
from .environments import UserEnvironment


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> UserEnvironment:
    """After `pip install slips`."""
    return _install(tmp_path_factory.mktemp("bare"), str(wheel))


@pytest.fixture(scope="session")
def cli(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> UserEnvironment:
    """After `pip install 'slips[cli]'`."""
    return _install(tmp_path_factory.mktemp("cli"), f"{wheel}[cli]")


@pytest.fixture(scope="session")
def local(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> UserEnvironment:
    """After `pip install 'slips[local]' pytest`."""
    return _install(tmp_path_factory.mktemp("local"), f"{wheel}[local]", "pytest")


def _install(folder: Path, *requirements: str) -> UserEnvironment:
    environment = UserEnvironment(folder / "venv")
    environment.install(*requirements)
    return environment
