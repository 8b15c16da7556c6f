"""Packages that a deployment left behind when it was ended while Chalice wrote them."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from slips.ops.deploy.byte_code import packaged_name
from slips.ops.deploy.package_cache import note_lock, package_path, remove_broken_packages
from slips.ops.deploy.stage import DeploymentStage, read_stage

FILES = ("app.py", "chalicelib/rules.py", "vendor/slips.yml", "vendor/maps/ports.csv")
OF_CHALICE = ("chalice/app.py", "chalice/__init__.py", packaged_name("chalice/app.py"))
PACKAGED = ("orjson/__init__.py", "app.py", *OF_CHALICE, "chalicelib/rules.py")
VENDOR = ("slips.yml", "maps/ports.csv")


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    for name in (*FILES, ".chalice/config.json", ".chalice/deployments/x"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (tmp_path / name).write_text("")
    (tmp_path / ".chalice" / "config.json").write_text('{"app_name": "app", "stages": {"dev": {}}}')
    (tmp_path / "slips.yml").write_text("stack_name: app\n")
    return read_stage("dev", project=tmp_path)


def write_package(path: Path, *names: str) -> Path:
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, f"content of {name}")
    return path


def test_a_whole_package_stays(stage: DeploymentStage) -> None:
    path = write_package(package_path(stage), *PACKAGED, *VENDOR)
    assert list(remove_broken_packages(stage)) == []
    assert path.exists()


def test_a_package_of_another_state_of_the_project_stays(stage: DeploymentStage) -> None:
    """It holds other files, and Chalice uses it when the project is in that state again."""
    path = write_package(package_path(stage), *PACKAGED, *VENDOR)
    (stage.project / "vendor" / "new.csv").write_text("new")
    assert package_path(stage) != path
    assert list(remove_broken_packages(stage)) == []


@pytest.mark.parametrize("left", [0, 10, 300])
def test_a_truncated_package_is_removed(stage: DeploymentStage, left: int) -> None:
    path = write_package(package_path(stage), *PACKAGED, *VENDOR)
    path.write_bytes(path.read_bytes()[:left])
    (line,) = remove_broken_packages(stage)
    assert line.startswith(f"removed .chalice/deployments/{path.name}, which Chalice would have used again: ")
    assert "it is not a whole zip" in line
    assert not path.exists()


def test_a_damaged_package_is_removed(stage: DeploymentStage) -> None:
    path = write_package(package_path(stage), *PACKAGED, *VENDOR)
    path.write_bytes(path.read_bytes().replace(b"content of app.py", b"content of xxx.py"))
    (line,) = remove_broken_packages(stage)
    assert line.endswith(": app.py is damaged")
    assert not path.exists()


@pytest.mark.parametrize(
    ("names", "missing"),
    [
        ((), "app.py"),
        (PACKAGED[:1], "app.py"),
        (PACKAGED[:5], "chalicelib/rules.py"),
        (PACKAGED, "maps/ports.csv"),
        ((*PACKAGED, VENDOR[0]), "maps/ports.csv"),
    ],
)
def test_a_package_that_ctrl_c_left_incomplete_is_removed(
    stage: DeploymentStage, names: tuple[str, ...], missing: str
) -> None:
    """Python closes the zip as it is: its directory is whole."""
    path = write_package(package_path(stage), *names)
    (line,) = remove_broken_packages(stage)
    assert line.endswith(f": it lacks {missing}")
    assert not path.exists()


def test_a_package_of_a_plain_chalice_deploy_is_removed(stage: DeploymentStage) -> None:
    """It has no byte code, and each cold start would compile its requirements."""
    names = [name for name in PACKAGED if name != packaged_name("chalice/app.py")]
    path = write_package(package_path(stage), *names, *VENDOR)
    (line,) = remove_broken_packages(stage)
    assert line.endswith(f": it lacks {packaged_name('chalice/app.py')}")
    assert not path.exists()


def test_a_project_that_was_never_packaged_has_none(stage: DeploymentStage) -> None:
    (stage.project / ".chalice" / "deployments").rmdir()
    assert list(remove_broken_packages(stage)) == []


class TestWithALock:
    @pytest.fixture
    def package(self, stage: DeploymentStage) -> Path:
        (stage.project / "requirements.lock").write_text("first")
        return write_package(package_path(stage), *PACKAGED, *VENDOR)

    def test_a_package_made_from_it_stays(self, stage: DeploymentStage, package: Path) -> None:
        note_lock(stage)
        assert list(remove_broken_packages(stage)) == []
        assert package.exists()

    def test_a_package_made_without_it_is_removed(self, stage: DeploymentStage, package: Path) -> None:
        (line,) = remove_broken_packages(stage)
        assert line.endswith(": it was not made from requirements.lock")
        assert not package.exists()

    def test_a_package_made_from_another_lock_is_removed(self, stage: DeploymentStage, package: Path) -> None:
        note_lock(stage)
        (stage.project / "requirements.lock").write_text("second")
        assert len(list(remove_broken_packages(stage))) == 1

    def test_a_package_that_was_changed_since_is_removed(self, stage: DeploymentStage, package: Path) -> None:
        note_lock(stage)
        write_package(package, *PACKAGED, *VENDOR, "evil.py")
        assert len(list(remove_broken_packages(stage))) == 1

    def test_without_it_nothing_is_noted(self, stage: DeploymentStage) -> None:
        write_package(package_path(stage), *PACKAGED, *VENDOR)
        note_lock(stage)
        assert list((stage.project / ".chalice" / "deployments").glob("*.locked")) == []
