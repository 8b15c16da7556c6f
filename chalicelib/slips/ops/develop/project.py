"""The user's project: app.py of the folder that a command is called in, and its slips.yml."""

from __future__ import annotations

import importlib
import os
import re
import sys
import traceback
from dataclasses import dataclass
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
    """What app.py made."""

    module: ModuleType
    app: Chalice
    slips: Slips
    files: tuple[Path, ...]
    """app.py, what it imported from its folder, and slips.yml: an edit of any of them makes another project."""


def load_project(config: str | Path | None = None) -> Project:
    """Import app.py of this folder, anew where it was imported before; `config` names another slips.yml.

    Raises ConfigError with the faults of slips.yml, click.ClickException where app.py is missing or raises.
    """
    if not Path("app.py").is_file():
        raise click.UsageError(f"there is no app.py in {Path.cwd()}; call slips in the folder of your project")
    path = config_path(str(config) if config else None).resolve()
    load(path, formats=registry.names(own_formats()))  # All faults at once; app.py would stop at the first kind.
    os.environ["SLIPS_CONFIG"] = str(path)
    module = _imported()
    app = getattr(module, "app", None)
    slips = next((value for value in vars(module).values() if _is_slips(value)), None)
    if slips is None or app is not slips.app:
        raise click.UsageError('app.py makes no Slips; write: slips = Slips(app, config="slips.yml")')
    files = {Path(str(own.__file__)) for own in _own_modules(str(Path.cwd())).values()}
    return Project(module, app, slips, (*sorted(files), path))


def own_formats() -> frozenset[str]:
    """The formats that app.py seems to define, by its text: for when it cannot be imported yet."""
    text = Path("app.py").read_text(errors="replace") if Path("app.py").is_file() else ""
    return frozenset(_OWN_FORMAT.findall(text))


def _is_slips(value: object) -> bool:
    from ...decorators import Slips

    return isinstance(value, Slips)


def _imported() -> ModuleType:
    here = str(Path.cwd())
    if sys.path[:1] != [here]:
        sys.path.insert(0, here)
    for name in _own_modules(here):
        del sys.modules[name]
    importlib.invalidate_caches()
    # Bytecode is told from newer source by whole seconds: an edit within the second would not be seen.
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        return importlib.import_module("app")
    except ConfigError:
        raise
    except SlipsError as fault:
        raise click.UsageError(f"{_where(fault, here) or 'app.py'}: {fault}") from fault
    # Whatever the user's module raises while it is imported is the user's to see, without our frames.
    except (Exception, SystemExit) as fault:
        shown = "".join(traceback.format_exception_only(fault)).strip()
        raise click.ClickException(f"{_where(fault, here) or 'app.py'} cannot be imported: {shown}") from fault
    finally:
        sys.dont_write_bytecode = written


def _own_modules(here: str) -> dict[str, ModuleType]:
    """app.py and what it imported from its folder, but for SLIPS itself and installed packages."""
    found = {}
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None) or ""
        own = file.startswith(here + os.sep) and is_user_file(file)
        if (own and name.partition(".")[0] not in ("__main__", "tests")) or name == "app":
            found[name] = module
    return found


def _where(fault: BaseException, here: str) -> str:
    """The way through the user's own files to the fault: `app.py, line 3: rules.py, line 9`."""
    frames = [frame for frame in traceback.extract_tb(fault.__traceback__) if frame.filename.startswith(here + os.sep)]
    own = [frame for frame in frames if is_user_file(frame.filename)]
    return ": ".join(f"{os.path.relpath(frame.filename, here)}, line {frame.lineno}" for frame in own)
