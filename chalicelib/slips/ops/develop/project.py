"""The user's project: app.py of the folder that a command is called in, and its slips.yml."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import click

from ...config import load
from ...engine.frames import is_user_file
from ...errors import ConfigError, SlipsError
from ...formats import registry
from ..target import config_path

if TYPE_CHECKING:
    from chalice.app import Chalice

    from ...decorators import Slips


_OWN_FORMAT = re.compile(r"""\.format\(\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Project:
    """What app.py creates."""

    module: ModuleType
    app: Chalice
    slips: Slips
    files: tuple[Path, ...]
    """app.py, what it imported from its folder, and slips.yml: an edit of any of them calls for a reload."""
    modules: tuple[ModuleType, ...] = ()
    """app.py, and what it imported from its folder."""


def load_project(config: str | Path | None = None) -> Project:
    """Import app.py of this folder, or import it again; `config` names another slips.yml.

    Raises ConfigError with all faults of slips.yml, and click.ClickException if app.py is missing or raises.
    """
    if not Path("app.py").is_file():
        raise click.UsageError(f"there is no app.py in {Path.cwd()}; run slips in the folder of your project")
    path = config_path(str(config) if config else None).resolve()
    load(path, formats=registry.names(own_formats()))  # All faults at once; app.py would stop at the first kind.
    os.environ["SLIPS_CONFIG"] = str(path)
    module = _import_app()
    app = getattr(module, "app", None)
    slips = next((value for value in vars(module).values() if _is_slips(value)), None)
    if slips is None or app is not slips.app:
        raise click.UsageError('app.py creates no Slips; write: slips = Slips(app, config="slips.yml")')
    modules = tuple(sys.modules[name] for name in sorted(_own_modules(str(Path.cwd()))))
    files = {getattr(each, "__file__", None) for each in modules}
    return Project(module, app, slips, (*sorted(Path(file) for file in files if file), path), modules)


def unread_mappings(slips: Slips) -> list[str]:
    """Find mapped formats that no function takes: SLIPS does not read their objects."""
    chains = {mapping.path: slips.chain(mapping.chain) for mapping in slips.config.mappings}
    return [
        f"{path}: no function of app.py takes {chain.name}; write @slips.on_format({chain.name!r})"
        for path, chain in chains.items()
        if chain.framing != "ignore" and not slips.functions.of_format(chain.name)
    ]


def own_formats() -> frozenset[str]:
    """Return the formats that the text of app.py defines, before it is imported."""
    text = Path("app.py").read_text(errors="replace") if Path("app.py").is_file() else ""
    return frozenset(_OWN_FORMAT.findall(text))


def _is_slips(value: object) -> bool:
    from ...decorators import Slips

    return isinstance(value, Slips)


def _import_app() -> ModuleType:
    here = str(Path.cwd())
    if sys.path[:1] != [here]:
        sys.path.insert(0, here)
    for name in _own_modules(here):
        del sys.modules[name]
    importlib.invalidate_caches()
    # Python compares bytecode with its source by whole seconds: it would miss an edit within the second.
    dont_write_bytecode, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module("app")
    except ConfigError:
        raise
    except SlipsError as fault:
        raise click.UsageError(f"{_where(fault, here) or 'app.py'}: {fault}") from fault
    # The user sees whatever the module raises while it is imported, without frames of SLIPS.
    except (Exception, SystemExit) as fault:
        reason = "".join(traceback.format_exception_only(fault)).strip()
        raise click.ClickException(f"{_where(fault, here) or 'app.py'} cannot be imported: {reason}") from fault
    finally:
        sys.dont_write_bytecode = dont_write_bytecode


def _own_modules(here: str) -> set[str]:
    """Name app.py and the modules that it imported from its folder, without SLIPS and installed packages."""
    names = {name for name, module in list(sys.modules.items()) if name == "app" or _is_own(name, module, here)}
    # A folder without __init__.py is a module without a file, and holds the modules below it as attributes.
    parents = {parent for name in names for parent in accumulate(name.split("."), "{}.{}".format)}
    return names | {name for name in parents & sys.modules.keys() if not getattr(sys.modules[name], "__file__", None)}


def _is_own(name: str, module: ModuleType, here: str) -> bool:
    file = getattr(module, "__file__", None) or ""
    own = file.startswith(here + os.sep) and is_user_file(file)
    return own and name.partition(".")[0] not in ("__main__", "tests")


def _where(fault: BaseException, here: str) -> str:
    """Trace the fault through the user's own files: `app.py, line 3: rules.py, line 9`."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if frame.filename.startswith(here + os.sep)]
    own = [frame for frame in frames if is_user_file(frame.filename)]
    return ": ".join(f"{os.path.relpath(frame.filename, here)}, line {frame.lineno}" for frame in own)
