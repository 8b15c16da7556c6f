"""The page of metrics and alarms: the alarms as CloudFormation creates them, with the text that each sends."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from slips.config import Config, Topic
from slips.config.settings import AlarmLimits
from slips.observability.metrics import NAMESPACE
from slips.ops.deploy.stack import template

from .markdown import escape, table

_HEAD = f"""\
# Metrics and alarms

`make docs` writes this page: the alarms, their thresholds and texts are those of the stack that `slips provision`
creates with the defaults of slips.yml. [Logs, metrics, alarms, traces](../deployment.md#logs-metrics-alarms-traces)
explains how they are meant, [slips.yml](slips-yml.md#alarms) which keys change them.

## Metrics

Namespace `{NAMESPACE}`. Each combination of dimensions that occurs is a metric, and billed as one.
"""
_ALARMS = """\
## Alarms

Each notifies the topic `STACK-alarms`, with the text below. None rings in a stack where nothing happens.
`error-items` is off unless slips.yml sets it.
"""
METRICS: dict[str, dict[str, str]] = {
    "stack, lane, format": {
        "Objects": "Objects that ended.",
        "Records": "Records read.",
        "Events": "Events that the records held.",
        "Delivered": "Events that a function took without failing, counted for each function.",
        "Quarantined": "Events, for each function, and records that became error items.",
        "Waiting": "Events, for each function, that wait to be tried again by themselves.",
        "Bytes": "Bytes of the objects, inflated.",
        "Seconds": "Seconds that an object took.",
        "Age": "Seconds from S3's event to the end of the object.",
    },
    "stack, stage": {
        "ErrorItems": "New error items. Also with the dimension `stack` alone.",
        "Failed": "Events, or objects, in them.",
    },
    "stack": {
        "NewCauses": "Causes of failure that were not seen for two weeks.",
        "Processed": "Records or events, whichever are more, of all formats together.",
        "Quarantined": "What became error items of these.",
        "Unbalanced": "Objects whose books do not balance.",
        "Continuation": "Objects that were continued in another invocation.",
        "Crash": "Objects that were set aside after crashes.",
        "Gone": "Objects that were deleted before they were read.",
        "Superseded": "Objects that were written again before they were read.",
        "TimeFaults": "Events whose time could not be read.",
        "Dispatched": "Objects put into a lane.",
        "Dropped": "Objects that `routing` drops.",
        "Expiring": "Error items that DynamoDB deletes within seven days.",
        "SilentSources": "Mappings that got no object for much longer than usual.",
        "OldestWaiting": "Seconds that the oldest waiting item has waited.",
        "Retried": "Items that `retry` put back into their lane.",
        "GaveUp": "Items that failed at each automatic retry for `retry.give_up_after`.",
        "Surge": "The objects of an hour, as a multiple of the busiest hour of the week before.",
    },
}


def write_page() -> str:
    """Return the page."""
    lines = [_HEAD]
    rows = ((dimensions, f"`{name}`", text) for dimensions, all_of in METRICS.items() for name, text in all_of.items())
    lines += table(("dimensions", "metric", "counts"), rows)
    lines += [_ALARMS]
    lines += table(("alarm `STACK-…`", "watches", "what it says"), map(_alarm, alarms()))
    return "\n".join(lines)


def alarms() -> list[Mapping[str, Any]]:
    """Return the properties of all alarms that there can be."""
    limits = msgspec.structs.replace(AlarmLimits(), error_items=10)
    config = msgspec.structs.replace(
        Config.for_stack("STACK"), topics=(Topic("dispatch", "STACK-dispatch"),), alarms=limits
    )
    names = ("dispatch", "process_fast", "process_slow", "report", "retry", "api_handler")
    functions = {name: f"APP-STAGE-{name}" for name in names}
    resources = template(config, functions=functions, api="APP")["Resources"].values()
    return [each["Properties"] for each in resources if each["Type"] == "AWS::CloudWatch::Alarm"]


def _alarm(alarm: Mapping[str, Any]) -> tuple[str, ...]:
    names = [alarm["MetricName"]] if "MetricName" in alarm else [
        query["MetricStat"]["Metric"]["MetricName"] for query in alarm["Metrics"] if "MetricStat" in query
    ]  # fmt: skip
    watched = ", ".join(f"`{name}`" for name in dict.fromkeys(names))
    return f"`{alarm['AlarmName'].removeprefix('STACK-')}`", watched, escape(alarm["AlarmDescription"])
