"""Import app.py again when it, a module that it imports from its folder, or slips.yml is edited."""

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
    """The project as last imported without a fault.

    It looks for edits at each access to the project, so that the new code does all work after an edit.
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
        """The current project."""
        with self._lock:
            if self._look() != self._stamps:
                self._reload()
            return self._project

    def handler(self, function: str) -> Callable[[Any, Any], Any]:
        """Return the handler of a function in the current app.py."""
        handler: Callable[[Any, Any], Any] = self.project.app.handler_map[function]
        return handler

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
        self._stamps = self._look()  # It may import other files now.
        click.echo("reloaded app.py", err=True)
        self.reloaded(project)

    def _refuse(self, reason: str) -> None:
        click.echo(f"still using the old app.py: {reason}", err=True)

    def _look(self) -> dict[Path, Stamp | None]:
        return {path: _stamp(path) for path in self._project.files}


def _stamp(path: Path) -> Stamp | None:
    """Return time, size and inode: two writes may come within one tick of the file system's clock."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


def misfit(before: Project, after: Project) -> str:
    """Return why the edited project cannot replace the running one; empty if it can."""
    removed = sorted(before.app.handler_map.keys() - after.app.handler_map.keys())
    if removed:
        return f"app.py no longer has the Lambda function {', '.join(removed)}"
    if _resources(before.slips.config) != _resources(after.slips.config):
        return "slips.yml now names other streams, tables or topics; restart `slips run`"
    return ""


def _resources(config: Config) -> tuple[object, ...]:
    lanes = [(lane.stream, lane.stream_arn) for lane in (config.fast, config.slow)]
    return config.stack_name, config.topics, lanes, config.error_table, config.ledger_table, config.dead_letters
