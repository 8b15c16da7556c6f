"""The page of error items: their stages, their states, and the exceptions of SLIPS."""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from slips import errors
from slips.api.requests import State
from slips.model import Stage
from slips.quarantine.items import ENDED_DAYS

from .markdown import paragraphs, table

_HEAD = """\
# Error items: stages, states, types

`make docs` writes this page from the code. An error item is one thing that failed: a notification, an object, the rest
of an object, or some of its events for one function. It stays in the ErrorTable until you drain or discard it.
`slips errors` lists error items, `slips error ID` shows one.
"""
STAGES: dict[Stage, tuple[str, str]] = {
    "dispatch": (
        "A notification cannot be read, an object cannot be put into its lane, or Lambda gave up on a batch.",
        "`slips errors --group` shows why; fix it, then drain",
    ),
    "route": (
        "No routing rule, or no mapping, matches the object.",
        "add it to slips.yml and deploy, or let `routing` drop such objects; then drain, or discard",
    ),
    "read": (
        "The object cannot be read to its end: permissions, broken compression, a limit. What was read is delivered.",
        "correct what the type names, then drain: SLIPS continues where it stopped",
    ),
    "parse": (
        "A record does not have the format of its mapping.",
        "correct the mapping, or the parser of your format; then drain",
    ),
    "process": (
        "A function raised, or `on_flush`, or a sink's destination refused the event.",
        "`slips capture ID` makes a test of it; correct the function, deploy, then drain",
    ),
    "crash": (
        "The process died `limits.max_attempts` times while it worked on this object: memory, time, a segfault.",
        "`slips local -r ID` runs it on your machine; give the function more memory, or correct it; then drain",
    ),
}
STATE_TEXTS = {
    "waiting": "SLIPS retries it automatically, at `retry_at` or earlier. It rings no alarm and counts as no attempt.",
    "open": "You have to fix the cause.",
    "draining": "A drain has claimed it. If the drain dies, the item is open again after five minutes.",
    "parked": "Failed `limits.max_attempts` times. Only a drain with its id or with `--parked` includes it.",
    "superseded": "The object was written again before it was read; the newer version has its own notification. "
    f"Nothing to do; deleted after {ENDED_DAYS} days.",
    "gone": f"The object was deleted before it was read. Nothing to do; deleted after {ENDED_DAYS} days.",
}
FLOW = """\
A new item is `waiting` or `open`. A drain makes it `draining`, and deletes it once the lane has the work. If the work
fails again, there is a new item: open, or parked after the last attempt. SLIPS does the same with `waiting` items on
its own; after `retry.give_up_after` they are `open`.
"""


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD, "## Stages", "", "Where the work failed, and what to do.", ""]
    lines += table(
        ("stage", "what failed", "what to do"), ((f"`{stage}`", *STAGES[stage]) for stage in get_args(Stage))
    )
    lines += ["## States", ""]
    lines += table(("state", "meaning"), ((f"`{state}`", STATE_TEXTS[state]) for state in _in_order()))
    lines += [FLOW, "## Types", ""]
    lines += ["`error_type` is the name of the exception: that of your function, or of these.", ""]
    lines += table(("type", "below", "meaning"), _types())
    return "\n".join(lines)


def _in_order() -> list[str]:
    return sorted(get_args(State), key=list(STATE_TEXTS).index)


def _types() -> Iterator[tuple[str, ...]]:
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, errors.SlipsError) and value is not errors.SlipsError:
            base = value.__mro__[1].__name__
            above = f"`{base}`" if base != "SlipsError" else ""
            yield f"`{name}`", above, paragraphs(value.__doc__).split("\n\n")[0]
