"""All routes, with their requests and responses. Their views are in `views`."""

from __future__ import annotations

from typing import Literal

import msgspec

ASSETS = ("text/css", "text/javascript", "image/svg+xml")


class ApiRoute(msgspec.Struct, frozen=True, kw_only=True):
    """A route. `name` is that of its view. `query` and `body` name the structs of the request (see `requests`; most
    bodies are in drain and quarantine), `answer` that of the response (see `schemas`; empty: a file, of `media`): by
    name, since app.py imports this module at every cold start.

    A route that `lists` reads the index of a table. A `public` route needs no credentials: it serves the console's
    files, and no data.
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
    lists: bool = False

    @property
    def in_path(self) -> tuple[str, ...]:
        """The names of the parameters in the path."""
        return tuple(part[1:-1] for part in self.path.split("/") if part.startswith("{"))

    def request(self) -> type[msgspec.Struct]:
        """Return the struct of the request: of its body, or else of its query."""
        from .. import drain, quarantine
        from . import requests

        bodies = {body.__name__: body for body in (drain.DrainRequest, quarantine.DiscardRequest, requests.MuteRequest)}
        request: type[msgspec.Struct] = bodies[self.body] if self.body else vars(requests)[self.query]
        return request


ROUTES = (
    ApiRoute(
        method="GET", path="/errors", name="list_errors", answer="Errors", query="ErrorQuery", lists=True,
        about="List error items, newest first, page by page, or with `group=fingerprint` causes, most frequent first.",
    ),
    ApiRoute(
        method="GET", path="/errors/{error_id}", name="show_error", answer="Error", can_be_missing=True,
        about="Show an error item: traceback, positions, a sample of the record, its work items.",
    ),
    ApiRoute(
        method="DELETE", path="/errors/{error_id}", name="discard_error", answer="Discarded", can_be_missing=True,
        query="DiscardQuery",
        about="Discard an error item: its events are not processed again.",
    ),
    ApiRoute(
        method="POST", path="/drain", name="drain_errors", answer="DrainReport", body="DrainRequest", lists=True,
        about="Put failed events back into their lane, the oldest first: only these events, only for the function that "
        "failed. Ends within 25 seconds; if the response has a cursor, call again with it.",
    ),
    ApiRoute(
        method="GET", path="/drain/{drain_id}", name="show_drain", answer="DrainOutcome", can_be_missing=True,
        about="Show the outcome of a drain of the last seven days.",
    ),
    ApiRoute(
        method="POST", path="/discard", name="discard_errors", answer="DiscardReport", body="DiscardRequest",
        lists=True,
        about="Discard the items of `ids`, or all that the filters match, including parked ones. Ends within 25 "
        "seconds; if the response has a cursor, call again with it.",
    ),
    ApiRoute(
        method="POST", path="/mute", name="mute_cause", answer="Muted", body="MuteRequest",
        about="Mute a cause for some hours, with a note: the console shows it only on request. Alarms ring as before.",
    ),
    ApiRoute(
        method="GET", path="/objects", name="show_object", answer="Objects",
        query="ObjectQuery", lists=True,
        about="Show the books of an object: the last 50 works of all its versions and drains, newest first.",
    ),
    ApiRoute(
        method="GET", path="/objects/recent", name="list_recent_objects", answer="RecentObjects",
        about="List books of objects that were worked on lately: of some 50, of the last hour or two.",
    ),
    ApiRoute(
        method="GET", path="/stats", name="show_stats", answer="Stats", query="StatsQuery", lists=True,
        about="Show the last hours by hour, lane and format, how long work waited, and the open errors.",
    ),
    ApiRoute(
        method="GET", path="/audit", name="list_audit", answer="AuditPage", query="AuditQuery", lists=True,
        about="List who drained, discarded and muted what in the last 90 days, newest first, page by page.",
    ),
    ApiRoute(
        method="GET", path="/health", name="show_health", answer="Health",
        about="Check the deployment: whether its streams, its tables and their indexes are active.",
    ),
    ApiRoute(
        method="GET", path="/", name="show_console", media=("text/html",), public=True,
        about="Show the console, a page for a browser. The page contains no data.",
    ),
    ApiRoute(
        method="GET", path="/console/{asset}", name="show_asset", media=ASSETS, public=True, can_be_missing=True,
        about="Get a file of the console.",
    ),
)  # fmt: skip
