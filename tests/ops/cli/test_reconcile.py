"""`slips reconcile`: what the bucket has and the ledger has not, and what is done about it."""

from __future__ import annotations

import gzip
import json
import time
from typing import Any

import msgspec
import pytest

from slips import aws
from slips.model import work_item
from slips.model.utc import DAY, iso
from slips.ops.backfill import selection

from .conftest import Deployed

NOW = "2100-01-01"


@pytest.fixture(autouse=True)
def all_are_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if no notification of what the tests write were still on its way."""
    monkeypatch.setattr(selection, "NEW_SECONDS", -DAY)


@pytest.fixture
def prefix(deployed: Deployed, request: pytest.FixtureRequest) -> str:
    return f"in/{request.node.name.split('[')[0][-60:]}/"


def reconcile(deployed: Deployed, prefix: str, *arguments: str) -> dict[str, Any]:
    ran = deployed.run("reconcile", f"s3://{deployed.bucket}/{prefix}", "--json", *arguments)
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    assert ran.exit_code == (1 if found["counts"] or found["notifications"] else 0)
    return found


def kinds(found: dict[str, Any]) -> list[tuple[str, str]]:
    return [(each["kind"], each["key"].rpartition("/")[2]) for each in found["objects"]]


def age(deployed: Deployed, key: str, days: float) -> None:
    """Let the last change of the works on an object be that long ago."""
    values = {":at": {"S": iso(time.time() - days * DAY)}}
    for row in deployed.to.ledger.of_object(deployed.bucket, key):
        aws.client("dynamodb").update_item(
            TableName=deployed.config.ledger_table, Key={"work_id": {"S": row.work_id}},
            UpdateExpression="SET changed_at = :at", ExpressionAttributeValues=values,
        )  # fmt: skip


def test_what_is_done_is_well_and_what_failed_has_its_error_item(deployed: Deployed, prefix: str) -> None:
    deployed.process(deployed.put(f"{prefix}a", {"n": 1}))
    deployed.process(deployed.put(f"{prefix}b", {"bad": 1}))
    deployed.put(f"{prefix}skip/c", {"n": 1})
    found = reconcile(deployed, prefix)
    assert (found["compared"], found["counts"], found["objects"]) == (2, {}, [])


def test_a_missing_object_is_found_and_sent_once(deployed: Deployed, prefix: str) -> None:
    deployed.put(f"{prefix}a", {"n": 1})
    found = reconcile(deployed, prefix)
    assert (kinds(found), found["sent"]) == ([("missing", "a")], 0)
    found = reconcile(deployed, prefix, "--send")
    assert (found["counts"], found["sent"]) == ({"missing": 1}, 1)
    items = [item for item in deployed.waiting() if item.object_key == f"{prefix}a"]
    deployed.work(items)
    assert len(items) == 1
    assert reconcile(deployed, prefix, "--send")["counts"] == {}


def test_another_content_of_a_known_key_is_missing(deployed: Deployed, prefix: str) -> None:
    deployed.process(deployed.put(f"{prefix}a", {"n": 1}))
    deployed.put(f"{prefix}a", {"n": 2})
    assert kinds(reconcile(deployed, prefix)) == [("missing", "a")]


def test_an_object_that_was_never_finished_is_found_and_resumed_under_its_id(deployed: Deployed, prefix: str) -> None:
    """Not before the lane has dropped its record."""
    item = work_item(deployed.put(f"{prefix}a", {"n": 1}), deployed.config.fast.stream)
    deployed.to.ledger.begin(item)
    found = reconcile(deployed, prefix)
    assert (found["counts"], found["in_progress"]) == ({}, 1)
    age(deployed, item.object_key, 8)
    assert reconcile(deployed, prefix, "--send")["counts"] == {"unfinished": 1}
    assert [each.work_id for each in deployed.waiting() if each.object_key == item.object_key] == [item.work_id]


def test_a_duplicate_is_found_and_not_sent(deployed: Deployed, prefix: str) -> None:
    ref = deployed.put(f"{prefix}a", {"n": 1})
    deployed.process(ref)
    deployed.process(msgspec.structs.replace(ref, sequencer="0B", version_id="of another notification"))
    found = reconcile(deployed, prefix, "--send")
    assert (kinds(found), found["sent"]) == ([("duplicate", "a")], 0)


def test_what_was_drained_was_told_once(deployed: Deployed, prefix: str) -> None:
    """A drain names the work that it repeats."""
    ref = deployed.put(f"{prefix}a", {"n": 1})
    item = work_item(ref, deployed.config.fast.stream)
    deployed.work([item, msgspec.structs.replace(item, work_id=f"{item.work_id}-drain", from_work=item.work_id)])
    assert reconcile(deployed, prefix)["counts"] == {}


def test_what_is_new_is_left_to_its_notification(
    deployed: Deployed, prefix: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(selection, "NEW_SECONDS", 900)
    deployed.put(f"{prefix}a", {"n": 1})
    found = reconcile(deployed, prefix, "--send")
    assert (found["counts"], found["in_progress"], found["sent"]) == ({}, 1, 0)


def test_what_is_older_than_the_ledger_remembers_is_not_compared(deployed: Deployed, prefix: str) -> None:
    deployed.put(f"{prefix}a", {"n": 1})
    assert reconcile(deployed, prefix, "--since", NOW)["compared"] == 0


def test_few_objects_are_shown_and_all_are_counted(deployed: Deployed, prefix: str) -> None:
    for number in range(3):
        deployed.put(f"{prefix}{number}", {"n": 1})
    ran = deployed.run("reconcile", f"s3://{deployed.bucket}/{prefix}", "--show", "1")
    lines = ran.stdout.splitlines()
    assert ran.exit_code == 1
    assert lines[0].startswith(f"missing: s3://{deployed.bucket}/{prefix}0 (")
    assert lines[-2:] == ["3 missing: the ledger does not know this content of the key", "3 objects compared"]
    assert sum(line.startswith("missing") for line in lines) == 1


def test_notifications_that_another_tool_overwrote_are_named(deployed: Deployed, prefix: str) -> None:
    topic = deployed.config.topics[0].arn
    entry: Any = {"TopicArn": f"arn:aws:sns:eu-central-1:123456789012:{topic}", "Events": ["s3:ObjectCreated:*"]}
    s3 = aws.client("s3")
    s3.put_bucket_notification_configuration(
        Bucket=deployed.bucket, NotificationConfiguration={"TopicConfigurations": [entry]}
    )
    try:
        assert reconcile(deployed, prefix)["notifications"] == []
    finally:
        s3.put_bucket_notification_configuration(Bucket=deployed.bucket, NotificationConfiguration={})
    (line,) = reconcile(deployed, prefix)["notifications"]
    assert line.startswith(f"s3://{deployed.bucket} does not notify SLIPS of csv/, idle/, in/: another tool")
    assert line.endswith(f"run: slips provision --bucket-notifications {deployed.bucket}")


def test_without_an_argument_all_mapped_prefixes_are_compared_once(deployed: Deployed, prefix: str) -> None:
    """`in/slow/` lies below `in/`."""
    deployed.put(f"in/slow/{prefix}a", {"n": 1})
    found = json.loads(deployed.run("reconcile", "--json", "--show", "10000").stdout.splitlines()[-1])
    assert sum(each["key"] == f"in/slow/{prefix}a" for each in found["objects"]) == 1


SCHEMA = "Bucket, Key, VersionId, IsLatest, IsDeleteMarker, Size, LastModifiedDate, ETag, StorageClass"


class Inventory:
    """An inventory of a bucket, in a folder of that bucket."""

    def __init__(self, deployed: Deployed, folder: str) -> None:
        self.url = f"s3://{deployed.bucket}/{folder}"
        self._bucket = deployed.bucket
        self._folder = folder

    def write(self, date: str, rows: list[str], **manifest: Any) -> None:
        put = aws.client("s3").put_object
        file = f"{self._folder}data/{date}.csv.gz"
        content = "".join(f"{row}\n" for row in rows)
        put(Bucket=self._bucket, Key=file, Body=manifest.pop("content", gzip.compress(content.encode())))
        document = {
            "sourceBucket": self._bucket, "fileFormat": "CSV", "fileSchema": SCHEMA, "files": [{"key": file}],
            **manifest,
        }  # fmt: skip
        put(Bucket=self._bucket, Key=f"{self._folder}{date}/manifest.json", Body=json.dumps(document).encode())

    def row(self, key: str, etag: str, *, latest: str = "true", deleted: str = "false") -> str:
        cells = (self._bucket, key, "v", latest, deleted, "9", iso(time.time()), etag, "STANDARD")
        return ",".join(f'"{cell}"' for cell in cells)


@pytest.fixture
def inventory(deployed: Deployed, prefix: str) -> Inventory:
    return Inventory(deployed, f"inventory/{prefix}")


def test_the_newest_inventory_is_read_in_place_of_a_listing(
    deployed: Deployed, prefix: str, inventory: Inventory
) -> None:
    known = deployed.put(f"{prefix}known one", {"n": 1})
    deployed.process(known)
    inventory.write("2026-02-28T00-00Z", [inventory.row(f"{prefix}old", "e")])
    rows = [
        inventory.row(f"{prefix}known+one".replace("/", "%2F"), known.etag),
        inventory.row(f"{prefix}lost%2B1", "e"),
        inventory.row(f"{prefix}former", "e", latest="false"),
        inventory.row(f"{prefix}deleted", "e", deleted="true"),
        inventory.row("another/folder", "e"),
    ]
    inventory.write("2026-03-01T00-00Z", rows)
    found = reconcile(deployed, prefix, "--inventory", inventory.url)
    assert (kinds(found), found["compared"]) == ([("missing", "lost+1")], 2)
    manifest = f"{inventory.url}2026-02-28T00-00Z/manifest.json"
    assert kinds(reconcile(deployed, prefix, "--inventory", manifest)) == [("missing", "old")]


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"fileFormat": "Parquet"}, "the inventory is Parquet; configure one as CSV"),
        ({"sourceBucket": "another"}, "is of the bucket another, not"),
        ({"fileSchema": "Bucket, Key"}, "the inventory lacks Size, LastModifiedDate, ETag"),
        ({"files": 5}, "is not the manifest of an inventory"),
        ({"content": b"no gzip"}, "is not a file of this inventory"),
        ({"content": gzip.compress(b"one,two\n")}, "is not a file of this inventory"),
        ({"content": gzip.compress(b"x" * 100)[:-9]}, "is not a file of this inventory"),
    ],
)
def test_an_inventory_that_cannot_be_read_says_why(
    deployed: Deployed, prefix: str, inventory: Inventory, manifest: dict[str, Any], message: str
) -> None:
    inventory.write("2026-03-01T00-00Z", [], **manifest)
    ran = deployed.run("reconcile", f"s3://{deployed.bucket}/{prefix}", "--inventory", inventory.url)
    assert ran.exit_code == 1
    assert message in ran.output


def test_a_folder_without_an_inventory_is_named(deployed: Deployed, prefix: str) -> None:
    url = f"s3://{deployed.bucket}/nothing"
    ran = deployed.run("reconcile", f"s3://{deployed.bucket}/{prefix}", "--inventory", url)
    assert "there is no manifest.json below" in ran.output
    assert deployed.run("reconcile", "--inventory", url).exit_code == 2
