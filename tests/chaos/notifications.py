"""What carries the notifications to dispatch: SNS and Lambda, with the dead-letter topic, report, and the redrive queue
behind them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol
from unittest.mock import patch

from slips.config.routing import route
from slips.dispatch.notifications import parse_notifications
from slips.dispatch.redrive_messages import UndeliveredRecord
from slips.model import Lane, work_item
from slips.model.work_items import encode_work_item
from slips.ops.redrive import run as redrive

from ..deployment import events
from ..lambda_runtime import InvocationError
from .account import Account
from .objects import BUCKET
from .plan import Plan

ATTEMPTS = 3
"""Of Lambda, at an event of SNS."""
ROUNDS = 10
"""Calls of `slips redrive`: one stops where the functions fail."""


class Invoke(Protocol):
    """Invokes a function once. Raises InvocationError."""

    def __call__(self, name: str, event: dict[str, Any]) -> Any: ...


class Notifications:
    """The notifications of a plan. `redeploy` lets what is invoked next begin anew."""

    def __init__(
        self, plan: Plan, folder: Path, account: Account, invoke: Invoke, redeploy: Callable[[], None]
    ) -> None:
        self.stranded = 0
        """Those that neither dispatch nor report took."""
        self._plan = plan
        self._broken = folder / "broken"
        self._account = account
        self._invoke = invoke
        self._redeploy = redeploy

    def land(self) -> None:
        """Notify dispatch of the objects, as often and in the order of the plan; a few were in the other lane before,
        where an earlier slips.yml had routed them to."""
        messages = [events.notification(BUCKET, planted.key, len(planted.content)) for planted in self._plan.objects]
        config = self._account.config
        for number in self._plan.twins:
            [ref] = parse_notifications(messages[number]).refs
            lane: Lane = "fast" if route(config, ref).lane == "slow" else "slow"
            self._account.put_record(lane, encode_work_item(work_item(ref, config.lane(lane).stream)), ref.key)
        first, last = self._plan.storms.broken
        for at, number in enumerate(self._plan.notifications, 1):
            if first <= at <= last and not self._broken.exists():
                self._broken.touch()
                self._redeploy()
            if at > last:
                self.mend()
            self._notify(events.of_topic(messages[number]))

    def mend(self) -> None:
        """Deploy an app.py that can be imported."""
        if self._broken.exists():
            self._broken.unlink()
            self._redeploy()

    def redrive(self) -> None:
        """Do what `slips redrive` does, until the queue is empty."""
        for _ in range(ROUNDS):
            if not self._account.stranded_messages():
                return
            with (
                patch.object(redrive.aws, "client", self._account.client),
                patch.object(redrive, "_invoke", self._take),
            ):
                redrive.Redrive(self._account.redrive_queue, _Receivers()).run(0, lambda done, of: None)

    def _notify(self, event: dict[str, Any]) -> None:
        """Invoke dispatch as Lambda does asynchronously: three attempts, then the dead-letter topic, three attempts of
        report, then the queue."""
        if not (dead := self._attempt("dispatch", event)):
            return
        dead_letter = events.of_topic(dead)
        if stranded := self._attempt("report", dead_letter):
            self.stranded += 1
            self._account.strand(stranded)

    def _attempt(self, name: str, event: dict[str, Any]) -> dict[str, Any]:
        """Return what Lambda sends on after the last attempt; nothing where one succeeded."""
        for _ in range(ATTEMPTS):
            try:
                self._invoke(name, event)
            except InvocationError as failed:
                cause = failed
            else:
                return {}
        return {
            "requestContext": {"condition": "RetriesExhausted"},
            "requestPayload": event,
            "responsePayload": {"errorType": cause.error_type, "errorMessage": cause.error_message},
        }

    def _take(self, function: str, records: list[Any]) -> str:
        try:
            self._invoke(function, {"Records": records})
        except InvocationError as failed:
            return str(failed)
        return ""


class _Receivers:
    """The functions by their names."""

    def find(self, record: UndeliveredRecord) -> str:
        return "dispatch" if record.is_notification else "report"
