"""`slips formats`: every format, as a table, as JSON or as the page docs/formats.md."""

from __future__ import annotations

import json

import click

from ...formats.base import Format
from ...formats.registry import all_formats
from ..output import escaped
from ..table import TableColumn, print_rows
from .formats_page import page
from .parameters import command

_COLUMNS = (
    TableColumn("format", style="name"),
    TableColumn("tag", rank=9, least=24),
    TableColumn("framing", rank=4, least=12),
    TableColumn("time", rank=8, least=24),
    TableColumn("description", rank=3, least=24),
)


@command()
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
        raise click.ClickException(f"no format matches {escaped(' '.join(words))}; `slips formats` lists them all")


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
    rows = ((each.name, each.tag_text, each.framing, each.time_text, each.description) for each in selected)
    print_rows(_COLUMNS, rows, headed=True)
