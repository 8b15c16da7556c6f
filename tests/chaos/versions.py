"""Items of other versions, as lanes and tables hold them when this version is deployed.

Those of 2018 are what the class-based SLIPS wrote. Those of the versions since are frozen in tests/versions. Those of a
later version have fields that this one does not know, or a shape that it must leave alone.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus

import msgspec

from slips.model import ObjectRef, digest, work_item
from slips.model.work_items import encode_work_item

from ..deployment.project import REGION
from .objects import BUCKET, FUNCTIONS, Planted, deliveries, failing_object, sound_object

FROZEN = {path.stem: json.loads(path.read_text()) for path in (Path(__file__).parent.parent / "versions").glob("*")}
LINES = 8
"""Of an object that frozen items name."""
ALL = dict.fromkeys(FUNCTIONS, "12345678")
TO_COME: dict[str, dict[str, str]] = {
    "whole": ALL,
    "begun": ALL,
    "continued": dict.fromkeys(FUNCTIONS, "45678"),
    "resumed": dict.fromkeys(FUNCTIONS, "45678"),
    "drained": {"plain": "235"},
    "done": {},
    "failed": {"plain": "235"},
    "rest": {"batched": "45678"},
    "parked": {"plain": "7"},
    "draining": {"plain": "1"},
    "route": ALL,
    "message": ALL,
}
"""By the name of frozen items: the lines of their object that their version had not delivered, by function."""
KEYS_OF_2018 = (
    "chaos/dt=2018-11-21/{} b+c.json", "chaos/{} café.log", "chaos/{}%2Bx", "chaos/{}", "json/{} a&b;c=%.json",
)  # fmt: skip
LATER: dict[str, Any] = {"only_events": [17], "nested": {"a": [1, None, 2.5]}}
REFUSED = {"attempts", "state", "refusals", "expires_at", "claim_id", "leased_until"}
"""What a drain that could not read an error item changes of it."""

Attributes = dict[str, Any]
"""An item as DynamoDB writes it."""


class Items(msgspec.Struct):
    """What the fast lane and the tables hold at the beginning of a run. `delivered` is what the version that wrote it
    had delivered. `is_staying`: this version can only keep it, whole, for the version that wrote it."""

    records: list[bytes] = []
    errors: list[Attributes] = []
    ledger: list[Attributes] = []
    delivered: list[str] = []
    is_staying: bool = False


class OtherVersion(msgspec.Struct):
    """An item of another version, and the object that it names."""

    kind: str
    planted: Planted

    def items(self, stream: str) -> Items:
        """Return the items for an account whose fast lane is that stream."""
        return KINDS[self.kind](self.planted, stream)

    @property
    def is_staying(self) -> bool:
        """Whether it is still there after the last drain."""
        return self.items("").is_staying


def other_versions(dice: random.Random, seconds: float) -> list[OtherVersion]:
    """Return a few items of 2018, of the versions since and of a later one; in two fifths of all cases none."""
    if dice.random() < 0.4:
        return []
    kinds: list[str] = []
    for first in ("2018", "shape", "later"):
        group = sorted(kind for kind in KINDS if kind.startswith(first))
        kinds += dice.sample(group, dice.choice((0, 1, 1, 2, 3)))
    dice.shuffle(kinds)
    return [OtherVersion(kind, _planted(dice, kind, f"v{number}", seconds)) for number, kind in enumerate(kinds)]


def _planted(dice: random.Random, kind: str, name: str, seconds: float) -> Planted:
    if kind.startswith("2018"):
        return sound_object(dice.choice(KEYS_OF_2018).format(name), name, dice.choice((1, 3, 20)), seconds)
    if kind == "later fields":
        return failing_object(dice, f"chaos/{name}", name, LINES, seconds)
    return sound_object(f"chaos/{name}", name, LINES, seconds)


def _of_2018(planted: Planted, stream: str, *, is_encoded: bool = True) -> dict[str, Any]:
    """A work item of the class-based SLIPS: the key as S3 sent it, encoded, or as a person has written it."""
    return {
        "aws_region": REGION,
        "event_time": "2018-11-21T06:00:24.000Z",
        "event_name": "ObjectCreated:Put",
        "bucket_name": BUCKET,
        "bucket_arn": f"arn:aws:s3:::{BUCKET}",
        "object_key": quote_plus(planted.key, safe="/") if is_encoded else planted.key,
        "object_size": len(planted.content),
        "object_etag": planted.etag,
        "dest_stream": stream,
    }


def _record_of_2018(planted: Planted, stream: str, *, is_encoded: bool = True, times: int = 1) -> Items:
    return Items(records=[_to_json(_of_2018(planted, stream, is_encoded=is_encoded))] * times)


def _error_of_2018(planted: Planted, stream: str) -> Items:
    """It has these two attributes alone, and its streams had other names."""
    argument = [_of_2018(planted, "slips-2018-fast")]
    return Items(errors=[{"request_id": {"S": f"2018-{planted.ids[0]}"}, "argument": {"S": json.dumps(argument)}}])


def _frozen(version: str, name: str, planted: Planted, stream: str) -> Items:
    """The frozen items of that name, about this object."""
    frozen = FROZEN[version]
    items = Items(delivered=_delivered_before(name, planted))
    if work := frozen["work_items"].get(name):
        items.records = [_to_json(_about(work, planted, stream))]
        items.ledger = [
            _ledger_item(each, planted, stream)
            for each in frozen["ledger_items"]
            if each["work_id"]["S"] == work["work_id"]
        ]
    # What is continued has given up a function: the rest of the object waits for it in the ErrorTable.
    named = {"continued": "rest"}.get(name, name)
    items.errors = [_error_item(each, planted, stream) for each in frozen["error_items"] if _is_about(each, named)]
    return items


def _delivered_before(name: str, planted: Planted) -> list[str]:
    numbered = {str(number): event for number, event in enumerate(planted.ids, 1)}
    return [
        line
        for function in FUNCTIONS
        for number, event in numbered.items()
        if number not in TO_COME[name].get(function, "")
        for line in deliveries([event], [function])
    ]


def _is_about(error: Attributes, name: str) -> bool:
    return f"logs/{name}" in (error["object_key"]["S"], *_keys_of_message(error["sample"]["S"]))


def _keys_of_message(sample: str) -> list[str]:
    return [each["s3"]["object"]["key"] for each in json.loads(sample)["Records"]] if '"Records"' in sample else []


def _about(work: Mapping[str, Any], planted: Planted, stream: str) -> dict[str, Any]:
    return {**work, "object_key": planted.key, "object_etag": planted.etag, "dest_stream": stream}


def _error_item(frozen: Attributes, planted: Planted, stream: str) -> Attributes:
    request_id = f"{frozen['request_id']['S']}-{planted.ids[0]}"
    works = [_about(work, planted, stream) for work in json.loads(frozen["argument"]["S"])]
    texts = {
        "request_id": request_id,
        "sort_key": f"{frozen['failed_at']['S']}#{request_id}",
        "argument": json.dumps(works),
        "object_key": planted.key if works else "",
        "format": "chaos" if frozen["format"]["S"] else "",
    }
    if keys := _keys_of_message(frozen["sample"]["S"]):
        message = frozen["sample"]["S"].replace(keys[0], planted.key)
        etag = json.loads(message)["Records"][0]["s3"]["object"]["eTag"]
        texts["sample"] = message.replace(etag, planted.etag)
    return {**frozen, **{name: {"S": text} for name, text in texts.items()}}


def _ledger_item(frozen: Attributes, planted: Planted, stream: str) -> Attributes:
    texts = {
        "object_key": planted.key,
        "object_id": digest(BUCKET, planted.key),
        "version": planted.etag,
        "lane": stream,
    }
    if "books" in frozen:
        books = json.loads(frozen["books"]["S"])
        [of_function] = books["processors"].values()
        texts["books"] = json.dumps(books | {"processors": dict.fromkeys(FUNCTIONS, of_function)})
    return {**frozen, **{name: {"S": text} for name, text in texts.items()}}


def _current(planted: Planted, stream: str) -> dict[str, Any]:
    ref = ObjectRef(bucket=BUCKET, key=planted.key, size=len(planted.content), etag=planted.etag, sequencer="01")
    return dict(json.loads(encode_work_item(work_item(ref, stream))))


def _later_record(planted: Planted, stream: str, *, shape: int) -> Items:
    unknown = LATER if shape == 1 else {**LATER, "v": shape}
    return Items(records=[_to_json(_current(planted, stream) | unknown)], is_staying=shape > 1)


def _later_error(planted: Planted, stream: str, *, where: str) -> Items:
    """An error item of the newest frozen shape, with what a later version added."""
    items = _frozen(max(FROZEN), "failed", planted, stream)
    [error] = items.errors
    error["only_events"] = {"S": "17"}
    if where == "state":
        error["state"] = {"S": "hibernating"}
        return items
    if where == "argument":
        error["argument"] = {"S": json.dumps([work | {"v": 2} for work in json.loads(error["argument"]["S"])])}
    else:
        error["v"] = {"N": "2"}
    return Items(errors=[error], is_staying=True)


def _later_ledger(planted: Planted, stream: str) -> Items:
    work = _current(planted, stream)
    texts = {"work_id": work["work_id"], "state": "started", "object_key": planted.key, "bucket_name": BUCKET}
    ledger = {**{name: {"S": text} for name, text in texts.items()}, "v": {"N": "2"}, "begun_by": {"S": "somebody"}}
    return Items(records=[_to_json(work)], ledger=[ledger])


def _to_json(work: Mapping[str, Any]) -> bytes:
    return json.dumps(work).encode()


KINDS: dict[str, Callable[[Planted, str], Items]] = {
    "2018 record": _record_of_2018,
    "2018 record, twice": partial(_record_of_2018, times=2),
    "2018 record, key as it is": partial(_record_of_2018, is_encoded=False),
    "2018 error item": _error_of_2018,
    **{f"{version} {name}": partial(_frozen, version, name) for version in FROZEN for name in TO_COME},
    "later fields": partial(_later_record, shape=1),
    "later record": partial(_later_record, shape=2),
    "later error item": partial(_later_error, where="v"),
    "later argument": partial(_later_error, where="argument"),
    "later state": partial(_later_error, where="state"),
    "later ledger": _later_ledger,
}
