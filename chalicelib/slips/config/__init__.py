"""Read slips.yml into a `Config`, or report all of its faults at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from ..errors import ConfigError, Where
from . import packaged_values
from .chains import find_taken_names, find_unknown_formats
from .field import Field
from .problems import BROKEN, Problems, describe_value, quote
from .schema import CONFIG, read_config
from .settings import (
    ApiThrottle,
    Bucket,
    Config,
    Handler,
    LaneConfig,
    Limits,
    Mapping,
    NewRoles,
    Policy,
    Roles,
    Rule,
    Topic,
)
from .shadows import find_shadowed

__all__ = [
    "ApiThrottle",
    "Bucket",
    "Config",
    "Handler",
    "LaneConfig",
    "Limits",
    "Mapping",
    "NewRoles",
    "Policy",
    "Roles",
    "Rule",
    "Topic",
    "find_shadowed",
    "find_taken_names",
    "find_unknown_formats",
    "load",
]


def load(path: Path, *, formats: Collection[str] | None = None) -> Config:
    """Read and check slips.yml.

    `formats` are the names that chains may use, framings (`s3-lines`) included. None leaves names unchecked: call
    `find_unknown_formats` after app.py has registered its own formats. Raises ConfigError with every fault, one line
    each: `path.in.file[1]: what was found; what is allowed`.
    """
    problems = Problems()
    value = _read_values(path, problems)
    if not isinstance(value, dict):
        raise ConfigError([*problems.faults, *_reject_top_level(path, value)], where=_where(path))
    config = read_config(Field(value, "", problems, CONFIG))
    unknown: list[str] = []
    if formats is not None:
        unknown = [*find_taken_names(config, formats.__contains__), *find_unknown_formats(config, formats)]
    if problems.faults or unknown:
        raise ConfigError([*problems.faults, *unknown], where=_where(path))
    return config


def _read_values(path: Path, problems: Problems) -> object:
    content = _read_content(path)
    packaged = packaged_values.read(path, content)
    if packaged is not None:
        return packaged
    # Imported here: PyYAML costs some 15 ms of a cold start, with byte code.
    from .document import parse

    return parse(content, _printable_name(path), problems)


def encode_values(path: Path) -> bytes | None:
    """Return the file to package beside this slips.yml, with its values as JSON; None where JSON cannot hold them, or
    the YAML has faults. Raises ConfigError where it cannot be read."""
    from .document import parse

    content, problems = _read_content(path), Problems()
    document = parse(content, _printable_name(path), problems)
    return None if problems.faults else packaged_values.encode(content, document)


def _read_content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        advice = "copy the project's slips.yml there, or name yours with `-c FILE` or SLIPS_CONFIG"
        raise ConfigError([f"{_printable_name(path)}: there is no such file; {advice}"], where=_where(path)) from None
    # A path with a NUL in it is a ValueError.
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        fault = f"{_printable_name(path)}: cannot be read: {reason}; name another file with `-c FILE`"
        raise ConfigError([fault], where=_where(path)) from None


def _where(path: Path) -> Where:
    return Where(file=_printable_name(path))


def _printable_name(path: Path) -> str:
    return str(path) if str(path).isprintable() else quote(str(path))


def _reject_top_level(path: Path, value: object) -> list[str]:
    if value is BROKEN:
        return []
    allowed = "write a mapping with stack_name and bucket_mapping, as in the project's slips.yml"
    problem = "the file is empty" if value is None else f"found {describe_value(value)} at top level"
    return [f"{_printable_name(path)}: {problem}; {allowed}"]
