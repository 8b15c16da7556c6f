"""The CloudFormation template of what Chalice does not make: streams, tables, topics, alarms and the dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....config import Config
from .alarms import Names, alarm_topic, function_alarms, stack_alarms
from .dashboard import dashboard
from .storage import buckets as bucket_resources
from .storage import streams, tables
from .topics import topics

Resources = dict[str, Any]


def template(config: Config, *, buckets: Sequence[str] = (), functions: Names | None = None) -> dict[str, Any]:
    """The template for this configuration. What an ARN of slips.yml names is used, not created.

    `buckets` are created too, with a notification of every new object to the first topic: for those who want it, and
    for `slips run`. `functions` are the names in the account of the Lambda functions that alarms watch, by the names
    that app.py gives them.
    """
    resources: Resources = {**streams(config), **tables(config), **topics(config)}
    resources |= bucket_resources(config, buckets)
    resources |= alarm_topic(config) | stack_alarms(config) | function_alarms(config, functions or {})
    resources |= dashboard(config, functions or {})
    made: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": config.description or f"SLIPS {config.stack_name}: streams, tables and topics",
        "Resources": resources,
    }
    return made
