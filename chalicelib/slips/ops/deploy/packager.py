"""Chalice's packager with what a cold start then need not do: compile modules, and parse YAML. Chalice has no hook for
either."""

from __future__ import annotations

import sys
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from chalice.deploy.packager import DependencyBuilder, LambdaDeploymentPackager

from ...config import encode_values
from ...config.packaged_values import SUFFIX
from .byte_code import add_byte_code, compile_requirements
from .stage import config_names


class CompilingBuilder(DependencyBuilder):
    """Compiles what requirements.txt brings."""

    def build_site_packages(self, abi: str, requirements_filepath: str, target_directory: str) -> None:
        """Fill the folder with the packages, as Chalice does, and compile them for Lambda's Python, if it is this
        one."""
        try:
            super().build_site_packages(abi, requirements_filepath, target_directory)
        finally:  # Also where packages are missing: Chalice says so, and goes on with the others.
            if abi == f"cp{sys.version_info.major}{sys.version_info.minor}":
                compile_requirements(target_directory)


class ColdStartPackager(LambdaDeploymentPackager):
    """Adds the byte code of the modules that Chalice takes one by one (app.py and its own), and the slips.yml of each
    stage as JSON."""

    def _add_app_files(self, zip_fileobj: ZipFile, project_dir: str) -> None:
        super()._add_app_files(zip_fileobj, project_dir)
        add_byte_code(zip_fileobj, self._iter_app_filenames(project_dir))

    def _add_vendor_files(self, zipped: ZipFile, dirname: str, prefix: str = "") -> None:
        super()._add_vendor_files(zipped, dirname, prefix)
        vendor = Path(dirname)
        for name in config_names(vendor.parent):
            if (vendor / name).is_file() and (values := encode_values(vendor / name)):
                entry = ZipInfo(name + SUFFIX)
                entry.external_attr = 0o644 << 16  # Lambda's own user reads it.
                zipped.writestr(entry, values, ZIP_DEFLATED)
