"""All routes: what they take and what they answer. The views behind them stand in `views`."""

from __future__ import annotations

from .parameters import MOST, Flag, Number, Parameter, Route, Text, Texts

LIMIT = 50
STATES = ("open", "draining", "parked")
STAGES = ("dispatch", "route", "read", "parse", "process", "crash")
MOST_DRAINED = 1_000_000
"""More than a call gets done before its deadline."""
ASSETS = ("text/css", "text/javascript", "image/svg+xml")


def _text(name: str, about: str, *, required: bool = False) -> Parameter:
    return Parameter(name=name, about=about, kind=Text(), required=required)


_WHERE = (
    _text("bucket", "Of objects of this bucket."),
    _text("prefix", "Of objects whose key begins so."),
    _text("format", "Of this format."),
)
_CAUSE = _text("fingerprint", "Of this cause.")
_CURSOR = Parameter(
    name="cursor",
    about="That of the answer before, to go on; leave it out, or empty, to begin at the beginning.",
    kind=Text(may_be_empty=True),
)
_LISTED = (
    *_WHERE,
    _text("processor", "That this function raised."),
    _CAUSE,
    Parameter(name="state", about="In this state.", kind=Text(words=STATES)),
    Parameter(name="stage", about="That failed in this stage.", kind=Text(words=STAGES)),
    Parameter(name="since", about="That failed at this time or later (ISO 8601).", kind=Text(form="date-time")),
    Parameter(name="until", about="That failed before this time (ISO 8601).", kind=Text(form="date-time")),
    Parameter(
        name="group",
        about="Causes instead of items, all at once, without limit and cursor.",
        kind=Text(words=("fingerprint",)),
    ),
    Parameter(name="limit", about=f"Items at most; {LIMIT} where it is left out.", kind=Number(most=MOST)),
    _CURSOR,
)
_CHOSEN = (
    Parameter(name="ids", about="These items, parked ones too; then no filter may be given.", kind=Texts()),
    _CAUSE,
    *_WHERE,
)
_DRAINED = (
    *_CHOSEN,
    Parameter(name="limit", about="Items at most.", kind=Number(most=MOST_DRAINED)),
    Parameter(name="dry_run", about="Only count.", kind=Flag()),
    _CURSOR,
)
_REASON = "Why, for the log: what is discarded is gone."
_DISCARDED = (_text("reason", _REASON, required=True), *_CHOSEN, _CURSOR)

ROUTES = (
    Route(
        method="GET", path="/errors", name="list_errors", answer="Errors", query=_LISTED,
        about="What failed, newest first, page by page, or with `group=fingerprint` by cause, most frequent first.",
    ),
    Route(
        method="GET", path="/errors/{error_id}", name="show_error", answer="Error", can_be_missing=True,
        about="One error item whole: traceback, positions, a sample of the record, its work items.",
    ),
    Route(
        method="DELETE", path="/errors/{error_id}", name="discard_error", answer="Discarded", can_be_missing=True,
        query=(_text("reason", _REASON),),
        about="Discard one error item: it is not processed again.",
    ),
    Route(
        method="POST", path="/drain", name="drain_errors", answer="DrainReport", body=_DRAINED,
        about="Put what failed back into its lane, the oldest first: only the failed events, for the failed function "
        "alone. Ends within 25 seconds; where the answer holds a cursor, call again with it.",
    ),
    Route(
        method="GET", path="/drain/{drain_id}", name="show_drain", answer="DrainOutcome", can_be_missing=True,
        about="What became of a drain of the last seven days.",
    ),
    Route(
        method="POST", path="/discard", name="discard_errors", answer="DiscardReport", body=_DISCARDED,
        about="Discard the items of `ids`, or all that the filters match, parked ones too. Ends within 25 seconds; "
        "where the answer holds a cursor, call again with it.",
    ),
    Route(
        method="GET", path="/objects", name="show_object", answer="Objects",
        query=(_text("bucket", "The bucket.", required=True), _text("key", "The whole key.", required=True)),
        about="The ledger's books of one object: of all its versions and drains, the last 50 works, newest first.",
    ),
    Route(
        method="GET", path="/stats", name="show_stats", answer="Stats",
        about="What was done in the last 24 hours by hour, lane and format, how long work waited, what is open.",
    ),
    Route(
        method="GET", path="/health", name="show_health", answer="Health",
        about="Whether the deployment is whole: streams and tables.",
    ),
    Route(
        method="GET", path="/", name="show_console", media=("text/html",), public=True,
        about="The console, a page for a browser. It holds no data.",
    ),
    Route(
        method="GET", path="/console/{asset}", name="show_asset", media=ASSETS, public=True, can_be_missing=True,
        about="A file of the console.",
    ),
)  # fmt: skip
