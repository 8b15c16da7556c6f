"""The sinks of app.py under `slips run`: in the emulated account, or only shown."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import click

from ...errors import EventFailed, EventsFailed, SlipsError
from ...model.meta import Meta
from ...sinks.base import Document, encode

if TYPE_CHECKING:
    from ...decorators import Slips


def prepare_sinks(slips: Slips, *, dry: bool) -> None:
    """Create what the sinks send to, in the emulated account; or let them print what they would send, where `dry`.
    Raises SlipsError."""
    for function, sink in slips.sinks_by_function.items():
        if dry:
            vars(sink)["send"] = partial(_show, function)
            continue
        try:
            sink.emulate()
        except Exception as fault:
            kind = type(sink).__name__
            raise SlipsError(f"the {kind} of {function} cannot be created in the emulated account: {fault}") from fault


def _show(function: str, documents: Sequence[Document]) -> None:
    failed: dict[Meta, BaseException | str] = {}
    for document in documents:
        try:
            click.echo(f"{function}: {encode(document.body).decode()}")
        except EventFailed as fault:
            failed[document.meta] = fault
    if failed:
        raise EventsFailed(failed)
