"""Ids as a person types them: eight characters or more, where only one id begins with them."""

from __future__ import annotations

from collections.abc import Iterable

import click

from ...errors import NotFound
from ...quarantine import Filter, Quarantine
from ..output import escaped

SHORTEST = 8
LOOK_SECONDS = 20.0
"""How long the index is read for an abbreviated id."""
_SHOWN = 5


def find_item_id(quarantine: Quarantine, text: str) -> str:
    """Return the id of the error item that `text` is or begins. Raises NotFound, click.UsageError for several."""
    try:
        return quarantine.get(text).request_id
    except NotFound:
        if len(text) < SHORTEST:
            raise
    page = quarantine.page(Filter(), 1_000_000, budget=LOOK_SECONDS)
    return _only(text, (row.request_id for row in page.items), is_all=not page.cursor)


def find_item_ids(quarantine: Quarantine, texts: Iterable[str]) -> tuple[str, ...]:
    """The same for several; what is not found stays as it is, for the report of what it is for."""
    ids = []
    for text in texts:
        try:
            ids.append(find_item_id(quarantine, text))
        except NotFound:
            ids.append(text)
    return tuple(ids)


def find_fingerprint(quarantine: Quarantine, text: str, state: str = "") -> str | None:
    """Return the fingerprint that `text` is or begins, of items in a state; None where no item has one. Raises
    click.UsageError for several, and where `text` is too short to tell."""
    causes = quarantine.causes(Filter(state=state), LOOK_SECONDS)
    fingerprints = [cause.fingerprint for cause in causes.causes]
    if len(text) < SHORTEST and text not in fingerprints:
        raise click.UsageError(f"the fingerprint {escaped(text)} is too short; write {SHORTEST} digits or more of it")
    try:
        return _only(text, fingerprints, is_all=causes.complete)
    except NotFound:
        return None


def _only(text: str, ids: Iterable[str], *, is_all: bool) -> str:
    matching = sorted({each for each in ids if each.startswith(text)})
    if text in matching:
        return text
    if len(matching) > 1:
        more = f" and {len(matching) - _SHOWN} more" if len(matching) > _SHOWN else ""
        raise click.UsageError(f"{escaped(text)} is not unique: {escaped(', '.join(matching[:_SHOWN]))}{more}")
    if not is_all:
        raise click.UsageError(
            f"{escaped(text)}: in {LOOK_SECONDS:.0f} s only the newest items were looked at; give the whole id"
        )
    if not matching:
        raise NotFound(f"there is no error item {text}")
    return matching[0]


class ShortIds:
    """Abbreviates the ids of a list: to eight characters, or to as many more as tell them apart."""

    def __init__(self) -> None:
        self._by_start: dict[str, set[str]] = {}

    def add(self, ids: Iterable[str]) -> None:
        """Take these ids into the list."""
        for each in ids:
            self._by_start.setdefault(each[:SHORTEST], set()).add(each)

    def of(self, one: str) -> str:
        """Return the shortest beginning of an id by which the commands find it in the list."""
        others = self._by_start.get(one[:SHORTEST], set()) - {one}
        length = SHORTEST
        while any(each.startswith(one[:length]) for each in others) and length < len(one):
            length += 1
        return one[:length]
