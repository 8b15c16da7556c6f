from __future__ import annotations

from base64 import urlsafe_b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import BadRequest
from slips.quarantine.cursor import Cursor, decode, position


@given(st.text(st.characters(codec="utf-8")), st.text(st.characters(codec="utf-8")))
def test_a_cursor_comes_back_as_it_was(after: str, until: str) -> None:
    assert decode(str(Cursor(after, until))) == Cursor(after, until)


def test_no_cursor_is_the_beginning() -> None:
    assert decode("") == Cursor()
    assert position(decode("")) == ""


JSON = (b"7", b"{", b"[" * 9999, b'{"after": 7}', b"\xff")


@pytest.mark.parametrize("text", ["x", "!!!", "é", "a" * 5000, *(urlsafe_b64encode(text).decode() for text in JSON)])
def test_a_broken_cursor_is_a_bad_request_that_names_it(text: str) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        decode(text)


@pytest.mark.parametrize("after", ["x", "2026", "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00.000Z#", "~"])
def test_a_cursor_that_names_no_place_is_a_bad_request(after: str) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        position(Cursor(after))


def test_a_place_may_hold_any_id() -> None:
    assert position(Cursor("2026-01-31T12:00:00.000Z#a#\n😀"))
