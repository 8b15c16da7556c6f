"""`contains` finds text however a common JSON encoder spells it."""

from __future__ import annotations

import json
from collections.abc import Callable

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.engine.contains import needles, spellings

Encode = Callable[[str], str]


def escaping(chars: str, digits: str, *, ensure_ascii: bool = True) -> Encode:
    """An encoder that also escapes these characters."""

    def encode(text: str) -> str:
        return "".join(
            f"\\u{ord(char):{digits}}" if char in chars else json.dumps(char, ensure_ascii=ensure_ascii)[1:-1]
            for char in text
        )

    return encode


def dotnet(text: str) -> str:
    escaped = {char: f"\\u{ord(char):04X}" for char in "<>&'+`\""}
    escaped |= {chr(code): f"\\u{code:04X}" for code in range(32) if chr(code) not in "\n\r\t\b\f"}
    return "".join(escaped.get(char) or _capitals(char) for char in text)


def _capitals(char: str) -> str:
    spelled = json.dumps(char)[1:-1]
    return spelled if char.isascii() else spelled.upper().replace("U", "u")


ENCODERS: dict[str, Encode] = {
    "python": lambda text: json.dumps(text)[1:-1],
    "python, no ascii": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "orjson": lambda text: orjson.dumps(text).decode()[1:-1],
    "php": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "go": escaping("<>&\u2028\u2029", "04x", ensure_ascii=False),
    "go before 1.22": escaping("<>&\u2028\u2029\b\f", "04x", ensure_ascii=False),
    "gson": escaping("<>&'=\u2028\u2029", "04x", ensure_ascii=False),
    "jackson": escaping("".join(map(chr, {*range(32)} - {8, 9, 10, 12, 13})), "04X", ensure_ascii=False),
    ".net": dotnet,
}


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS.keys())
@pytest.mark.parametrize(
    "text",
    [
        "ConsoleLogin",
        "a/b",
        'say "hi"',
        "C:\\Users",
        "tab\there",
        "née",
        "日本",
        "🦆",
        "a<b>&c",
        "x='1'",
        "1+1",
        "`id`",
        "\x1b[0m",
        "a\bb\fc",
        "né\u2028<e>",
    ],
)
def test_text_is_found_as_encoders_write_it(text: str, encode: Encode) -> None:
    record = f'{{"k":"before {encode(text)} after"}}'.encode()
    assert json.loads(record) == {"k": f"before {text} after"}
    assert any(needle in record for needle in needles(text, "on_format"))


@given(st.text(min_size=1))
def test_any_text_is_found_in_what_python_and_orjson_write(text: str) -> None:
    search = set(spellings(text))
    assert json.dumps(text)[1:-1].encode() in search
    if text.isprintable() and text.isascii():
        assert orjson.dumps(text)[1:-1] in search


def test_a_piece_of_raw_json_is_compared_as_it_stands() -> None:
    assert next(spellings('"name":"a/b"')) == b'"name":"a/b"'


def test_plain_text_costs_one_search() -> None:
    assert needles("ConsoleLogin", "on_format") == (b"ConsoleLogin",)


def test_bytes_are_compared_as_they_are() -> None:
    assert needles([b'a/"', "b"], "on_format") == (b'a/"', b"b")
