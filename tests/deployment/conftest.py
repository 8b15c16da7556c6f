"""The package, the emulated account, and SLIPS deployed into it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .deployed import Deployment
from .emulator import Emulator
from .package import Package, build_once


@pytest.fixture(scope="session")
def package(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Package:
    """`chalice package` of this checkout, the same for all workers."""
    base = tmp_path_factory.getbasetemp()
    return build_once(base if worker_id == "master" else base.parent)


@pytest.fixture(scope="session")
def deployment(package: Package, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """`chalice deploy --stage dev` of this checkout, into an account of its own."""
    with Emulator() as emulator:
        yield Deployment(emulator, package, tmp_path_factory.mktemp("deployed") / "project")
