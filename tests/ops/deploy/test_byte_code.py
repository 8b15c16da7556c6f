"""The byte code that `slips deploy` packages."""

from __future__ import annotations

import os
import subprocess
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

from slips.ops.deploy import chalice_process
from slips.ops.deploy.byte_code import CompilingBuilder, packaged_name, write_byte_code

VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
CHECKED, UNCHECKED = b"\x03\0\0\0", b"\x01\0\0\0"
"""The flags of byte code whose source is compared by its hash, and of byte code that is taken as it is (PEP 552)."""


def run_module(project: Path) -> str:
    command = [sys.executable, "-c", "from chalicelib import rules; print(rules.VALUE, rules.__cached__)"]
    return subprocess.run(command, cwd=project, capture_output=True, text=True, check=True).stdout


def test_a_module_that_has_changed_since_is_compiled_again(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 'first'")
    write_byte_code(tmp_path)
    assert run_module(tmp_path).startswith("first")
    module.write_text("VALUE = 'other'")
    assert run_module(tmp_path).startswith("other")


def test_byte_code_that_is_checked_by_time_is_replaced(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    subprocess.run([sys.executable, "-m", "compileall", "-q", module.parent], check=True)
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    assert byte_code.read_bytes()[4:8] == b"\x03\0\0\0"


def test_a_folder_that_cannot_be_written_is_a_warning(tmp_path: Path) -> None:
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    (module.parent / "__pycache__").write_text("in the way")
    (warning,) = write_byte_code(tmp_path)
    assert warning.startswith("the package has no byte code")


def test_byte_code_that_is_right_stays(tmp_path: Path) -> None:
    """A package that changed only in its times would be deployed again."""
    module = tmp_path / "chalicelib" / "rules.py"
    module.parent.mkdir()
    module.write_text("VALUE = 1")
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    os.utime(byte_code, (1, 1))
    write_byte_code(tmp_path)
    assert byte_code.stat().st_mtime == 1


def test_vendor_has_byte_code_that_is_checked(tmp_path: Path) -> None:
    module = tmp_path / "vendor" / "maps" / "ports.py"
    module.parent.mkdir(parents=True)
    module.write_text("VALUE = 1")
    write_byte_code(tmp_path)
    (byte_code,) = module.parent.glob("__pycache__/*.pyc")
    assert byte_code.read_bytes()[4:8] == CHECKED


def test_what_is_not_python_is_left_out_without_a_word(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    module = tmp_path / "vendor" / "template.py"
    module.parent.mkdir()
    module.write_text("print 1 {{name}}")
    assert write_byte_code(tmp_path) == []
    assert capfd.readouterr() == ("", "")


class TestThePackage:
    """As Chalice builds it in our process, with its own packager and builder, from a wheel of this machine."""

    @pytest.fixture
    def project(self, tmp_path: Path) -> Path:
        files = {"app.py": "VALUE = 1", "chalicelib/rules.py": "VALUE = 1", "vendor/ports.py": "VALUE = 1"}
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
        (package,) = build(project, monkeypatch)
        checked = {"app.py", "chalicelib/rules.py", "ports.py"}
        assert flags(package) == {
            **dict.fromkeys(checked, CHECKED),
            **dict.fromkeys(("chalice/app.py", "chalice/__init__.py", "slips_probe/__init__.py"), UNCHECKED),
        }
        for name in checked:
            assert package[packaged_name(name)][:16] == MAGIC_NUMBER + CHECKED + source_hash(package[name])

    def test_names_the_modules_where_lambda_has_them(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """And not the folder in which they were compiled, which differs each time."""
        (package,) = build(project, monkeypatch)
        for name in ("slips_probe/__init__.py", "chalice/__init__.py", "app.py"):
            assert f"/var/task/{name}".encode() in package[packaged_name(name)]

    def test_with_a_layer_holds_it_in_both(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        app, layer = build(project, monkeypatch, automatic_layer=True)
        assert flags(app).keys() == {"app.py", "chalicelib/rules.py", "chalice/app.py", "chalice/__init__.py"}
        names = ("slips_probe/__init__.py", "ports.py")
        assert flags(layer).keys() >= {f"python/lib/python{VERSION}/site-packages/{name}" for name in names}


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


def build(project: Path, monkeypatch: pytest.MonkeyPatch, **settings: Any) -> list[dict[str, bytes]]:
    """Let Chalice build the packages of the project; return the files of each."""
    for name, replacement in chalice_process.replacements(keep=False).items():
        monkeypatch.setattr(deployer, name, replacement)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.chdir(project)
    own = {"project_dir": str(project)}
    config = ChaliceConfig(chalice_stage="dev", user_provided_params=own, config_from_disk=settings)
    stage = deployer.create_build_stage(OSUtils(), UI(StringIO(), StringIO()), TemplatedSwaggerGenerator(), config)
    step: Any = stage._steps[1]
    packagers = [step._lambda_packager, step._layer_packager] if settings else [step._packager]
    return [read(each.create_deployment_package(str(project), config.lambda_python_version)) for each in packagers]


def read(path: str) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as package:
        assert len(package.namelist()) == len(set(package.namelist()))
        return {name: package.read(name) for name in package.namelist()}


def flags(package: Mapping[str, bytes]) -> dict[str, bytes]:
    """The modules with byte code, and how it is checked."""
    modules = [name for name in package if name.endswith(".py") and packaged_name(name) in package]
    assert len(modules) == sum(name.endswith(".pyc") for name in package)
    return {name: package[packaged_name(name)][4:8] for name in modules}
