"""What an app.py must not do at import where processes share its batches, as `slips check` says it."""

from __future__ import annotations

import collections
import io
import json
import socket
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import boto3
import msgspec
import pytest
import urllib3

from slips.config import Config
from slips.ops.deploy.process_checks import clients_at_import, crowded_lanes, threads_at_import
from slips.ops.deploy.stage import read_stages
from slips.sinks import Firehose

CONFIG = Config.for_stack("mine")
SHARED = msgspec.structs.replace(CONFIG, fast=msgspec.structs.replace(CONFIG.fast, processes=2))
KEYS = {"region_name": "eu-central-1", "aws_access_key_id": "testing", "aws_secret_access_key": "testing"}


class Own:
    """A class of app.py's."""

    def __init__(self, client: Any) -> None:
        self.client = client


Own.__module__ = "app"


def found(config: Config = SHARED, **values: Any) -> list[str]:
    module = ModuleType("app")
    vars(module).update(values)
    return list(clients_at_import(config, [module]))


def client() -> Any:
    return boto3.client("dynamodb", **KEYS)  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("make", "kind"),
    [
        (client, "botocore.client.DynamoDB"),
        (lambda: boto3.resource("dynamodb", **KEYS).Table("t"), "boto3.resources.factory.dynamodb.Table"),  # type: ignore[call-overload]
        (urllib3.PoolManager, "urllib3.poolmanager.PoolManager"),
        (lambda: {"one": [client()]}, "botocore.client.DynamoDB"),
        (lambda: (1, client()), "botocore.client.DynamoDB"),
        (lambda: Own(client()), "botocore.client.DynamoDB"),
        (lambda: collections.defaultdict(list, one=client()), "botocore.client.DynamoDB"),
    ],
)
def test_a_client_at_import_is_named_with_what_to_do(make: Callable[[], Any], kind: str) -> None:
    [line] = found(sessions=make())
    assert line == (
        f"app.py: sessions ({kind}) is created at import, and backend.lane.fast.processes: 2 would share its "
        "connections; create it in @slips.on_setup, or when you first need it"
    )


def test_a_connection_at_import_is_named() -> None:
    with socket.socket() as connection:
        assert len(found(index=connection)) == 1


@pytest.mark.parametrize(
    "value",
    [
        socket, socket.socket, client, io.StringIO(), "text", {"a": [1, None]}, threading.Lock(), Firehose("audit"),
        Own(None), (each for each in ()), urllib3.Retry(),
    ],
)  # fmt: skip
def test_what_holds_no_connection_is_not(value: Any) -> None:
    assert found(value=value) == []


def test_a_lane_with_one_process_may_do_what_it_likes() -> None:
    assert found(CONFIG, sessions=client()) == []
    assert [*threads_at_import(CONFIG, [threading.Thread()])] == []


def test_threads_at_import_are_named() -> None:
    auto = msgspec.structs.replace(SHARED, slow=msgspec.structs.replace(CONFIG.slow, processes="auto"))
    assert [*threads_at_import(auto, [])] == []
    [line] = threads_at_import(auto, [threading.Thread(name="sender")])
    assert line == (
        "app.py starts threads at import (sender), so SLIPS ignores backend.lane.fast.processes: 2 and "
        "backend.lane.slow.processes: auto"
    )


@pytest.mark.parametrize(
    ("processes", "memory", "has"),
    [
        (2, 1769, "1769 MB, which is 1.0"),
        (2, None, "128 MB, which is 0.1"),
        (2, 3008, ""),
        ("auto", 1769, ""),
        (1, 512, ""),
    ],
)
def test_processes_that_share_one_core_are_named(tmp_path: Path, processes: Any, memory: int | None, has: str) -> None:
    (tmp_path / "slips.yml").write_text(f"stack_name: mine\nbackend: {{lane: {{fast: {{processes: {processes}}}}}}}\n")
    (tmp_path / ".chalice").mkdir()
    functions = {"process_fast": {"lambda_memory_size": memory} if memory else {}}
    config = {"app_name": "app", "lambda_functions": functions, "stages": {"dev": {}}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps(config))
    [stage] = read_stages(tmp_path)
    line = (
        f".chalice/config.json: process_fast of stage dev has {has} vCPUs for backend.lane.fast.processes: 2; give it "
        "3538, or write processes: auto"
    )
    assert list(crowded_lanes(stage)) == ([line] if has else [])
