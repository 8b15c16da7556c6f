"""All routes: what they take and what they answer. The views behind them are in `views`."""

from __future__ import annotations

from typing import Literal

import msgspec

ASSETS = ("text/css", "text/javascript", "image/svg+xml")


class ApiRoute(msgspec.Struct, frozen=True, kw_only=True):
    """One route. `name` is that of its view. `query` and `body` name the structs that it takes (see `requests`; bodies
    are those of drain and discard), `answer` the struct that it answers (see `schemas`; empty: a file, of `media`): by
    name, since app.py imports this module at every cold start.

    A `public` route asks for no credentials: it gives the console's files, and no data.
    """

    method: Literal["GET", "POST", "DELETE"]
    path: str
    name: str
    about: str
    query: str = "NoQuery"
    body: str = ""
    answer: str = ""
    media: tuple[str, ...] = ()
    can_be_missing: bool = False
    public: bool = False

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def request(self) -> type[msgspec.Struct]:
        """Return the struct that the route takes: the body's, or else the query's."""
        from .. import drain, quarantine
        from . import requests

        known = {each.__name__: each for each in (drain.DrainRequest, quarantine.DiscardRequest)}
        request: type[msgspec.Struct] = known[self.body] if self.body else vars(requests)[self.query]
        return request


ROUTES = (
    ApiRoute(
        method="GET", path="/errors", name="list_errors", answer="Errors", query="ErrorQuery",
        about="What failed, newest first, page by page, or with `group=fingerprint` by cause, most frequent first.",
    ),
    ApiRoute(
        method="GET", path="/errors/{error_id}", name="show_error", answer="Error", can_be_missing=True,
        about="One error item whole: traceback, positions, a sample of the record, its work items.",
    ),
    ApiRoute(
        method="DELETE", path="/errors/{error_id}", name="discard_error", answer="Discarded", can_be_missing=True,
        query="DiscardQuery",
        about="Discard one error item: it is not processed again.",
    ),
    ApiRoute(
        method="POST", path="/drain", name="drain_errors", answer="DrainReport", body="DrainRequest",
        about="Put what failed back into its lane, the oldest first: only the failed events, for the failed function "
        "alone. Ends within 25 seconds; where the answer holds a cursor, call again with it.",
    ),
    ApiRoute(
        method="GET", path="/drain/{drain_id}", name="show_drain", answer="DrainOutcome", can_be_missing=True,
        about="What became of a drain of the last seven days.",
    ),
    ApiRoute(
        method="POST", path="/discard", name="discard_errors", answer="DiscardReport", body="DiscardRequest",
        about="Discard the items of `ids`, or all that the filters match, parked ones too. Ends within 25 seconds; "
        "where the answer holds a cursor, call again with it.",
    ),
    ApiRoute(
        method="GET", path="/objects", name="show_object", answer="Objects",
        query="ObjectQuery",
        about="The ledger's books of one object: of all its versions and drains, the last 50 works, newest first.",
    ),
    ApiRoute(
        method="GET", path="/stats", name="show_stats", answer="Stats",
        about="What was done in the last 24 hours by hour, lane and format, how long work waited, what is open.",
    ),
    ApiRoute(
        method="GET", path="/health", name="show_health", answer="Health",
        about="Whether the deployment is whole: streams and tables.",
    ),
    ApiRoute(
        method="GET", path="/", name="show_console", media=("text/html",), public=True,
        about="The console, a page for a browser. It holds no data.",
    ),
    ApiRoute(
        method="GET", path="/console/{asset}", name="show_asset", media=ASSETS, public=True, can_be_missing=True,
        about="A file of the console.",
    ),
)  # fmt: skip
