"""What a Lambda function makes before its first invocation."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from slips import aws, init_phase
from slips.config import LaneConfig
from slips.init_phase import NEEDS, prepare
from slips.reader import s3
from slips.runtime import Runtime

from .builders import config

ROOT = Path(__file__).resolve().parents[1]
OBSERVED = ["handlers", "observability.logs", "observability.metrics", "observability.tracing"]
S3 = ("s3", "", s3.SILENCES[0])


@pytest.fixture
def clients(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Those that were made, in a process of Lambda's."""
    made: list[Any] = []

    def client(*key: Any) -> object:
        made.append(key if len(key) > 1 else key[0])
        return object()

    monkeypatch.setattr(aws, "client", client)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev-process_fast")
    return made


@pytest.fixture
def modules(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Those that were imported."""
    imported: list[str] = []
    monkeypatch.setattr(init_phase, "import_module", lambda name, _: imported.append(name.removeprefix(".")))
    return imported


@pytest.mark.parametrize(
    ("handler", "expected"),
    [
        ("dispatch", {"dynamodb", "kinesis"}),
        ("dispatch_queue", {"dynamodb", "kinesis"}),
        ("process_fast", {"dynamodb", "kinesis", S3}),
        ("process_slow", {"dynamodb", "kinesis", S3}),
        ("report", {"dynamodb", "kinesis"}),
        ("retry", {"dynamodb", "kinesis"}),
        ("app", {"dynamodb"}),
        ("a_function_of_yours", set()),
    ],
)
def test_each_function_makes_its_clients(
    handler: str, expected: set[Any], clients: list[Any], modules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_HANDLER", f"app.{handler}")
    prepare(Runtime(config()))
    assert set(clients) == expected
    assert modules == ([*OBSERVED, *NEEDS[handler].modules] if expected else [])


@pytest.mark.parametrize(
    ("memory", "made"), [("3538", set()), ("1769", {"dynamodb", "kinesis", S3})], ids=["two processes", "one"]
)
def test_a_process_that_forks_makes_no_client(
    memory: str, made: set[Any], clients: list[Any], modules: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("_HANDLER", "app.process_slow")
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory)
    prepare(Runtime(config(slow=LaneConfig(name="slow", stream="slips-slow", processes="auto"))))
    assert set(clients) == made
    assert modules == [*OBSERVED, *NEEDS["process_slow"].modules]


def test_elsewhere_all_is_late(clients: list[Any], modules: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_HANDLER", "app.process_fast")
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME")
    prepare(Runtime(config()))
    assert clients == modules == []


def test_app_py_prepares_its_function() -> None:
    """In a process of Lambda's; only there does `import app` import so much."""
    script = "import app, sys; print(*sys.modules)"
    variables = {"AWS_LAMBDA_FUNCTION_NAME": "slips-dev-process_fast", "_HANDLER": "app.process_fast"}
    ended = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, env={**os.environ, **variables}, capture_output=True, text=True,
        check=True,
    )  # fmt: skip
    needed = {"botocore.session", "aws_lambda_powertools", "slips.engine.worker", "slips.ledger.ledger"}
    assert needed <= set(ended.stdout.split())


@pytest.mark.parametrize("handler", list(NEEDS))
def test_what_is_named_exists(handler: str) -> None:
    for module in NEEDS[handler].modules:
        assert import_module(f"slips.{module}")
