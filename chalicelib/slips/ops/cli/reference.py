"""`docs/command-line.md`, from what --help says: `make docs` writes it, and a test holds it against the commands."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import click

WIDTH = 100

_ABOUT = """# The command line

Written from `slips COMMAND --help` by `make docs`; edit the commands, not this page.

- **Where** a command works: on the deployment that `slips.yml` (or `-c FILE`) names, with your AWS credentials
  (`AWS_PROFILE`, `AWS_REGION`); with `-s STACK` on the stack of that name, without the file; with `--local` on the
  `slips run` that is up in this folder.
- **Exit codes**: 0 well; 1 something was found or failed; 2 used wrongly, or `slips.yml` has faults.
- **Output**: results go to standard output, everything else to standard error; progress is shown on a terminal alone.
  `--json` is for programs: plain ASCII, a line an item. Keys and log lines are hostile: control characters are shown as
  `\\x1b`.
- `-v` and `-vv`, before the command, log what is asked of AWS.

The commands of the class-based SLIPS have their names and options here.
"""


def text(main: click.Group) -> str:
    """The whole page."""
    parts = [_ABOUT, _help(main, "slips")]
    parts += [f"## {name}\n\n{_help(main.commands[name], f'slips {name}')}" for name in sorted(main.commands)]
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> str:
    command = copy.copy(command)
    command._help_option = None  # click keeps it as the first context named it, which may be a test's.
    context = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    shown = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"```text\n{shown}\n```\n"


if __name__ == "__main__":
    from . import main

    Path(sys.argv[1]).write_text(text(main))
