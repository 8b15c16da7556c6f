"""The views of the routes: one function per route, of the same name, on the parts of a runtime."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from ..errors import StoreError
from ..model.utc import HOUR
from ..wording import plural

if TYPE_CHECKING:
    from ..drain import DrainReport, DrainRequest
    from ..ledger.audit import Act, Action, Caller
    from ..quarantine import DiscardRequest, ErrorSelection, Quarantine
    from ..runtime import Runtime
    from .requests import AuditQuery, DiscardQuery, ErrorQuery, MuteRequest, NoQuery, ObjectQuery, StatsQuery

SECONDS = 24.0
"""API Gateway times out after 29 s; the last chunk and the response need the rest."""
RECENT = 50
"""Works in the list of recent ones."""

log = logging.getLogger("slips")

View = Callable[..., Any]

# Each view imports what it needs: every Lambda function imports app.py.


def build_views(runtime: Runtime, client: Callable[[str], Any], find_caller: Callable[[], Caller]) -> dict[str, View]:
    """Build the views of all routes with JSON responses, called with the request and the parameters of the path.

    `client` returns AWS clients, `find_caller` says who sent the current request.
    """

    def open_errors() -> Quarantine:
        from . import errors

        if runtime.config.error_table_arn:
            errors.adopt_items(runtime.quarantine)
        return runtime.quarantine

    def list_errors(query: ErrorQuery) -> Any:
        from . import errors

        return errors.list_errors(open_errors(), query, lambda: runtime.cause_notes)

    def show_error(query: NoQuery, error_id: str) -> Any:  # noqa: ARG001 - every view gets one
        from . import errors

        return errors.show_error(runtime.quarantine, error_id)

    def discard_error(query: DiscardQuery, error_id: str) -> Any:
        from ..ledger.audit import Act
        from ..quarantine import discard_one

        act = Act(
            id=uuid4().hex, action="discard", caller=find_caller(), what=f"item {error_id!r}", ids=[error_id],
            reason=query.reason,
        )  # fmt: skip
        with runtime.trail.record(act) as outcome:
            discard_one(runtime.quarantine, error_id, query.reason)
            outcome.items = 1
        return {"discarded": error_id}

    def act_on(action: Action, request: ErrorSelection, reason: str = "") -> Act:
        from ..ledger.audit import Act
        from ..quarantine.cursor import decode

        return Act(
            id=decode(request.cursor).drain_id or uuid4().hex, action=action, caller=find_caller(),
            what=request.describe() or "everything", fingerprint=request.fingerprint, ids=request.ids, reason=reason,
        )  # fmt: skip

    def drain_errors(request: DrainRequest) -> Any:
        from ..drain import drain

        def run(drain_id: str) -> DrainReport:
            return drain(
                request, open_errors(), runtime.lanes, runtime.config, time.time() + SECONDS,
                counting=runtime.counting, drain_id=drain_id,
            )  # fmt: skip

        if request.dry_run:
            return run("")
        act = act_on("drain", request)
        with runtime.trail.record(act) as outcome:
            report = run(act.id)
            outcome.items, outcome.refused = report.drained, len(report.failed)
        if report.drained and not report.cursor:
            note_resolved(request)
        return report

    def show_drain(query: NoQuery, drain_id: str) -> Any:  # noqa: ARG001
        from ..drain import load_outcome

        return load_outcome(drain_id, runtime.quarantine, runtime.ledger)

    def discard_errors(request: DiscardRequest) -> Any:
        from ..quarantine import discard

        act = act_on("discard", request, request.reason)
        with runtime.trail.record(act) as outcome:
            report = discard(request, open_errors(), time.time() + SECONDS, discard_id=act.id)
            outcome.items = report.discarded
        if report.discarded and not report.cursor:
            note_resolved(request)
        return report

    def mute_cause(request: MuteRequest) -> Any:
        from ..ledger.audit import Act

        caller, cause = find_caller(), request.fingerprint
        what = f"fingerprint {cause!r}" + (f" for {plural(request.hours, 'hour')}" if request.hours else "")
        act = Act(
            id=uuid4().hex, action="mute" if request.hours else "unmute", caller=caller, fingerprint=cause, what=what,
            reason=request.note,
        )  # fmt: skip
        with runtime.trail.record(act):
            until = runtime.cause_notes.mute(cause, request.hours * HOUR, caller.name, request.note)
        return {"fingerprint": cause, "muted_until": until}

    def note_resolved(request: ErrorSelection) -> None:
        if set(request.filters()) != {"fingerprint"}:  # With another filter, it was a part of the cause.
            return
        try:
            runtime.cause_notes.note_resolved(request.fingerprint)
        except StoreError as fault:  # The items are drained; only whether they come back is not said.
            log.warning("%s", fault)

    def list_audit(query: AuditQuery) -> Any:
        return runtime.trail.page(query.limit, query.cursor)

    def show_object(query: ObjectQuery) -> Any:
        from ..ledger.netting import net_books

        works = runtime.ledger.of_object(query.bucket, query.key)
        return {"objects": works, "net": net_books(works)}

    def list_recent_objects(query: NoQuery) -> Any:  # noqa: ARG001
        ids = list(dict.fromkeys(runtime.counters.since(1).recent))[:RECENT]
        works = runtime.ledger.of_works(ids).values()
        return {"objects": sorted(works, key=lambda work: work.changed_at, reverse=True)}

    def show_stats(query: StatsQuery) -> Any:
        from ..observability import count_expiring, count_silent
        from .stats import read_stats

        stats = read_stats(
            runtime.config,
            runtime.counters,
            open_errors(),
            runtime.cause_notes,
            runtime.redrive_queue,
            runtime.app_name,
            query.hours,
        )
        count_expiring(runtime.config.stack_name, stats.errors.expiring)
        count_silent(runtime.config.stack_name, sum(source.is_silent for source in stats.sources))
        return stats

    def show_health(query: NoQuery) -> Any:  # noqa: ARG001
        from .health import check_health

        return check_health(runtime.config, client, retries=runtime.is_retry_wired)

    functions = (
        *(list_errors, show_error, discard_error, drain_errors, show_drain, discard_errors),
        *(show_object, list_recent_objects, show_stats, list_audit, mute_cause, show_health),
    )
    return {view.__name__: view for view in functions}
