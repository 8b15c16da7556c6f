"""Notifications that come in batches of an SQS queue, and which of them Lambda is to deliver again."""

from __future__ import annotations

import logging
import os
from collections import Counter
from collections.abc import Callable
from typing import Any, Final

from ..errors import StoreError

log = logging.getLogger("slips")

REPORTS_FAILURES: Final = "SLIPS_REPORTS_FAILURES"
"""The variable of the function that `slips deploy` sets once the event source has ReportBatchItemFailures. Without that
setting, Lambda takes any answer for the success of the whole batch, and deletes it (AWS Lambda Developer Guide,
"Handling errors for an SQS event source"); a later `chalice deploy` removes the variable, never the setting."""
FAILURES: Final = "batchItemFailures"

Dispatch = Callable[[object], dict[str, int]]


def dispatch_batch(event: dict[str, Any], dispatch: Dispatch) -> dict[str, Any]:
    """Dispatch all messages of an SQS event at once, and each alone where that fails: returns the counts, and as
    `batchItemFailures` the messages to deliver again where the event source reads that. Raises StoreError where Lambda
    is to deliver the whole batch again."""
    records = event["Records"]
    # `slips redrive` calls with records of SNS, and takes any answer for a success.
    reports = bool(os.environ.get(REPORTS_FAILURES)) and all("messageId" in record for record in records)
    try:
        counts: dict[str, Any] = {**dispatch(event)}
    except StoreError:
        if not reports:
            raise
        return _dispatch_each(records, dispatch)
    return counts | {FAILURES: []} if reports else counts


def _dispatch_each(records: list[dict[str, Any]], dispatch: Dispatch) -> dict[str, Any]:
    """What came into a lane before comes again, and the ledger knows it."""
    counts: Counter[str] = Counter()
    failed: list[dict[str, str]] = []
    for record in records:
        try:
            counts.update(dispatch({"Records": [record]}))
        except StoreError as fault:
            # Where all fail, Lambda counts an error, by which an alarm rings.
            if len(failed) == len(records) - 1:
                raise
            log.error("message %s comes again: %s", record["messageId"], fault)
            failed.append({"itemIdentifier": record["messageId"]})
    return {**counts, FAILURES: failed}
