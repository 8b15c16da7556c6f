"""The CloudFormation template of what Chalice does not create: streams, tables, topics, queues, alarms, dashboard."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ....config import Config
from .alarm_resource import Names
from .alarms import alarm_topic, stack_alarms
from .buckets import buckets as bucket_resources
from .dashboard import dashboard
from .dispatch_queue import dispatch_queue
from .function_alarms import function_alarms
from .queues import redrive_queue
from .storage import streams, tables
from .topics import topics

Resources = dict[str, Any]


def template(
    config: Config, *, buckets: Sequence[str] = (), functions: Names | None = None, api: str = ""
) -> dict[str, Any]:
    """Return the template for this configuration. Resources that slips.yml names by ARN are used, not created.

    `buckets` are created too, and notify the stage of every new object, as `slips run` needs it. `functions` are the
    Lambda functions that alarms watch, and `api` is the name of the REST API.
    """
    resources: Resources = {**streams(config), **tables(config), **topics(config, buckets), **redrive_queue(config)}
    resources |= dispatch_queue(config, buckets) | bucket_resources(config, buckets)
    resources |= alarm_topic(config) | stack_alarms(config) | function_alarms(config, functions or {}, api)
    resources |= dashboard(config, functions or {})
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": config.description or f"SLIPS {config.stack_name}: streams, tables and topics",
        "Resources": resources,
    }
