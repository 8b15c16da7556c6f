"""Records in another encoding reach functions of every kind, and `meta.encoding` says how they were read."""

from __future__ import annotations

from typing import Any

import msgspec

from slips import Meta, Slips
from slips.testing import SlipsTester

CONTENT = b'{"n":1,"name":"plain"}\n{"n":2,"name":"caf\xe9"}\n{"n":3,"name":"cut \\ud83d"}\n'
NAMES = ["plain", "café", "cut \ufffd"]
ENCODINGS = ["utf-8", "windows-1252", "utf-8"]


class Named(msgspec.Struct):
    n: int
    name: str


def deliver(slips: Slips, content: bytes = CONTENT, format: str = "json") -> Any:
    return SlipsTester(slips).lines(format, content.splitlines())


def test_the_functions_of_an_event_see_its_text_and_its_encoding(slips: Slips) -> None:
    seen = []

    @slips.on_format("json")
    def function(meta: Meta, event: dict[str, Any]) -> None:
        seen.append((event["name"], meta.encoding))

    outcome = deliver(slips)
    outcome.check()
    assert seen == list(zip(NAMES, ENCODINGS, strict=True))
    assert (outcome.books.parsed, outcome.books.unparsable) == (3, 0)


def test_the_only_function_gets_its_type_of_every_record(slips: Slips) -> None:
    seen = []

    @slips.on_format("json", type=Named)
    def function(meta: Meta, event: Named) -> None:
        seen.append((event.name, meta.encoding, meta.tag))

    deliver(slips).check()
    assert seen == [(name, encoding, "json") for name, encoding in zip(NAMES, ENCODINGS, strict=True)]


def test_each_event_of_a_record_gets_the_type_and_a_tag_of_its_own(slips: Slips) -> None:
    seen = []

    @slips.on_format("cloudtrail", type=Named)
    def function(meta: Meta, event: Named) -> None:
        seen.append((event.name, meta.index, meta.tag))

    pair = b'[{"n":1,"name":"a","eventType":"A"},{"n":2,"name":"b","eventType":"B"}]'
    deliver(slips, b'{"n":0,"name":"c","eventType":"C"}\n' + pair, "cloudtrail").check()
    assert seen == [
        ("c", None, "aws.cloudtrail.C"),
        ("a", 0, "aws.cloudtrail.A"),
        ("b", 1, "aws.cloudtrail.B"),
    ]


def test_one_function_of_several_gets_its_type_of_every_record(slips: Slips) -> None:
    seen = []

    @slips.on_format("json", type=Named)
    def typed(meta: Meta, event: Named) -> None:
        seen.append(event.name)

    @slips.on_format("json")
    def plain(meta: Meta, event: dict[str, Any]) -> None: ...

    deliver(slips).check()
    assert seen == NAMES


def test_what_is_not_of_the_type_fails_for_its_record_alone(slips: Slips) -> None:
    @slips.on_format("json", type=Named)
    def function(meta: Meta, event: Named) -> None: ...

    outcome = deliver(slips, b'{"n":"x","name":"caf\xe9"}\n{"n":2,"name":"caf\xe9"}')
    assert outcome.delivered == {"function": 1}
    assert (outcome.errors[0].stage, outcome.errors[0].error_type) == ("parse", "ValidationError")
