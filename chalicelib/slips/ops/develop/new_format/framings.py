"""How a file is cut into records: by line or, where lines continue others, before each line that begins a record."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ....reader import FRAMER_NAMES

# No comma in these: `slips parse --format` splits a chain at commas.
_BEGINNINGS = (
    r"^\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d",
    r"^\[?\d\d[/-][A-Z][a-z]{2}[/-]\d{4}[: ]\d\d:\d\d",
    r"^\[?[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d \d\d:\d\d",
    r"^[A-Z][a-z]{2} [ \d]\d \d\d:\d\d",
    r"^\[?\d\d[./-]\d\d[./-]\d{4}[ T]\d\d:\d\d",
    r"^[A-Z][a-z]{2} \d\d?. \d{4} \d\d?:\d\d:\d\d",
    r"^[IWEF]\d{4} \d\d:\d\d:\d\d",
    r"^\[?\d\d:\d\d:\d\d",
    r"^\[?(?:TRACE|DEBUG|INFO|NOTICE|WARN|WARNING|ERROR|CRITICAL|FATAL|SEVERE)\b",
)
"""How the first line of a record begins: with a time, or with a level."""
_INDENTED = re.compile(r" {2}|\t(?:at|\.\.\.) ")
_CONTINUED = 0.1
"""Of the lines, from which share on those that continue another one are more than a few broken ones."""


def infer_framing(lines: Sequence[str]) -> str:
    """Return `multiline:REGEX` where many lines do not begin like the first lines of records, else `lines`."""
    best = max(_BEGINNINGS, key=lambda pattern: sum(_begins(pattern, lines)))
    begins = _begins(best, lines)
    if sum(begins) > 1:
        return f"multiline:{best}" if _are_many(begins[begins.index(True) :].count(False), lines) else "lines"
    indented = [bool(_INDENTED.match(line)) for line in lines]
    is_trace = lines and not indented[0] and not lines[0].startswith("<") and _are_many(sum(indented), lines)
    return "multiline" if is_trace else "lines"


def _begins(pattern: str, lines: Sequence[str]) -> list[bool]:
    return [re.match(pattern, line) is not None for line in lines]


def _are_many(count: int, lines: Sequence[str]) -> bool:
    return count > 0 and count >= _CONTINUED * len(lines)


def split_framing(framing: str) -> tuple[str, str]:
    """Return the framer's name and argument: `s3-json` and `items` for `json:items` or `s3-json:items`.

    Raises ValueError, with the names there are, for an unknown one.
    """
    head, _, argument = framing.partition(":")
    name = head if head.startswith("s3-") else f"s3-{head}"
    if name not in FRAMER_NAMES:
        names = ", ".join(sorted(name.removeprefix("s3-") for name in FRAMER_NAMES - {"ignore"}))
        raise ValueError(f'there is no framing "{head}"; there are {names}')
    return name, argument


def is_record_start(framing: str, line: str) -> bool:
    """Tell whether the framing cuts before this line; without a regex of first lines, any line will do."""
    name, _, pattern = framing.partition(":")
    return name != "multiline" or pattern[:1] in ("", "!") or re.search(pattern, line) is not None


def chain_of(framing: str, name: str) -> str:
    """Return the chain for slips.yml, `['s3-multiline:^\\d{4}', door-badge]`, quoted where YAML needs it."""
    link = f"s3-{framing}"
    return f"[{link if re.fullmatch(r'[A-Za-z0-9:._-]+', link) else _quote(link)}, {name}]"


def _quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
