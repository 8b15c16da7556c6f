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
            f"invocations of the function {name} fail: its log says why. {_when_failed(name)}",
            Metric("AWS/Lambda", "Errors", {"FunctionName": deployed}),
        )  # fmt: skip
    if RETRY in names:
        # Without it nothing says that something waits.
        invocations = {"invocations": Metric("AWS/Lambda", "Invocations", {"FunctionName": names[RETRY]})}
        alarms["RetryStoppedAlarm"] = Alarm(
            "retry-stopped",
            "nothing has called the function retry for a quarter of an hour, so that what waits is not tried again: "
            "`slips check --deployed` says whether its rule is there and enabled; `slips deploy` fixes it",
            MetricMath("IF(FILL(invocations, 0) == 0, 1, 0)", invocations), periods=3,
        )  # fmt: skip
    if api and config.alarms.api_errors:
        alarms["ApiFailingAlarm"] = Alarm(
            "api-failing",
            f"the REST API {api} answered at least {plural(config.alarms.api_errors, 'request')} within five minutes "
            "with a status of 500 or more: the log of its function says why; `GET /health` and `slips check "
            "--deployed` say what it lacks. Events are processed all the same; `slips errors` and `slips drain` "
            "do not need it",
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
        "functions are throttled: the account's concurrency is used up, or what is reserved (`handler.concurrency`); "
        "docs/scale.md says what to raise. Nothing is lost: events wait",
        metrics("Throttles"),
        periods=3,
    )
    yield from alarms_over_all(
        "FunctionsDropped",
        "dropped",
        "Lambda gave up on events after its retries: the logs say why. Those of dispatch are error items: fix that, "
        "then call `slips drain`; those of report wait in the redrive queue: `slips redrive`. What is in neither "
        f"(`slips check --deployed` names a missing setting) is lost: {CLOSE_GAP}",
        metrics("AsyncEventsDropped", without=(*PROCESS, RETRY, API)),
        is_state=False,
    )
    yield from alarms_over_all(
        "FunctionsLost",
        "lost",
        "Lambda gave up on events, and could not send them on either: the role of the function may not, or the key. "
        f"`slips check --deployed` says what is wrong; `slips deploy` fixes it. Then {CLOSE_GAP}",
        metrics("DestinationDeliveryFailures", without=(API,)),
        is_state=False,
    )


def _when_failed(name: str) -> str:
    if name in PROCESS:
        return "Nothing is lost: its batches come again for days; after a fix, `slips deploy`"
    if name == API:
        return "Events are processed all the same"
    if name == RETRY:
        return "What waits is tried again in the next minute"
    return "Each event is tried three times, then it is kept: `slips errors --group`, `slips redrive --dry-run`"
