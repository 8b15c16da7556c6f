"""Records that are not clean UTF-8: how they are read, and what says so."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo, events_of
from slips.formats.chain import compile_chain
from slips.formats.custom import custom_format
from slips.formats.registry import get
from slips.formats.text_repair import decode_text, repair_text
from slips.reader import FRAMER_NAMES
from tests.each_case import each_case

REPAIRED = (
    (b"caf\xe9", "café", "windows-1252"),  # at the end, where it could begin a character of UTF-8
    (b"caf\xe9 noir", "café noir", "windows-1252"),
    (b"it\x92s 5 \x80", "it’s 5 €", "windows-1252"),
    (b"a \x81 b", "a \ufffd b", "utf-8-replaced"),  # nothing in Windows' code page
    ("naïve ".encode() + b"\xe9", "naïve \ufffd", "utf-8-replaced"),
    (b"cut in a euro \xe2\x82", "cut in a euro \ufffd", "utf-8-replaced"),
    (b"cut in an emoji \xf0\x9f\x98", "cut in an emoji \ufffd", "utf-8-replaced"),
    (b"\0\0\0line\0\0", "line", "utf-8"),
    (b"\xef\xbb\xbfline", "line", "utf-8"),
    (b"\0\xef\xbb\xbfcaf\xe9", "café", "windows-1252"),
    ("\ufeffcafé".encode("utf-16-le"), "café", "utf-16"),
    ("\ufeffcafé".encode("utf-16-be"), "café", "utf-16"),
    ("\ufeffcafé".encode("utf-32-le"), "café", "utf-32"),
    ("\ufeffcafé".encode("utf-32-be"), "café", "utf-32"),
    ("plain café".encode("utf-16-le"), "plain café", "utf-16"),
    ("plain café".encode("utf-16-be"), "plain café", "utf-16"),
    ("plain café".encode("utf-32-le"), "plain café", "utf-32"),
    ("plain café".encode("utf-32-be"), "plain café", "utf-32"),
)


@each_case("case", REPAIRED)
def test_text_of_another_encoding_is_read(case: tuple[bytes, str, str]) -> None:
    record, text, encoding = case
    assert repair_text(record) == (text.encode(), encoding)
    assert decode_text(record) == text


@each_case("record", (b"", b"plain", "naïve".encode(), b"a\0b", b"\xe9\0\xff"))
def test_clean_text_and_what_is_not_text_are_left(record: bytes) -> None:
    assert repair_text(record) is None


LINES = (
    ("syslog", b"<13>Oct 26 2023 09:15:02 web-3 app: caf\xe9", "message"),
    ("csv", b"a,b\ncaf\xe9,1", "a"),
    ("json", b'{"a":"caf\xe9"}', "a"),
    ("cloudtrail", b'{"eventName":"caf\xe9"}', "eventName"),
    ("logfmt", b"a=caf\xe9 b=1", "a"),
    ("fluentd-json", b'2026-03-01T09:15:02+00:00\tapp\t{"a":"caf\xe9"}', "a"),
    ("s3-lines", b"caf\xe9", "message"),
)


@each_case("case", LINES, ids=lambda case: case[0])
def test_every_kind_of_format_reads_another_encoding_and_says_so(case: tuple[str, bytes, str]) -> None:
    name, records, field = case
    parser = get(name).parser(ObjectInfo())
    decoded = [item for record in records.split(b"\n") for item in events_of(parser.read(record))]
    [(overrides, event)] = decoded
    assert (event[field], overrides["encoding"]) == ("café", "windows-1252")


def test_what_an_envelope_was_written_in_is_known_of_the_event_inside() -> None:
    parser = compile_chain(["s3-lines", "syslog", "json"], FRAMER_NAMES).parser(ObjectInfo())
    record = b'<13>Oct 26 2023 09:15:02 web-3 app: {"a":"caf\xe9"}'
    [(overrides, event)] = events_of(parser.read(record))
    assert (event, overrides["encoding"]) == ({"a": "café"}, "windows-1252")


def test_an_envelope_that_joins_its_records_sees_a_broken_one_once() -> None:
    parser = compile_chain(["s3-lines", "cri", "json"], FRAMER_NAMES).parser(ObjectInfo())
    assert not list(events_of(parser.read(b"2026-03-01T09:15:02Z stdout P xxx")))
    with pytest.raises(ParseError):
        parser.read(b'2026-03-01T09:15:02Z stdout F {"a":"caf\xe9"}')


def test_a_function_that_takes_bytes_gets_them_once_and_as_they_are() -> None:
    given: list[bytes] = []

    def refuse(record: bytes) -> None:
        given.append(record)
        raise ValueError("no")

    with pytest.raises(ParseError, match="no"):
        custom_format("mine", refuse, "s3-lines").parser(ObjectInfo()).read(b"\0caf\xe9")
    assert given == [b"\0caf\xe9"]


def test_a_function_that_takes_text_gets_it_in_any_encoding() -> None:
    def keep(record: str) -> dict[str, str]:
        return {"text": record}

    [(overrides, event)] = events_of(custom_format("mine", keep, "s3-lines").parser(ObjectInfo()).read(b"caf\xe9"))
    assert (event, overrides) == ({"text": "café"}, {"encoding": "windows-1252"})


def test_nulls_around_a_record_are_no_other_encoding() -> None:
    parser = get("json").parser(ObjectInfo())
    assert parser.read(b'\0\0{"a":1}\0') == {"a": 1}


def test_the_reason_is_that_of_the_repaired_record() -> None:
    with pytest.raises(ParseError, match="not a valid RFC 5424 line: '<13>1 café'"):
        get("syslog-rfc5424").parser(ObjectInfo()).read(b"<13>1 caf\xe9")
