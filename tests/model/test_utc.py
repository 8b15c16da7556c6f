from __future__ import annotations

import pytest

from slips.model.utc import epoch, iso, normalize


def test_seconds_become_the_form_that_s3_writes() -> None:
    assert iso(0) == "1970-01-01T00:00:00.000Z"
    assert iso(1_769_860_800.25) == "2026-01-31T12:00:00.250Z"


@pytest.mark.parametrize(
    "text",
    [
        "2026-01-31T12:00:00.250Z",
        "2026-01-31T12:00:00.250999Z",
        " 2026-01-31T12:00:00.25Z\n",
        "2026-01-31 13:00:00.250+01:00",
        "2026-01-31T12:00:00.250",
    ],
)
def test_any_iso_time_becomes_that_form(text: str) -> None:
    assert normalize(text) == "2026-01-31T12:00:00.250Z"
    assert epoch(text) == 1_769_860_800.25


@pytest.mark.parametrize("text", ["", "yesterday", "2026-13-01", "12:00", "9999-12-31T23:59:59-12:00"])
def test_anything_else_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        normalize(text)
