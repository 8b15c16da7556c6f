"""Laravel."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read


def test_a_record_with_a_context() -> None:
    record = one("laravel", b'[2026-03-01 09:15:02] production.ERROR: Payment {refused} {"order":4711} []')
    assert record.event == {
        "datetime": "2026-03-01 09:15:02",
        "channel": "production",
        "level_name": "ERROR",
        "message": "Payment {refused}",
        "context": {"order": 4711},
    }
    assert (record.tag, record.time) == ("laravel", "2026-03-01T09:15:02.000000+00:00")


def test_a_message_that_is_json_stays_the_message() -> None:
    record = one("laravel", b'[2026-03-01 09:15:02] local.INFO: {"a":1}')
    assert (record["message"], "context" in record.event) == ('{"a":1}', False)


def test_a_stack_trace_stays_in_the_message() -> None:
    text = 'Boom {"exception":"[object] (Error(code: 0)\n[stacktrace]\n#0 /app/a.php(12)\n"}'
    record = one("laravel", b"[2026-03-01T09:15:02.481290+01:00] local.CRITICAL: " + text.encode() + b"\n")
    assert (record["message"], record.time) == (text, "2026-03-01T08:15:02.481290+00:00")
    assert "context" not in record.event


@each_case("broken", [b"", b"#0 /app/a.php(12)", b"[2026-03-01 09:15:02] error: x", b"[2026-99-01 x] a.INFO: x"])
def test_what_is_not_a_laravel_record_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("laravel", broken)
