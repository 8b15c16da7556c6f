"""The events are as AWS makes them."""

from __future__ import annotations

from datetime import UTC, datetime

from . import events

RECORD = {
    "PartitionKey": "k", "SequenceNumber": "49590338271490256608559692538361571095921575989136588898", "Data": b"{}",
    "ApproximateArrivalTimestamp": datetime(2026, 3, 1, tzinfo=UTC),
}  # fmt: skip


def test_a_record_has_the_same_id_whenever_it_is_delivered() -> None:
    ids = [event["Records"][0]["eventID"] for event in (events.of_stream([RECORD]), events.of_stream([RECORD]))]
    assert ids == [f"shardId-000000000000:{RECORD['SequenceNumber']}"] * 2


def test_records_of_different_shards_have_different_ids() -> None:
    one, two = (events.of_stream([RECORD], shard)["Records"][0]["eventID"] for shard in ("shardId-1", "shardId-2"))
    assert one != two
