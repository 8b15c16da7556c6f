"""The commands by task, each in a module that is imported when the command is called or its help is shown."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from importlib import import_module
from typing import Final, NamedTuple

import click


class CommandEntry(NamedTuple):
    """A command: its module here, the function in it, and its line in `slips --help`, of at most 66 characters so that
    80 columns hold it."""

    module: str
    function: str
    summary: str


TASKS: Final[dict[str, dict[str, CommandEntry]]] = {
    "Start": {
        "init": CommandEntry("init", "init", "Write a project: app.py, slips.yml, tests and samples."),
        "run": CommandEntry("run", "run", "Run the whole pipeline on this machine, without an account."),
        "formats": CommandEntry("formats", "formats", "List the formats, or those that match some words."),
        "detect": CommandEntry("detect", "detect_format", "Propose the format of a log file."),
        "completion": CommandEntry(
            "completion", "completion", "Print the script that completes `slips` in your shell."
        ),
    },
    "Develop": {
        "check": CommandEntry("check", "check", "Check slips.yml and app.py, or compare them with the account."),
        "parse": CommandEntry("parse", "parse", "Print the events of a file as JSON lines."),
        "new-format": CommandEntry("new_format", "new_format", "Propose a format of your own from samples."),
        "explain": CommandEntry("explain", "explain", "Show what happens to an object, and why."),
        "sample": CommandEntry("sample", "sample", "Find an object for each mapping, and write work items."),
        "local": CommandEntry("local", "local", "Run your functions on work items, with tracebacks or a debugger."),
        "capture": CommandEntry("capture", "capture", "Turn an error item into a test that fails the same way."),
    },
    "Deploy": {
        "deploy": CommandEntry("deploy", "deploy", "Deploy a stage: stack, policies, functions, settings."),
        "provision": CommandEntry("provision", "provision", "Create or update the stack: streams, tables, alarms."),
        "package": CommandEntry("package", "package", "Write the package for CloudFormation or Terraform."),
        "lock": CommandEntry("package", "lock", "Lock the packages that Lambda gets by their SHA-256."),
        "destroy": CommandEntry("deploy", "destroy", "Remove a stage; its data stays unless you add --data."),
    },
    "Operate": {
        "console": CommandEntry("console", "console", "Open the console: what flows, waits and fails."),
        "tail": CommandEntry("tail", "tail", "Print events of the objects that land from now on."),
        "errors": CommandEntry("errors", "errors", "List what failed, list its causes, or follow new errors."),
        "error": CommandEntry("error", "error", "Show one error item, with its traceback and a sample."),
        "drain": CommandEntry("drain", "drain_errors", "Put what failed back into its lane."),
        "discard": CommandEntry("discard", "discard_errors", "Delete error items: their events are never processed."),
        "redrive": CommandEntry("redrive", "redrive", "Send again what dispatch and report did not take."),
        "backfill": CommandEntry("backfill", "backfill", "Queue objects that already exist."),
        "reconcile": CommandEntry("reconcile", "reconcile", "Compare the buckets with the ledger."),
        "limit": CommandEntry("limit", "limit", "Show or change the speed of a running lane."),
    },
}
"""By task, in the order of `slips --help`."""

ENTRIES: Final = {name: entry for commands in TASKS.values() for name, entry in commands.items()}


class LazyCommands(MutableMapping[str, click.Command]):
    """The commands by name, for `click.Group`. To import all of them takes longer than most of them need to run."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command | None] = dict.fromkeys(ENTRIES)

    def __getitem__(self, name: str) -> click.Command:
        command = self._loaded[name]
        if command is None:
            entry = ENTRIES[name]
            command = self._loaded[name] = getattr(import_module(f".{entry.module}", __package__), entry.function)
        assert command is not None
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._loaded)

    def __len__(self) -> int:
        return len(self._loaded)
