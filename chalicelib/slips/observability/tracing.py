"""Optional tracing: with `"xray": true` in .chalice/config.json, and aws-xray-sdk in requirements.txt."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec


@contextmanager
def trace(service: str, kind: str) -> Iterator[None]:
    """Open a subsegment around the work, with AWS calls below it; none where Lambda does not trace."""
    # Lambda sets the header for each invocation, even if it does not sample it.
    if "Sampled=1" not in os.environ.get("_X_AMZN_TRACE_ID", "") or find_spec("aws_xray_sdk") is None:
        yield
        return
    from aws_lambda_powertools import Tracer

    tracer = Tracer(service=service)
    with tracer.provider.in_subsegment(name=f"## {kind}") as segment:
        segment.put_annotation(key="kind", value=kind)
        yield
