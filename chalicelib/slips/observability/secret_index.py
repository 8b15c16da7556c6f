"""Where secrets are in a text: fast where there are none, however many secrets there are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from .spellings import Spelling

GRAM, LONG = 5, 12
"""Characters. A text is looked at in pieces of GRAM characters, so far apart that one of them lies within the first
LONG characters of whatever is looked for."""
STEP = LONG - GRAM + 1
BEGINNING = 4
"""Characters that identify a secret of which the rest was cut off; of a short one, half of it."""
FARTHEST = 1024
"""Characters before the cut, within which that beginning is looked for."""
CUTS = ("…", "...")
"""What stands where a text was cut off: by whoever made a sample or a message of it, before it came here."""
MOST_CUTS = 16
"""Of each kind: a text may be nothing but dots."""

Gram = tuple[str, ...]
"""Consecutive characters, as `zip` gives them faster than slices do."""


class _Begun(NamedTuple):
    """A spelling, and its first parts, at most BEGINNING."""

    beginning: Spelling
    whole: Spelling


class SecretIndex:
    """Finds the spellings of secrets."""

    def __init__(self, spellings: Iterable[Spelling]) -> None:
        self._by_gram: dict[Gram, list[Spelling]] = {}
        self._short: list[Spelling] = []
        """Those whose anchor is shorter than LONG: each is looked for."""
        self._by_beginning: dict[Gram, list[_Begun]] = {}
        self._by_pattern: list[_Begun] = []
        """Those whose beginning has an escape in it, or is shorter."""
        for spelling in spellings:
            self._add(spelling)
            self._add_beginning(spelling)

    def _add(self, spelling: Spelling) -> None:
        anchor = spelling.anchor
        if len(anchor) < LONG:
            self._short.append(spelling)
            return
        for at in range(STEP):
            self._by_gram.setdefault(tuple(anchor[at : at + GRAM]), []).append(spelling)

    def _add_beginning(self, spelling: Spelling) -> None:
        half = (len(spelling.parts) + 1) // 2
        begun = _Begun(Spelling(spelling.parts[: min(BEGINNING, half)]), spelling)
        if len(begun.beginning.anchor) == BEGINNING:
            self._by_beginning.setdefault(begun.beginning.parts, []).append(begun)
        else:
            self._by_pattern.append(begun)

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield start and end of each secret, and of the beginning of one that was cut off. They may overlap, and be in
        any order."""
        for spelling in self._candidates(text):
            at = 0
            # Two may overlap, as those of "abab" in "ababab".
            while match := spelling.pattern.search(text, at):
                yield match.span()
                at = match.start() + 1
        for end in _find_cuts(text):
            if (start := self._find_beginning(text, end)) is not None:
                yield start, end

    def _candidates(self, text: str) -> Iterator[Spelling]:
        """The spellings whose anchor is in the text."""
        yield from (spelling for spelling in self._short if spelling.anchor in text)
        grams = self._by_gram.keys() & zip(*(text[at::STEP] for at in range(GRAM)), strict=False)
        likely = {id(spelling): spelling for gram in grams for spelling in self._by_gram[gram]}
        yield from (spelling for spelling in likely.values() if spelling.anchor in text)

    def _find_beginning(self, text: str, end: int) -> int | None:
        """The first place from which on a secret was written until it was cut off at `end`."""
        first = max(0, end - FARTHEST)
        window = text[first:end]
        grams = self._by_beginning.keys() & zip(*(window[at:] for at in range(BEGINNING)), strict=False)
        likely = [begun for gram in grams for begun in self._by_beginning[gram]]
        likely += [begun for begun in self._by_pattern if begun.beginning.anchor in window]
        starts: list[int] = []
        for beginning, whole in likely:
            at = first
            while (match := beginning.pattern.search(text, at, end)) and not whole.is_begun(text, match.start(), end):
                at = match.start() + 1
            starts += [match.start()] if match else []
        return min(starts, default=None)


def _find_cuts(text: str) -> Iterator[int]:
    """The last one, where a sample ends, and some of the others."""
    for mark in CUTS:
        at, last = text.find(mark), text.rfind(mark)
        for _ in range(MOST_CUTS):
            if at >= last:
                break
            yield at
            at = text.find(mark, at + len(mark))
        if last >= 0:
            yield last
