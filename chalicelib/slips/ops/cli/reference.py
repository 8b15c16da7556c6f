"""`docs/command-line.md`, made from the help texts: `make docs` writes it, and a test compares it with the commands."""

from __future__ import annotations

import copy
import sys
from pathlib import Path

import click

WIDTH = 100

_ABOUT = """# The command line

`make docs` writes this page from `slips COMMAND --help`; edit the commands, not this page.

- **Target**: a command works on the deployment that `slips.yml` (or `-c FILE`) names, with your AWS credentials
  (`AWS_PROFILE`, `AWS_REGION`). With `-s STACK` it works on the stack of that name, without the file; with `--local`,
  on the `slips run` of this folder.
- **Exit codes**: 0 success; 1 a failure, or something to report; 2 wrong usage, or faults in `slips.yml`.
- **Output**: results go to standard output, everything else to standard error. Only a terminal shows progress.
  `--json` is for programs: plain ASCII, one item per line. Keys and log lines may be hostile, so control characters and
  marks that reverse text are shown as `\\x1b` and `\\u202e`, also in what your functions print.
- **Ids** and fingerprints may be abbreviated to eight characters or more, where only one begins with them.
- `-v` and `-vv`, before the command, log the calls to AWS.

The commands of the class-based SLIPS keep their names and options.
"""


def text(main: click.Group) -> str:
    """Return the whole page."""
    parts = [_ABOUT, _help(main, "slips")]
    parts += [f"## {name}\n\n{_help(main.commands[name], f'slips {name}')}" for name in sorted(main.commands)]
    return "\n".join(parts)


def _help(command: click.Command, name: str) -> str:
    command = copy.copy(command)
    command._help_option = None  # click keeps the one of the first context, which may be a test's.
    context = click.Context(
        command, info_name=name, terminal_width=WIDTH, max_content_width=WIDTH, help_option_names=["-h", "--help"]
    )
    help_text = "\n".join(line.rstrip() for line in command.get_help(context).splitlines())
    return f"```text\n{help_text}\n```\n"


if __name__ == "__main__":
    from . import main

    Path(sys.argv[1]).write_text(text(main))
