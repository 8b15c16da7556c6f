"""JSON that is none by RFC 8259, though many programs write it."""

from __future__ import annotations

from typing import Any

import pytest

from slips.formats.json_format import loads
from slips.formats.json_repair import repair_json
from tests.each_case import each_case

REPAIRED: tuple[tuple[bytes, Any], ...] = (
    (rb'{"a":"cut \ud83d"}', {"a": "cut \ufffd"}),
    (rb'{"a":"\ud83d","b":"\ude00"}', {"a": "\ufffd", "b": "\ufffd"}),
    (rb'{"a":"\ude00\ud83d!"}', {"a": "\ufffd\ufffd!"}),
    (rb'{"\ud83d":"\uD83D\uDE00 \ud83d\ud83d\ude00"}', {"\ufffd": "😀 \ufffd😀"}),
    (rb'{"a":"\\ud83d \ud83d"}', {"a": "\\ud83d \ufffd"}),
    (b'{"a":"x\ty\x1b[0m","b":\t1}', {"a": "x\ty\x1b[0m", "b": 1}),
    (b'{\n"a":"one\ntwo"\n}', {"a": "one\ntwo"}),
    (rb'{"a":"say \x22hi\x22 \x5C"}', {"a": 'say "hi" \\'}),
    (rb'{"a":"caf\xC3\xA9 caf\xe9"}', {"a": "café café"}),
    (b'{"a":"\t","b":123456789012345678901234567890}', {"a": "\t", "b": 123456789012345678901234567890}),
)


@each_case("case", REPAIRED)
def test_json_whose_values_are_clear_is_read(case: tuple[bytes, Any]) -> None:
    text, value = case
    assert loads(text) == value


def test_text_is_repaired_as_bytes_are() -> None:
    assert loads('{"a":"caf\u00e9\t"}') == {"a": "café\t"}


@each_case("text", (rb'{"a":"\q"}', b'{"a":1,}', b"{'a':1}", b'{"a":"', rb'{"a":"\x2"}', rb'{"a":"\ud8"}', b"\\"))
def test_what_is_not_clear_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match=r"line 1 column \d+"):
        loads(text)


def test_sound_json_stays_the_same() -> None:
    text = rb'{"a":"\ud83d\ude00\\x22\"\u00e9","b":["c",1.5]}'
    assert repair_json(text) == text
