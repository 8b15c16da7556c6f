"""Calls on a bucket carry what `buckets` of slips.yml says of it, wherever they are made."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import slips
from slips.config.access import S3Access
from slips.config.settings import Bucket
from slips.errors import AccessDenied, ReadError
from slips.model import ObjectRef
from slips.reader.s3 import S3Objects
from tests.each_case import each_case

ROLE = "arn:aws:iam::111122223333:role/reader"
OWNER = "111122223333"


class Clients:
    """Clients that keep each call's parameters, by role."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __call__(self, name: str, role_arn: str = "", attempt_seconds: float = 0) -> Any:
        assert name == "s3"
        return Client(self.calls, role_arn)


class Client:
    def __init__(self, calls: list[tuple[str, dict[str, Any]]], role: str) -> None:
        self._calls, self._role = calls, role

    def get_object(self, **request: Any) -> Any:
        self._calls.append((self._role, request))
        return {"ContentLength": 0, "ETag": '"e"', "Body": Empty()}


class Empty:
    def read(self, size: int) -> bytes:
        return b""

    def close(self) -> None: ...


@pytest.mark.parametrize(
    ("settings", "role", "of_bucket", "of_object"),
    [
        ({}, "", {}, {}),
        ({"kms_key": "k"}, "", {}, {}),
        ({"requester_pays": True}, "", {}, {"RequestPayer": "requester"}),
        ({"expected_owner": OWNER}, "", {"ExpectedBucketOwner": OWNER}, {"ExpectedBucketOwner": OWNER}),
        ({"role_arn": ROLE}, ROLE, {}, {}),
    ],
)
def test_each_setting_reaches_the_calls(
    settings: dict[str, Any], role: str, of_bucket: dict[str, str], of_object: dict[str, str]
) -> None:
    clients = Clients()
    access = S3Access({"logs": Bucket(**settings)}, clients)
    assert access.bucket_parameters("logs") == {"Bucket": "logs", **of_bucket}
    assert access.object_parameters("logs") == {"Bucket": "logs", **of_object}
    assert access.object_parameters("other") == {"Bucket": "other"}
    for bucket in ("logs", "other"):
        list(S3Objects(access).open(ObjectRef(bucket=bucket, key="k")))
    assert clients.calls == [
        (role, {"Bucket": "logs", "Key": "k", **of_object}),
        ("", {"Bucket": "other", "Key": "k"}),
    ]


def test_a_role_that_cannot_be_assumed_is_an_error_of_the_object() -> None:
    from botocore.exceptions import ClientError, NoCredentialsError

    denied = {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
    for fault, expected in (
        (ClientError(denied, "AssumeRole"), AccessDenied),  # type: ignore[arg-type]
        (NoCredentialsError(), ReadError),
    ):

        def refuse(*_: object, fault: Exception = fault) -> Any:
            raise fault

        with pytest.raises(expected, match="s3://logs/k"):
            list(S3Objects(S3Access({}, refuse)).open(ObjectRef(bucket="logs", key="k")))


PACKAGE = Path(slips.__file__).parent


def calls_that_name_a_bucket(source: str) -> Iterator[int]:
    """The lines of calls with the parameter Bucket, which only S3Access sets."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and any(keyword.arg == "Bucket" for keyword in node.keywords):
            yield node.lineno


@each_case(
    "path",
    # `slips run` makes the buckets of its own emulator, and the bucket of packages holds no logs.
    [
        path
        for path in sorted(PACKAGE.rglob("*.py"))
        if not path.is_relative_to(PACKAGE / "ops" / "run") and path.name != "chalice_process.py"
    ],
    ids=lambda path: str(path.relative_to(PACKAGE)),
)
def test_no_call_leaves_out_what_slips_yml_says_of_a_bucket(path: Path) -> None:
    source = path.read_text()
    assert list(calls_that_name_a_bucket(source)) == []
    assert 'client("s3")' not in source


def test_a_call_that_names_a_bucket_is_noticed() -> None:
    assert list(calls_that_name_a_bucket('x = 1\nclient.get_object(Bucket="b", Key="k")\n')) == [2]
