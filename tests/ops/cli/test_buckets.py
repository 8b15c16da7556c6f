"""Every command calls a bucket as `buckets` of slips.yml says: requests over HTTP, as S3 gets them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from botocore.httpsession import URLLib3Session

from slips import aws
from slips.config import load
from slips.engine.invocation import process
from slips.model import work_item
from slips.ops.deploy.account import current_account
from slips.ops.deploy.bucket_notifications import mapped_prefixes, plan_notifications
from slips.ops.deploy.gaps import silent_buckets
from slips.ops.deploy.removal import remove_bucket_notifications
from slips.ops.deploy.stage import DeploymentStage
from slips.ops.develop.project import load_project

from ...builders import ref
from .conftest import Deployed

OWNER = "123456789012"
ROLE = f"arn:aws:iam::{OWNER}:role/reader"


class Requests:
    """What S3 was asked of the bucket: the role's credentials or not, and the two headers."""

    def __init__(self) -> None:
        self.operations: set[str] = set()
        self.signed: set[bool] = set()
        self.payers: set[str | None] = set()
        self.owners: set[str | None] = set()

    def record(self, bucket: str, request: Any) -> None:
        url = urlsplit(request.url)
        if url.path.split("/")[1] != bucket:
            return
        of_object = url.path.count("/") > 1 or "list-type" in url.query
        self.operations.add(f"{request.method} {'object' if of_object else 'bucket'}")
        headers = {name.lower(): _text(value) for name, value in request.headers.items()}
        self.signed.add("Credential=testing/" not in headers["authorization"])
        self.owners.add(headers.get("x-amz-expected-bucket-owner"))
        if of_object:
            self.payers.add(headers.get("x-amz-request-payer"))


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


@pytest.fixture
def requests(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> Iterator[Requests]:
    """The requests to the bucket from now on, with all of its settings in slips.yml."""
    requests, path = Requests(), Path("slips.yml")
    text, send = path.read_text(), URLLib3Session.send
    settings = f"requester_pays: true, role_arn: {ROLE}, expected_owner: '{OWNER}'"
    path.write_text(f"{text}\nbuckets: {{{deployed.bucket}: {{{settings}}}}}\n")

    def record(self: URLLib3Session, request: Any) -> Any:
        requests.record(deployed.bucket, request)
        return send(self, request)

    with monkeypatch.context() as patch:
        patch.setattr(URLLib3Session, "send", record)
        yield requests
    path.write_text(text)
    assert (requests.signed, requests.owners) == ({True}, {OWNER})
    assert requests.payers <= {"requester"}


@pytest.fixture
def objects(deployed: Deployed) -> str:
    """The URL of an object that items.json names, put there before the requests are recorded."""
    item = work_item(deployed.put("in/buckets/a", {"n": 1, "text": "x" * 200}), deployed.config.fast.stream)
    Path("items.json").write_bytes(msgspec.json.encode([item]))
    return f"s3://{deployed.bucket}/in/buckets/a"


@pytest.fixture
def failed(deployed: Deployed) -> str:
    """The id of an error item, before the requests are recorded."""
    return deployed.failed("in/buckets/bad", {"n": 2, "bad": 1})


def test_sample(deployed: Deployed, objects: str, requests: Requests) -> None:
    assert "in/" in deployed.run("sample", "-k", "1000").stdout
    assert (requests.operations, requests.payers) == ({"GET object"}, {"requester"})


def test_explain(deployed: Deployed, objects: str, requests: Requests) -> None:
    ran = deployed.run("explain", objects)
    assert ran.exit_code == 0, ran.output
    assert (requests.operations, requests.payers) == ({"HEAD object", "GET object"}, {"requester"})


def test_local(deployed: Deployed, objects: str, requests: Requests) -> None:
    assert deployed.run("local", "-d", "items.json").exit_code == 0
    assert (requests.operations, requests.payers) == ({"GET object"}, {"requester"})


def test_capture(deployed: Deployed, failed: str, requests: Requests) -> None:
    ran = deployed.run("capture", failed, "-o", "captured")
    assert ran.exit_code == 0, ran.output
    assert (requests.operations, requests.payers) == ({"GET object"}, {"requester"})


@pytest.fixture
def overwritten(deployed: Deployed) -> None:
    """An object of which the ledger has books of another version, before the requests are recorded."""
    deployed.process(deployed.put("in/buckets/new", {"n": 1}))
    deployed.put("in/buckets/new", {"n": 2})


@pytest.mark.usefixtures("overwritten")
def test_backfill(deployed: Deployed, requests: Requests) -> None:
    ran = deployed.run("backfill", f"s3://{deployed.bucket}/in/buckets/", "--until", "2100-01-01", "--dry-run")
    assert ran.exit_code == 0, ran.output
    assert (requests.operations, requests.payers) == ({"GET object", "HEAD object"}, {"requester"})


def test_a_lambda_function(deployed: Deployed, requests: Requests) -> None:
    item = work_item(ref("in/buckets/none", deployed.bucket), deployed.config.fast.stream)
    process(load_project().slips.worker, "fast", [item])
    assert (requests.operations, requests.payers) == ({"GET object"}, {"requester"})
    assert deployed.errors("in/buckets/none") == []
    [line] = deployed.run("errors", "--state", "gone", "--prefix", "in/buckets/none", "--json").stdout.splitlines()
    assert json.loads(line)["error_type"] == "ObjectMissing"


def test_notifications(deployed: Deployed, requests: Requests) -> None:
    """They are planned, made, compared and removed with the role, too; RequestPayer is of objects alone."""
    config = load(Path("slips.yml"))
    stage = DeploymentStage("dev", "mine", Path.cwd(), config, "slips.yml", {})
    plan = plan_notifications(config, deployed.bucket, current_account())
    plan.execute(print)
    assert mapped_prefixes(config, deployed.bucket)
    assert list(silent_buckets(stage, current_account())) == []
    remove_bucket_notifications(stage, current_account(), print)
    assert requests.operations == {"HEAD bucket", "GET bucket", "PUT bucket"}
    assert requests.payers == set()


@pytest.fixture(autouse=True)
def forget() -> Iterator[None]:
    yield
    aws.reset()
