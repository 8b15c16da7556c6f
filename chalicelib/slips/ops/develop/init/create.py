"""From the options of `slips init` to the files of a project."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from ....config import Config, load
from ....errors import ConfigError, SlipsError
from ...deploy.policies import write_files as write_policies
from ...text_files import read_text_file
from ..config_schema import LINE, PACKAGED
from ..new_format.code import without_utc
from . import template
from .files import ProjectFiles, Written, write_files
from .legacy import LegacyProject, read_legacy
from .samples import SampleLog, mapping_lines, read_sample
from .wheel import NAME, pack_wheel

EXAMPLE = b'{"time": "2026-01-31T09:15:02Z", "user": "ada", "action": "login"}\n' * 2
_CONFIG = f"""{LINE}# What SLIPS reads, and where it goes. `slips check` reports every fault of this file.

# The CloudFormation stack. Its streams, tables and topics begin with this name.
stack_name: {{name}}

# Which objects hold which format. The longest prefix that matches a key wins; the format is a chain: what cuts the
# object into records, what decodes a record, and the format itself, which functions in app.py ask for.
bucket_mapping:
{{mappings}}"""
_TEST = '''"""What app.py does with the samples."""

from pathlib import Path

import pytest
from slips.testing import SlipsTester, slips_fixture

run = slips_fixture("app")
SAMPLES = sorted(path for path in Path("samples").rglob("*") if path.is_file())


@pytest.mark.parametrize("path", SAMPLES, ids=str)
def test_every_event_of_a_sample_is_delivered(run: SlipsTester, path: Path) -> None:
    _, bucket, *key = path.parts
    outcome = run.file(path, bucket=bucket, key="/".join(key))
    outcome.check()
    assert outcome.books.events > 0
'''


class InitOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What the command was given. `legacy` is the configuration of a class-based SLIPS."""

    folder: Path
    samples: tuple[Path, ...] = ()
    legacy: Path | None = None
    bucket: str = "example-logs"
    cut: str = ""
    """The framing of samples that no format fits, as `slips new-format --cut` takes it."""


class Created(msgspec.Struct):
    """What was done: the files, the formats of the samples, and what is left for a person."""

    written: Written
    logs: list[SampleLog]
    left: tuple[str, ...]


def create_project(options: InitOptions) -> Created:
    """Write a project. Raises SlipsError before anything is written, also for faults of a slips.yml that is there."""
    _check_existing(options.folder / "slips.yml")
    logs = [read_sample(file, options.cut) for file in options.samples]
    legacy = _read_legacy(options.legacy) if options.legacy else None
    # The names of the functions begin with it, and are to be no other project's: as stack_name is.
    name = (legacy.stack_name[: template.LONGEST] if legacy else "") or template.project_name(
        options.folder.resolve().name
    )
    files = _common_files(name)
    if legacy is not None:
        _add_legacy(files, name, legacy, logs)
    else:
        _add_new(files, options, name, logs)
        # The faults of --bucket.
        _parse_config(files.contents["slips.yml"].decode())
    written = write_files(files, options.folder)
    # What `slips check` would ask for first: the policies of slips.yml as it is now.
    policies = [os.path.relpath(path, options.folder) for path in write_policies(options.folder)]
    written.new.extend(path for path in policies if path not in written.new)
    return Created(written, logs, legacy.left if legacy else ())


def _check_existing(path: Path) -> None:
    """The policies follow from a slips.yml that stays as it is."""
    if path.exists():
        try:
            load(path)
        except ConfigError as fault:
            raise ConfigError([f"{path}: {line}" for line in fault.faults]) from fault


def _read_legacy(path: Path) -> LegacyProject:
    """Read what carries over. Raises SlipsError, also for faults of the configuration: the policies follow from it."""
    legacy = read_legacy(path)
    try:
        _parse_config(legacy.config)
    except ConfigError as fault:
        raise ConfigError([f"{path}: {line}" for line in fault.faults]) from fault
    return legacy


def upgrade_wheel(folder: Path) -> list[str]:
    """Let the project have this SLIPS: put its wheel into wheels/ in place of the older one, name it in
    requirements.txt, and replace the schema of slips.yml. Return the paths of the files that changed. Raises SlipsError
    where nothing can be packed."""
    wheel = pack_wheel()
    path = folder / "requirements.txt"
    text = read_text_file(path) if path.exists() else ""
    kept = [line for line in text.splitlines() if not template.names_slips(line)]
    path.write_text(template.requirements(wheel.sha256) + "".join(f"{line}\n" for line in kept))
    (folder / "wheels").mkdir(exist_ok=True)
    for older in (folder / "wheels").glob("slips-*.whl"):
        older.unlink()
    (folder / "wheels" / NAME).write_bytes(wheel.content)
    (folder / PACKAGED.name).write_bytes(PACKAGED.read_bytes())
    return ["requirements.txt", f"wheels/{NAME}", PACKAGED.name]


def _common_files(name: str) -> ProjectFiles:
    wheel = pack_wheel()
    files = ProjectFiles(links={"vendor/slips.yml": "../slips.yml"})
    files.add(f"wheels/{NAME}", wheel.content)
    files.add("requirements.txt", template.requirements(wheel.sha256))
    files.add(".chalice/config.json", template.chalice_config(name))
    files.add(".gitignore", template.GITIGNORE)
    files.add("chalicelib/__init__.py", "")
    files.add(PACKAGED.name, PACKAGED.read_bytes())
    files.add("pytest.ini", template.PYTEST)
    files.add("README.md", template.readme(name))
    files.add("tests/test_app.py", _TEST)
    return files


def _add_new(files: ProjectFiles, options: InitOptions, name: str, logs: Sequence[SampleLog]) -> None:
    body, imports = "", ["from typing import Any"]
    for log in logs:
        if log.parser is not None and log.parser.parser not in body:
            imports += log.parser.imports
            parser = without_utc(log.parser.parser) if "def _utc(" in body else log.parser.parser
            body += f"\n\n{parser}"
            files.add(f"tests/test_format_{log.parser.function}.py", log.parser.test)
    functions = {log.format: log.function for log in logs} or {"json": "handle_json"}
    for format, function in functions.items():
        body += template.FUNCTION.format(format=format, name=function)
    if logs:
        mappings = mapping_lines(logs, options.bucket)
        for log in logs:
            files.add(f"samples/{options.bucket}/{log.prefix}{log.file.name}", log.file.read_bytes())
    else:
        mappings = f"  {options.bucket}:\n    - prefix: logs/\n      format: [s3-lines, json]\n"
        # A slips.yml that is there already maps other prefixes.
        if not (options.folder / "slips.yml").exists():
            files.add(f"samples/{options.bucket}/logs/example.json", EXAMPLE)
    files.add("slips.yml", _CONFIG.format(name=name, mappings=mappings))
    files.add(
        "app.py", template.app_module("What happens to the events of your logs", name, imports=imports, body=body)
    )


def _add_legacy(files: ProjectFiles, name: str, legacy: LegacyProject, logs: Sequence[SampleLog]) -> None:
    files.add("slips.yml", LINE + legacy.config)
    title = "The handler class of the class-based SLIPS, as functions"
    files.add("app.py", template.app_module(title, name, imports=legacy.imports, body=legacy.body))
    if logs:
        config = _parse_config(legacy.config)
        for log in logs:
            bucket, prefix = _mapped(config, log)
            files.add(f"samples/{bucket}/{prefix}{log.file.name}", log.file.read_bytes())


def _parse_config(text: str) -> Config:
    """The configuration before it is written. Raises ConfigError."""
    with TemporaryDirectory(prefix="slips-init-") as scratch:
        path = Path(scratch) / "slips.yml"
        path.write_text(text)
        return load(path)


def _mapped(config: Config, log: SampleLog) -> tuple[str, str]:
    for mapping in config.mappings:
        if mapping.chain[-1] == log.format:
            return mapping.bucket, mapping.prefix
    known = ", ".join(sorted({mapping.chain[-1] for mapping in config.mappings}))
    raise SlipsError(
        f"{log.file}: is {log.format}, and bucket_mapping has {known}; leave the file out, or map it first"
    )
