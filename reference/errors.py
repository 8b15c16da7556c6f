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

`make docs` writes this page; what is named here is what the code has. An error item is one thing that failed, in the
ErrorTable until it is drained or discarded: a notification, an object, the rest of an object, or some of its events for
one function. `slips errors` lists them, `slips error ID` shows one.
"""
STAGES: dict[Stage, tuple[str, str]] = {
    "dispatch": (
        "A notification cannot be read, an object cannot be put into its lane, or Lambda gave up on a batch.",
        "`slips errors --group` says why; then drain",
    ),
    "route": (
        "No routing rule, or no mapping, matches the object.",
        "add it to slips.yml and deploy, or let `routing` drop such objects; then drain, or discard",
    ),
    "read": (
        "The object cannot be read to its end: permissions, broken compression, a limit. What was read is delivered.",
        "correct what the type says; then drain: it goes on where it ended",
    ),
    "parse": (
        "A record is not of its format.",
        "correct the mapping, or the parser of your format; then drain",
    ),
    "process": (
        "A function raised, or `on_flush`, or a sink's destination refused the event.",
        "`slips capture ID` makes a test of it; correct the function, deploy, then drain",
    ),
    "crash": (
        "The process died while it was at work on this object, `limits.max_attempts` times: memory, time, a segfault.",
        "`slips local -r ID` runs it on your machine; give the function more memory, or correct it; then drain",
    ),
}
STATE_TEXTS = {
    "waiting": "Passes by itself: tried again at `retry_at`, or earlier. Rings no alarm, counts no attempt.",
    "open": "Needs a person.",
    "draining": "Claimed by a drain; a claim of a drain that died ends after five minutes, and the item is open again.",
    "parked": "Failed `limits.max_attempts` times. Drained by its id or with `--parked` only.",
    "superseded": "The object was written again before it was read; the newer version has a notification of its own. "
    f"Needs nobody; deleted after {ENDED_DAYS} days.",
    "gone": f"The object was deleted before it was read. Needs nobody; deleted after {ENDED_DAYS} days.",
}
FLOW = """\
A new item is `waiting` or `open`. A drain makes it `draining`, and deletes it once its lane has the work. If that fails
again, there is a new item: open, or parked after the last attempt. A `waiting` item goes the same way by itself; after
`retry.give_up_after` it is `open`.
"""


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD, "## Stages", "", "Where on its way something failed, and what to do.", ""]
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
