"""app.py, imported anew when it, what it imports from its folder, or slips.yml is edited."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from ...config import Config
from ...errors import ConfigError
from ..develop.project import Project, load_project

Stamp = tuple[int, int, int]


class Reloading:
    """The project as it was last imported without a fault.

    It looks for edits whenever the project is asked for, so that what is done after an edit is done by the new code.
    """

    def __init__(self, config: str | None) -> None:
        self.reloaded: Callable[[Project], None] = lambda _: None
        """Called after each reload."""
        self._config = config
        self._lock = threading.RLock()
        self._project = load_project(config)
        self._stamps = self._look()

    @property
    def project(self) -> Project:
        """The present one."""
        with self._lock:
            if self._look() != self._stamps:
                self._reload()
            return self._project

    def handler(self, function: str) -> Callable[[Any, Any], Any]:
        """The handler of a function, of the present app.py."""
        found: Callable[[Any, Any], Any] = self.project.app.handler_map[function]
        return found

    def _reload(self) -> None:
        self._stamps = self._look()
        try:
            project = load_project(self._config)
        except (ConfigError, click.ClickException) as fault:
            self._refuse(str(fault) if isinstance(fault, ConfigError) else fault.message)
            return
        reason = misfit(self._project, project)
        if reason:
            self._refuse(reason)
            return
        self._project = project
        self._stamps = self._look()  # It may import other files than before.
        click.echo("reloaded app.py", err=True)
        self.reloaded(project)

    def _refuse(self, reason: str) -> None:
        click.echo(f"the old app.py stays in use: {reason}", err=True)

    def _look(self) -> dict[Path, Stamp | None]:
        return {path: _stamp(path) for path in self._project.files}


def _stamp(path: Path) -> Stamp | None:
    """Size and inode too: the clock of a file system may stand still between two writes."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def misfit(before: Project, after: Project) -> str:
    """Why the edited project cannot take the place of the one that runs; empty where it can."""
    gone = sorted(before.app.handler_map.keys() - after.app.handler_map.keys())
    if gone:
        return f"app.py has no Lambda function {', '.join(gone)} any more"
    if _resources(before.slips.config) != _resources(after.slips.config):
        return "slips.yml names other streams, tables or topics now; end this run, and start it again"
    return ""


def _resources(config: Config) -> tuple[object, ...]:
    lanes = [(lane.stream, lane.stream_arn) for lane in (config.fast, config.slow)]
    return config.stack_name, config.topics, lanes, config.error_table, config.ledger_table, config.dead_letters
