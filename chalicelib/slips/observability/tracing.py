"""Optional tracing: with `"xray": true` in .chalice/config.json, and aws-xray-sdk in requirements.txt."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

from .masking import Secrets


@contextmanager
def trace(service: str, kind: str, secrets: Secrets) -> Iterator[None]:
    """Open a subsegment around the work, with AWS calls below it; none where Lambda does not trace. It has no secrets
    in it: libraries add the URLs that they call, and exceptions."""
    # Lambda sets the header for each invocation, even if it does not sample it.
    if "Sampled=1" not in os.environ.get("_X_AMZN_TRACE_ID", "") or find_spec("aws_xray_sdk") is None:
        yield
        return
    from aws_lambda_powertools import Tracer

    tracer = Tracer(service=service)
    recorder: Any = tracer.provider
    if not isinstance(recorder.emitter, MaskingEmitter):
        recorder.emitter = MaskingEmitter(recorder.emitter, secrets)
    with tracer.provider.in_subsegment(name=f"## {kind}") as segment:
        segment.put_annotation(key="kind", value=kind)
        yield


class MaskingEmitter:
    """An emitter of aws-xray-sdk that sends no secret."""

    def __init__(self, emitter: Any, secrets: Secrets) -> None:
        self._emitter = emitter
        self._secrets = secrets

    def send_entity(self, entity: Any) -> None:
        """Send a segment or subsegment."""
        self._emitter.send_entity(_MaskedEntity(entity, self._secrets))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._emitter, name)


class _MaskedEntity:
    """A segment, as an emitter sees it."""

    def __init__(self, entity: Any, secrets: Secrets) -> None:
        self._entity = entity
        self._secrets = secrets

    def serialize(self) -> str:
        """Write it as JSON."""
        return json.dumps(self._secrets.mask_value(self._entity.to_dict()), default=str)
