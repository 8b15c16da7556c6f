"""`slips check --deployed --canary`: what a canary tells, and that nothing is left of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import Any

import msgspec
import pytest

from slips import aws
from slips.config import Config
from slips.config.settings import Mapping, Rule
from slips.errors import DeploymentError
from slips.model import ObjectRef, utc
from slips.ops import polling
from slips.ops.deploy.canary_objects import NAME, Canary, send_canaries

from .conftest import Deployed

EMPTY = "d41d8cd98f00b204e9800998ecf8427e"
"""The ETag of an object without content."""


class Deliveries:
    """A clock: what it does while somebody sleeps is what AWS does."""

    def __init__(self, deliver: Callable[[], None]) -> None:
        self.seconds = 0.0
        self._deliver = deliver

    def monotonic(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        self._deliver()


def canary_keys(deployed: Deployed) -> list[str]:
    pages = aws.client("s3").get_paginator("list_objects_v2").paginate(Bucket=deployed.bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", ()) if NAME in entry["Key"]]


def process_all(deployed: Deployed) -> None:
    for key in canary_keys(deployed):
        ref = ObjectRef(bucket=deployed.bucket, key=key, size=0, etag=EMPTY, event_time=utc.iso(0))
        deployed.process(ref)


def mapped(config: Config, *mappings: Mapping, **fields: Any) -> Config:
    return msgspec.structs.replace(config, mappings=mappings, **fields)


@pytest.fixture(autouse=True)
def nothing_is_left(deployed: Deployed) -> Iterator[None]:
    yield
    assert canary_keys(deployed) == []


def send(deployed: Deployed, config: Config | None = None) -> list[Canary]:
    return send_canaries(config or deployed.config, deployed.to.s3_access, deployed.to.ledger)


def test_each_mapping_gets_a_canary_that_is_timed(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(polling, "time", Deliveries(lambda: process_all(deployed)))
    canaries = send(deployed)
    assert [each.mapping.prefix for each in canaries] == ["in/", "in/slow/", "csv/", "idle/"]
    well, unrouted = canaries[:3], canaries[3]
    assert all(each.is_well and each.written_at and each.begun_at and each.ended_at for each in well)
    assert str(well[0]).endswith(" s, done")
    assert unrouted.problem == "no routing rule or mapping matches its name"
    assert not unrouted.is_well
    assert "kept" not in capsys.readouterr().out  # No function got an event.


def test_a_canary_that_does_not_arrive_is_named_in_time(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Deliveries(lambda: None)
    monkeypatch.setattr(polling, "time", clock)
    first = send(deployed)[0]
    assert 300 <= clock.seconds < 310
    assert "written, but process_* did not get it" in str(first)
    assert not first.is_well


def test_a_canary_takes_the_name_that_its_mapping_wants(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(polling, "time", Deliveries(lambda: process_all(deployed)))
    json = ("s3-lines", "json")
    config = mapped(
        deployed.config,
        Mapping(bucket=deployed.bucket, prefix="in/*/vpc/", suffix=".gz", chain=json),
        Mapping(bucket=deployed.bucket, prefix="in/old/", chain=("ignore",)),
    )
    (canary,) = send(deployed, config)
    assert canary.key.startswith(f"in/{NAME}/vpc/{NAME}-")
    assert canary.key.endswith("-0.gz")
    assert canary.is_well


@pytest.mark.parametrize(
    ("mapping", "rules", "problem"),
    [
        ({"prefix": "x/", "match": "*/only.json"}, (), "no routing rule or mapping matches its name"),
        ({"prefix": "x/"}, (Rule(dest="drop"),), "a routing rule drops it"),
    ],
)
def test_a_mapping_without_a_canary_says_why(
    deployed: Deployed, mapping: dict[str, Any], rules: tuple[Rule, ...], problem: str
) -> None:
    config = mapped(deployed.config, Mapping(bucket=deployed.bucket, chain=("json",), **mapping), routing=rules)
    (canary,) = send(deployed, config)
    assert canary.problem == problem
    assert not canary.is_well


def test_a_bucket_that_takes_none_is_named_and_the_others_are_removed(deployed: Deployed) -> None:
    mappings = [Mapping(bucket=bucket, prefix="in/", chain=("json",)) for bucket in (deployed.bucket, "no-such-bucket")]
    with pytest.raises(DeploymentError, match="the canary s3://no-such-bucket/in/"):
        send(deployed, mapped(deployed.config, *mappings))


def test_of_a_versioned_bucket_no_version_stays(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    s3, bucket, place = aws.client("s3"), f"{deployed.bucket}-versions", {"LocationConstraint": "eu-central-1"}
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration=place)  # type: ignore[arg-type]
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    monkeypatch.setattr(polling, "time", Deliveries(lambda: None))
    send(deployed, mapped(deployed.config, Mapping(bucket=bucket, prefix="in/", chain=("json",))))
    left = s3.list_object_versions(Bucket=bucket)
    assert left.get("Versions", []) == left.get("DeleteMarkers", []) == []


@pytest.mark.parametrize(("state", "code"), [("done", 0), ("failed", 1), ("", 1)])
def test_the_command_shows_each_and_fails_where_one_is_not_well(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch, state: str, code: int
) -> None:
    (deployed.folder / ".chalice").mkdir(exist_ok=True)
    (deployed.folder / ".chalice" / "config.json").write_text('{"app_name": "mine", "stages": {"dev": {}}}')
    canary = Canary(deployed.config.mappings[0], "in/c", written_at=1, begun_at=3, ended_at=3.5, state=state)
    module: Any = import_module("slips.ops.cli.check")
    monkeypatch.setattr(module, "find_drift", lambda *_: [])
    monkeypatch.setattr(module, "resolve_names", lambda stage: stage)
    monkeypatch.setattr(module, "send_canaries", lambda *_: [canary])
    ran = deployed.run("check", "--deployed", "--canary")
    assert ran.exit_code == code
    assert f"s3://{deployed.bucket}/in/c: S3 to process_* 2.0 s" in ran.stdout
    assert deployed.run("check", "--deployed").exit_code == 0


def test_without_deployed_there_is_no_canary(deployed: Deployed) -> None:
    assert deployed.run("check", "--canary").exit_code == 2
