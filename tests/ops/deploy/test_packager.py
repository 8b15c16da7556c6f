"""The package as Chalice builds it with our packager and builder."""

from __future__ import annotations

import json
import sys
import zipfile
from collections.abc import Mapping
from importlib.util import MAGIC_NUMBER, source_hash
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from chalice.config import Config as ChaliceConfig
from chalice.deploy import deployer
from chalice.deploy.swagger import TemplatedSwaggerGenerator
from chalice.utils import UI, OSUtils

from slips.config import load
from slips.ops.deploy import chalice_process
from slips.ops.deploy.byte_code import packaged_name, write_byte_code
from slips.ops.deploy.packager import CompilingBuilder

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
CHECKED, UNCHECKED = b"\x03\0\0\0", b"\x01\0\0\0"
"""The flags of byte code whose source is compared by its hash, and of byte code that is taken as it is (PEP 552)."""
STAGES: Any = {"dev": {}, "prod": {"environment_variables": {"SLIPS_CONFIG": "prod.yml"}}}


class TestThePackage:
    """That of a project whose requirement is a wheel of this machine."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        files = {
            "app.py": "VALUE = 1",
            "chalicelib/rules.py": "VALUE = 1",
            "vendor/ports.py": "VALUE = 1",
            "vendor/slips.yml": "stack_name: probe\nbucket_mapping: {}\n",
            "vendor/prod.yml": "stack_name: probe-prod\nbucket_mapping: {}\n",
            ".chalice/config.json": json.dumps({"app_name": "probe", "stages": STAGES}),
        }
        for name, text in files.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_text(text)
        modules = {"slips_probe/__init__.py": "VALUE = 1", "slips_probe/old.py": "print 1"}
        write_wheel(tmp_path / "slips_probe-1.0-py3-none-any.whl", modules)
        (tmp_path / "requirements.txt").write_text("./slips_probe-1.0-py3-none-any.whl\n")
        write_byte_code(tmp_path)
        return tmp_path

    def test_holds_byte_code_of_all_its_modules(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """This fails where a new Chalice builds packages in another way. Nobody changes what is not the project's."""
        package = read(build(project, monkeypatch))
        checked = {"app.py", "chalicelib/rules.py", "ports.py"}
        assert flags(package) == {
            **dict.fromkeys(checked, CHECKED),
            **dict.fromkeys(("chalice/app.py", "chalice/__init__.py", "slips_probe/__init__.py"), UNCHECKED),
        }
        for name in checked:
            assert package[packaged_name(name)][:16] == MAGIC_NUMBER + CHECKED + source_hash(package[name])

    def test_names_the_modules_where_lambda_has_them(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """And not the folder in which they were compiled, which differs each time."""
        package = read(build(project, monkeypatch))
        for name in ("slips_probe/__init__.py", "chalice/__init__.py", "app.py"):
            assert f"/var/task/{name}".encode() in package[packaged_name(name)]

    def test_holds_the_slips_yml_of_each_stage_as_json(
        self, project: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        """All users may read it: that is not what Python writes by default."""
        path = build(project, monkeypatch)
        folder = tmp_path_factory.mktemp("unpacked")
        with zipfile.ZipFile(path) as package:
            assert package.getinfo("slips.yml.json").external_attr >> 16 == 0o644
            assert {"slips.yml", "slips.yml.json", "prod.yml.json"} <= set(package.namelist())
            package.extractall(folder)
        monkeypatch.setitem(sys.modules, "yaml", None)
        monkeypatch.delitem(sys.modules, "slips.config.document", raising=False)
        assert (load(folder / "slips.yml").stack_name, load(folder / "prod.yml").stack_name) == ("probe", "probe-prod")

    def test_leaves_a_slips_yml_without_json_that_json_cannot_hold(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (project / "vendor" / "prod.yml").write_text("stack_name: probe\nhandler: {args: {since: 2026-01-01}}\n")
        assert {"slips.yml.json", "prod.yml.json"} & read(build(project, monkeypatch)).keys() == {"slips.yml.json"}


def test_for_another_python_nothing_is_compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def build_site_packages(_: object, abi: str, requirements: str, target: str) -> None:
        (Path(target) / "module.py").write_text("VALUE = 1")

    monkeypatch.setattr(CompilingBuilder.__bases__[0], "build_site_packages", build_site_packages)
    CompilingBuilder(OSUtils()).build_site_packages("cp399", "requirements.txt", str(tmp_path))
    assert not list(tmp_path.rglob("*.pyc"))
    CompilingBuilder(OSUtils()).build_site_packages(f"cp{VERSION.replace('.', '')}", "requirements.txt", str(tmp_path))
    assert list(tmp_path.rglob("*.pyc"))


def write_wheel(path: Path, modules: Mapping[str, str]) -> None:
    name, version, *_ = path.name.split("-")
    info = f"{name}-{version}.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        for module, text in modules.items():
            wheel.writestr(module, text)
        wheel.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        wheel.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{info}/RECORD", "")


def build(project: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let Chalice build the package of the project; return its path."""
    for name, replacement in chalice_process.replacements(keep=False).items():
        monkeypatch.setattr(deployer, name, replacement)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.chdir(project)
    config = ChaliceConfig(chalice_stage="dev", user_provided_params={"project_dir": str(project)}, config_from_disk={})
    stage = deployer.create_build_stage(OSUtils(), UI(StringIO(), StringIO()), TemplatedSwaggerGenerator(), config)
    step: Any = stage._steps[1]
    return str(step._packager.create_deployment_package(str(project), config.lambda_python_version))


def read(path: str) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert len(package.namelist()) == len(set(package.namelist()))
        return {name: package.read(name) for name in package.namelist()}


def flags(package: Mapping[str, bytes]) -> dict[str, bytes]:
    """The modules with byte code, and how it is checked."""
    modules = [name for name in package if name.endswith(".py") and packaged_name(name) in package]
    assert len(modules) == sum(name.endswith(".pyc") for name in package)
    return {name: package[packaged_name(name)][4:8] for name in modules}
