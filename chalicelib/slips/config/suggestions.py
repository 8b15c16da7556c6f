"""What the writer of slips.yml probably meant."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def find_nearest(name: str, known: Collection[str]) -> str | None:
    """The known name that is nearest to `name`, None where none is near.

    >>> find_nearest("batchsize", ["delay", "batch_size"]), find_nearest("x", ["batch_size"])
    ('batch_size', None)
    """
    # Imported here: it costs some milliseconds of a cold start, and is needed for faults alone.
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for candidate in sorted(known):
        folded.setdefault(_fold(candidate), candidate)
    near = get_close_matches(_fold(name[:100]), folded, n=1, cutoff=0.6)
    return folded[near[0]] if near else None


def suggest(name: str, known: Collection[str], otherwise: str) -> str:
    """`did you mean "…"?`, or `otherwise` where nothing known is near."""
    near = find_nearest(name, known)
    return f'did you mean "{near}"?' if near else otherwise


def one_of(names: Sequence[str]) -> str:
    """`"fast", "slow" or "drop"`."""
    *head, last = [f'"{name}"' for name in names]
    return f"{', '.join(head)} or {last}" if head else last


def _fold(name: str) -> str:
    return "".join(character for character in name.lower() if character.isalnum())
