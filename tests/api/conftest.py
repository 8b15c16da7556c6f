"""The REST API of a deployment in the emulated AWS, made from the production template."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from chalice import Chalice
from chalice.test import Client

from slips import Slips, aws
from slips.ops.deploy.stack import template


@pytest.fixture
def slips(aws_endpoint: str, tmp_path: Path) -> Iterator[Slips]:
    """A Slips with a stack of its own."""
    aws.reset()
    name = f"api-{uuid4().hex[:8]}"
    path = tmp_path / "slips.yml"
    path.write_text(
        f"stack_name: {name}\n"
        "bucket_mapping: {logs: [{prefix: json/, format: json}]}\n"
        "backend: {lane: {fast: {shards: 2}, slow: {shards: 1}}}\n"
    )
    made = Slips(Chalice("api"), path)
    cloudformation = aws.client("cloudformation")
    cloudformation.create_stack(StackName=name, TemplateBody=json.dumps(template(made.config)))
    yield made
    cloudformation.delete_stack(StackName=name)
    aws.reset()


Ask = Callable[..., tuple[int, Any]]


@pytest.fixture
def ask(slips: Slips) -> Iterator[Ask]:
    """`ask("GET", "/errors?limit=2")` gives the status and the JSON of the answer."""
    slips.app.register_blueprint(slips.api)
    with Client(slips.app) as client:

        def send(method: str, path: str, body: Any = None, **headers: str) -> tuple[int, Any]:
            raw = body if isinstance(body, bytes | None) else json.dumps(body).encode()
            answer = client.http.request(method, path, headers=headers, body=raw or b"")
            return answer.status_code, json.loads(answer.body) if answer.body else None

        yield send
