"""How messages count."""

from __future__ import annotations

import re

import pytest

from slips.wording import plural

from .test_architecture import PACKAGE

COUNTED = re.compile(
    r"\{[^{}]*\} (?:work )?(?:items|objects|events|records|functions|causes|files|attempts|shards)\b[^=]*$"
    r"|%d (?:work )?(?:items|objects|events|records)\b",
    re.MULTILINE,
)
ALWAYS_SEVERAL = (
    "named items", "causes; -n", "objects a second", "found {len(items)} items", "at least {",
    "of {", "of its {", "events/s", ":6} item ",
)  # fmt: skip


@pytest.mark.parametrize(
    ("number", "text"), [(0, "0 deliveries"), (1, "1 delivery"), (2, "2 deliveries"), (12345, "12,345 deliveries")]
)
def test_one_is_not_many(number: int, text: str) -> None:
    assert plural(number, "delivery", "deliveries") == text
    assert plural(number, "item") == text.replace("deliveries", "items").replace("delivery", "item")


def test_messages_count_with_it() -> None:
    lines = [
        f"{path.relative_to(PACKAGE)}: {line.strip()}"
        for path in PACKAGE.rglob("*.py") for line in path.read_text().splitlines()
        if COUNTED.search(line) and not any(each in line for each in ALWAYS_SEVERAL)
    ]  # fmt: skip
    assert lines == []
