"""What the wheel holds, how large it is with its extras, and what is said where one is missing."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from slips.version import VERSION

from .build import build_wheel, check_wheel
from .environments import UserEnvironment

pytestmark = pytest.mark.slow


def read_files(wheel: Path) -> Mapping[str, bytes]:
    """The content of each file in the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_the_same_files_give_the_same_wheel(wheel: Path, tmp_path: Path) -> None:
    assert build_wheel(tmp_path).read_bytes() == wheel.read_bytes()


def test_twine_finds_no_fault(wheel: Path) -> None:
    assert "PASSED" in check_wheel(wheel)


def test_slips_init_packs_the_same_content(wheel: Path, cli: UserEnvironment, tmp_path: Path) -> None:
    """But for WHEEL, which names what built it, and RECORD, which lists the digests."""
    cli.succeed("slips init .", tmp_path)
    built, packed = read_files(wheel), read_files(tmp_path / "wheels" / wheel.name)
    assert built.keys() == packed.keys()
    names = {name.rpartition("/")[2] for name in built if built[name] != packed[name]}
    assert names <= {"WHEEL", "RECORD"}


def test_the_version_is_that_of_the_package(wheel: Path, cli: UserEnvironment, tmp_path: Path) -> None:
    assert wheel.name == f"slips-{VERSION}-py3-none-any.whl"
    assert cli.succeed("slips --version", tmp_path).strip().endswith(VERSION)


def test_without_extras_the_command_says_which_to_install(bare: UserEnvironment, tmp_path: Path) -> None:
    for line in ("slips", "slips --version", "slips check"):
        ended = bare.run(line, tmp_path)
        assert (ended.returncode, ended.stdout) == (2, "")
        assert ended.stderr == "slips: this needs the package click; install it with: pip install 'slips[cli]'\n"


def test_slips_alone_is_enough_to_be_imported(bare: UserEnvironment, tmp_path: Path) -> None:
    bare.succeed("python -c 'import slips; slips.Slips'", tmp_path)


def test_without_moto_slips_run_says_which_extra_to_install(cli: UserEnvironment, tmp_path: Path) -> None:
    cli.succeed("slips init .", tmp_path)
    ended = cli.run("slips run --once", tmp_path)
    assert ended.returncode == 2
    assert ended.stderr == "slips: this needs the package moto; install it with: pip install 'slips[local]'\n"


def test_what_is_installed_stays_small(cli: UserEnvironment, local: UserEnvironment) -> None:
    """In MB, byte code too. `local` also holds pytest, which `slips[local]` does not install."""
    assert cli.measure() <= 85
    assert local.measure() <= 190
