"""`slips formats`: every format, as a table, as JSON or as the page docs/formats.md."""

from __future__ import annotations

import json
import sys
from typing import Literal

import click

from ...formats.base import Format
from ...formats.registry import all_formats
from ..output import escaped, table_console
from .formats_page import page
from .terminal import warn

WIDE = 160
"""Columns of a terminal from which on tag and time are shown, too; below, an entry is one line."""


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON list.")
@click.option("--markdown", is_flag=True, help="Print the page docs/formats.md, with an example of each.")
@click.argument("words", nargs=-1)
def formats(words: tuple[str, ...], as_json: bool, markdown: bool) -> None:
    """List the formats: name, tag, usual framing and where the time is. WORDS narrow the list.

    \b
    slips formats okta
    """
    selected = [known for known in all_formats() if all(word.lower() in _search_text(known) for word in words)]
    if as_json:
        click.echo(json.dumps([to_json(known) for known in selected], indent=1))
    elif markdown and selected:
        click.echo(page(selected), nl=False)
    elif selected:
        _print(selected)
    if not selected:
        warn(f"no format matches {escaped(' '.join(words))}; `slips formats` lists them all")
        raise SystemExit(1)


def to_json(known: Format) -> dict[str, str | list[str]]:
    """Return a format as JSON shows it."""
    return {
        "name": known.name,
        "tag": known.tag_text,
        "source": known.framing,
        "time": known.time_text,
        "description": known.description,
        "document": known.document,
        "variants": [*known.shared_variants, *known.variants],
        "not_read": [*known.refused],
    }


def _search_text(known: Format) -> str:
    return f"{known.name} {known.tag_text} {known.description}".lower()


def _print(selected: list[Format]) -> None:
    from rich.table import Table

    console = table_console(None if sys.stdout.isatty() else 200)
    is_wide = console.width >= WIDE
    table = Table(box=None, pad_edge=False)
    others = ("tag", "framing", "time") if is_wide else ("framing",)
    for title in ("format", *others, "description"):
        least = max(len(known.name) for known in selected) if title == "format" else None
        most = 14 if title == "framing" and not is_wide else None
        least = most or least
        overflow: Literal["fold", "ellipsis"] = "fold" if is_wide else "ellipsis"
        table.add_column(title, min_width=least, max_width=most, no_wrap=not is_wide, overflow=overflow)
    for known in selected:
        values = (known.tag_text, known.framing, known.time_text) if is_wide else (known.framing,)
        table.add_row(known.name, *values, known.description)
    console.print(table)
