"""`--json` of commands that talk as they go along: what they say goes to stderr, what stands in the end to stdout."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from contextlib import redirect_stdout
from functools import wraps
from typing import Any

import click

Facts = Mapping[str, Any]


def with_facts(command: Callable[..., Facts]) -> Callable[..., None]:
    """Give the command --json, which prints the facts that it returns as one object."""

    @wraps(command)
    def told(*arguments: Any, as_json: bool, **options: Any) -> None:
        if not as_json:
            command(*arguments, **options)
            return
        with redirect_stdout(sys.stderr):
            facts = command(*arguments, **options)
        click.echo(json.dumps(facts))

    return click.option("--json", "as_json", is_flag=True, help="In the end one JSON object; all else: stderr.")(told)
