"""Alarms on what Lambda says of the functions, and API Gateway of the API. Each says what to do."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

from ....config import Config
from ....config.settings import RETRY
from ....wording import plural
from ..stage import API, PROCESS
from .alarm_resource import CLOSE_GAP, Alarm, Metric, MetricMath, Names, alarm_resource, alarms_over_all


def function_alarms(config: Config, names: Names, api: str = "") -> dict[str, Any]:
    """The alarms of the Lambda functions, and of the REST API of that name."""
    alarms = dict(_all_functions(names))
    for name, deployed in names.items():
        # A prefix of its own: some names are the user's, and could be those of streams and tables.
        logical = "Function" + "".join(part.capitalize() for part in name.replace("-", "_").split("_"))
        alarms[f"{logical}FailedAlarm"] = Alarm(
            f"function-{name}-failed",
            f"Invocations of the function {name} fail. Its log shows why. {_when_failed(name)}",
            Metric("AWS/Lambda", "Errors", {"FunctionName": deployed}),
        )  # fmt: skip
    if RETRY in names:
        # Without it nothing says that something waits.
        invocations = {"invocations": Metric("AWS/Lambda", "Invocations", {"FunctionName": names[RETRY]})}
        alarms["RetryStoppedAlarm"] = Alarm(
            "retry-stopped",
            "The function retry did not run for 15 minutes, so events that wait are not tried again. `slips check "
            "--deployed` shows whether its rule exists and is enabled, and `slips deploy` repairs it.",
            MetricMath("IF(FILL(invocations, 0) == 0, 1, 0)", invocations), periods=3,
        )  # fmt: skip
    if api and config.alarms.api_errors:
        alarms["ApiFailingAlarm"] = Alarm(
            "api-failing",
            f"The REST API {api} answered at least {plural(config.alarms.api_errors, 'request')} within five minutes "
            "with status 500 or higher. The log of its function shows why; `GET /health` and `slips check --deployed` "
            "show what it lacks. Processing continues, and `slips errors` and `slips drain` work without the API.",
            Metric("AWS/ApiGateway", "5XXError", {"ApiName": api}), threshold=config.alarms.api_errors,
        )  # fmt: skip
    return {logical: alarm_resource(config, alarm) for logical, alarm in alarms.items()}


def _all_functions(names: Names) -> Iterator[tuple[str, Alarm]]:
    """What is rare, and needs the same whatever function it is: a template has room for few alarms of each function."""

    def metrics(name: str, without: Container[str] = ()) -> list[Metric]:
        functions = [deployed for function, deployed in names.items() if function not in without]
        return [Metric("AWS/Lambda", name, {"FunctionName": deployed}) for deployed in functions]

    yield from alarms_over_all(
        "FunctionsThrottled",
        "functions-throttled",
        "Lambda throttles functions: they use all of the account's concurrency, or all that is reserved for them "
        "(`handler.concurrency`). docs/scale.md explains what to raise. Nothing is lost: events wait.",
        metrics("Throttles"),
        periods=3,
    )
    yield from alarms_over_all(
        "FunctionsDropped",
        "dropped",
        "Lambda gave up on events after its retries. The logs show why. Fix the cause. Then run `slips drain` for "
        "events of dispatch, which are error items, and `slips redrive` for those of report. If `slips check "
        f"--deployed` names a missing setting, events are lost. {CLOSE_GAP}",
        metrics("AsyncEventsDropped", without=(*PROCESS, RETRY, API)),
        is_state=False,
    )
    yield from alarms_over_all(
        "FunctionsLost",
        "lost",
        "Lambda gave up on events and could not send them to their destination, because the role of the function or "
        "the encryption key does not allow it. `slips check --deployed` shows which, and `slips deploy` repairs it. "
        f"{CLOSE_GAP}",
        metrics("DestinationDeliveryFailures", without=(API,)),
        is_state=False,
    )


def _when_failed(name: str) -> str:
    if name in PROCESS:
        return "Nothing is lost: Lambda repeats its batches for days. Fix the cause, then run `slips deploy`."
    if name == API:
        return "Processing continues."
    if name == RETRY:
        return "It runs again in the next minute."
    return "Lambda tries each event three times. See `slips errors --group` and `slips redrive --dry-run`."
