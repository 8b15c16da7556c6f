"""Clients with the credentials of another role."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import botocore.session
import pytest
from botocore.credentials import AssumeRoleCredentialFetcher
from botocore.exceptions import ClientError, NoCredentialsError

from slips import aws
from slips.aws.clients import connect_seconds

ROLE = "arn:aws:iam::123456789012:role/reader"


@pytest.fixture(autouse=True)
def emulated(aws_endpoint: str) -> Iterator[None]:
    aws.reset()
    yield
    aws.reset()


def key_of(client: Any) -> str:
    """The access key that the client signs with now."""
    return str(client._request_signer._credentials.get_frozen_credentials().access_key)


def identity(role_arn: str) -> str:
    return str(aws.client("sts", role_arn).get_caller_identity()["Arn"])


def test_a_client_of_a_role_signs_as_that_role(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev-process_fast")
    assert identity(ROLE) == "arn:aws:sts::123456789012:assumed-role/reader/slips-dev-process_fast"
    assert ":assumed-role/" not in identity("")
    assert key_of(aws.client("s3")) == "testing"
    assert key_of(aws.client("s3", ROLE)) != "testing"


def test_a_command_names_itself_in_the_trail_of_the_other_account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_LAMBDA_FUNCTION_NAME", raising=False)
    assert identity(ROLE).endswith("/slips")


def test_each_role_has_a_client_of_its_own_that_is_made_once() -> None:
    other = f"{ROLE}-2"
    assert len({id(aws.client("s3", role)) for role in ("", ROLE, other, ROLE, "")}) == 3


def test_a_role_is_assumed_at_the_first_call_and_again_before_its_hour_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    number = count(1)

    def fetch(self: AssumeRoleCredentialFetcher) -> Any:
        end = datetime.now(UTC) + timedelta(seconds=30)
        keys = {"AccessKeyId": f"key-{next(number)}", "SecretAccessKey": "s", "SessionToken": "t"}
        return {"Credentials": {**keys, "Expiration": end}}

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "_get_credentials", fetch)
    client = aws.client("s3", ROLE)
    assert next(number) == 1
    assert [key_of(client), key_of(client)] == ["key-2", "key-3"]


def test_a_role_that_may_not_be_assumed_is_an_error_of_the_call(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(self: AssumeRoleCredentialFetcher) -> Any:
        raise ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "AssumeRole")

    monkeypatch.setattr(AssumeRoleCredentialFetcher, "_get_credentials", refuse)
    client = aws.client("s3", ROLE)
    with pytest.raises(ClientError, match="AssumeRole"):
        client.list_buckets()


def test_without_credentials_no_role_can_be_assumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.session.Session, "get_credentials", lambda self: None)
    with pytest.raises(NoCredentialsError):
        aws.client("s3", ROLE)


def test_a_client_for_a_loop_sends_once_and_waits_as_long_as_the_loop_says() -> None:
    client, usual = aws.client("s3", "", 3.0), aws.client("s3")
    assert client.meta.config.retries == {"mode": "standard", "total_max_attempts": 1}
    assert (client.meta.config.read_timeout, client.meta.config.connect_timeout) == (3.0, connect_seconds(3.0))
    assert usual.meta.config.retries["total_max_attempts"] > 1
    assert aws.client("s3", "", 3.0) is client is not aws.client("s3", "", 1.0)


def test_clients_for_a_loop_assume_a_role_once_whatever_they_wait_for() -> None:
    first, second = aws.client("s3", ROLE, 3.0), aws.client("s3", ROLE, 1.0)
    assert key_of(first) == key_of(second) != key_of(aws.client("s3", ROLE))


def test_threads_that_need_their_first_client_at_once_get_the_same_one() -> None:
    with ThreadPoolExecutor(8) as pool:
        clients = list(pool.map(lambda _: aws.client("s3", "", 3.0), range(8)))
    assert len({id(each) for each in clients}) == 1


def test_a_client_needs_no_boto3(aws_endpoint: str) -> None:
    """66 modules that Lambda would import at each cold start, s3transfer among them."""
    script = "import sys; from slips import aws; aws.client('s3'); aws.client('s3', ROLE, 1.0); print(*sys.modules)"
    command = [sys.executable, "-c", f"ROLE = {ROLE!r}; {script}"]
    loaded = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()
    assert "botocore.session" in loaded
    assert not {"boto3", "s3transfer"} & set(loaded)
