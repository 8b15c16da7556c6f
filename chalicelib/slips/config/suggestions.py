"""Suggestions for misspelled names in slips.yml."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def find_nearest(name: str, known: Collection[str]) -> str | None:
    """Return the known name nearest to `name`, None if none is near.

    >>> find_nearest("batchsize", ["delay", "batch_size"]), find_nearest("x", ["batch_size"])
    ('batch_size', None)
    """
    # Imported here: it adds some milliseconds to a cold start, and only faults need it.
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in sorted(known):
        folded.setdefault(_fold(candidate), candidate)
    near = get_close_matches(_fold(name[:100]), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def suggest(name: str, known: Collection[str], otherwise: str) -> str:
    """Return `did you mean "…"?`, or `otherwise` if no known name is near."""
    near = find_nearest(name, known)
    return f'did you mean "{near}"?' if near else otherwise


def join_alternatives(names: Sequence[str]) -> str:
    """Return the names as `"fast", "slow" or "drop"`."""
    *head, last = [f'"{name}"' for name in names]
    return f"{', '.join(head)} or {last}" if head else last


def _fold(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
