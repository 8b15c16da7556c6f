from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import BadRequest
from slips.model import utc
from slips.quarantine.cursor import Cursor, decode, position


@given(st.text(st.characters(codec="utf-8")), st.datetimes(), st.uuids())
def test_a_cursor_comes_back_as_it_was(after: str, until: datetime, drain_id: UUID) -> None:
    cursor = Cursor(after, utc.normalize(until.isoformat()), drain_id.hex)
    assert decode(str(cursor)) == cursor


def test_no_cursor_is_the_beginning() -> None:
    assert decode("") == Cursor()
    assert position(decode("")) == ""


JSON = (b"7", b"{", b"[" * 9999, b'{"after": 7}', b"\xff")


@pytest.mark.parametrize("text", ["x", "!!!", "é", "a" * 5000, *(urlsafe_b64encode(text).decode() for text in JSON)])
def test_a_broken_cursor_is_a_bad_request_that_names_it(text: str) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        decode(text)


@pytest.mark.parametrize("cursor", [Cursor(until="zzz"), Cursor(until="2026-01-31"), Cursor(drain_id="x")], ids=repr)
def test_a_cursor_of_another_form_is_a_bad_request(cursor: Cursor) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        decode(str(cursor))


@pytest.mark.parametrize("after", ["x", "2026", "2026-01-31T12:00:00.000Z", "2026-01-31T12:00:00.000Z#", "~"])
def test_a_cursor_that_names_no_place_is_a_bad_request(after: str) -> None:
    with pytest.raises(BadRequest, match=r"^cursor: "):
        position(Cursor(after))


def test_a_place_may_hold_any_id() -> None:
    assert position(Cursor("2026-01-31T12:00:00.000Z#a#\n😀"))
