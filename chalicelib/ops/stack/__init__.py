"""The CloudFormation template of what Chalice does not make: streams, tables and topics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...config import Config
from .storage import buckets as bucket_resources
from .storage import streams, tables
from .topics import topics

Resources = dict[str, Any]


def template(config: Config, *, buckets: Sequence[str] = ()) -> dict[str, Any]:
    """The template for this configuration. What an ARN of slips.yml names is used, not created.

    `buckets` are created too, with a notification of every new object to the first topic: for those who want it, and
    for `slips run`.
    """
    resources: Resources = {**streams(config), **tables(config), **topics(config)}
    resources |= bucket_resources(config, buckets)
    made: dict[str, Any] = {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": config.description or f"SLIPS {config.stack_name}: streams, tables and topics",
        "Resources": resources,
    }
    return made
