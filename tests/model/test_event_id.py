"""`meta.event_id`: the same for the same raw record at the same place of the same object version, and for no other."""

from __future__ import annotations

from typing import Any

import pytest
from chalice import Chalice

from slips import Meta, Slips
from slips.config import Mapping
from slips.model import work_item
from slips.model.meta import Meta as AnyMeta
from slips.testing import SlipsTester, make_meta


def test_it_is_the_same_in_every_release() -> None:
    """Destinations know these ids: another one would be a duplicate."""
    meta = make_meta({"a": 1}, position=3, bucket="logs", key="a/b.gz")
    assert meta.event_id == "60df67a5a0266a9ae8a1801df7cd23a7"
    assert (
        make_meta({"a": 1}, position=3, index=0, bucket="logs", key="a/b.gz").event_id
        == "faa5244beffea433305d88cc5fa52a14"
    )


@pytest.mark.parametrize(
    "other",
    [
        {"event": {"a": 2}},
        {"position": 4},
        {"index": 0},
        {"index": 1},
        {"bucket": "other"},
        {"key": "a/c.gz"},
    ],
    ids=str,
)
def test_it_differs_by(other: dict[str, Any]) -> None:
    usual: dict[str, Any] = {"event": {"a": 1}, "position": 3, "bucket": "logs", "key": "a/b.gz"}
    assert make_meta(**{**usual, **other}).event_id != make_meta(**usual).event_id


def test_no_end_of_a_record_is_taken_for_its_place() -> None:
    meta = make_meta({}, position=1)
    place = (1).to_bytes(8, "big")
    ids = {AnyMeta(1, {}, record, meta._context).event_id for record in (b"", b"x", b"x" + place, place, place * 3)}
    assert len(ids) == 5


def test_many_events_of_one_record_hash_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    record, meta = b"x" * 1000, make_meta({})
    context: Any = meta._context
    ids = {AnyMeta(1, {}, record, context, index).event_id for index in range(100)}
    assert len(ids) == 100
    assert context._hashed[0] is record


def test_the_record_of_a_single_event_is_not_kept() -> None:
    context: Any = make_meta({})._context
    assert AnyMeta(1, {}, b"x" * 1000, context).event_id != AnyMeta(2, {}, b"x" * 1000, context).event_id
    assert context._hashed is None


def test_what_another_chain_cuts_otherwise_has_another_id(tmp_path: Any) -> None:
    """Lines 4 and 5 become one record by a changed mapping and a drain; a destination that knows the ids of the single
    lines takes the joined one, and answers 409 for what it has."""
    path = tmp_path / "slips.yml"
    path.write_text("stack_name: t\nbucket_mapping: {logs: [{prefix: a/, format: [s3-lines, mine]}]}\n")
    slips, index = Slips(Chalice("t"), path), dict[str, str]()

    slips.format("mine")(lambda record: {"text": record})

    @slips.on_format("mine")
    def create(meta: Meta, event: Any) -> None:
        index.setdefault(meta.event_id, meta.message)

    tester = SlipsTester(slips)
    ref = tester.objects.put("logs", "a/1", b"1 a\n2 b\n3 c\n4 d\n  e\n6 f\n")
    for chain in (("s3-lines", "mine"), (r"s3-multiline:^\d", "mine")):
        tester.ledger.states.clear()
        tester.ledger.progress.clear()
        tester.items([work_item(ref, "s")], Mapping(bucket="logs", prefix="a/", chain=chain))
    assert {"4 d", "  e", "4 d\n  e"} <= {*index.values()}
    # What both chains cut alike, at the same place, is the same event.
    assert list(index.values()).count("1 a") == 1
