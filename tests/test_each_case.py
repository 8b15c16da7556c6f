"""`each_case`: one item for many cases, of which none is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from .each_case import each_case


def test_every_case_runs_and_the_failure_names_each_that_failed(tmp_path: Path) -> None:
    calls = []

    @each_case(("number", "limit"), [(1, 5), pytest.param(9, 5, id="nine"), (7, 5), (2, 5)])
    def check(number: int, limit: int, tmp_path: Path) -> None:
        calls.append((number, tmp_path))
        assert number < limit, "too large"

    with pytest.raises(pytest.fail.Exception) as failure:
        check(tmp_path=tmp_path)
    first, *faults = str(failure.value).splitlines()
    assert first == "2 of 4 cases:"
    assert [fault.partition(":")[0] for fault in faults if "too large" in fault] == ["nine", "7, 5"]
    assert calls == [(number, tmp_path) for number in (1, 9, 7, 2)]


@pytest.mark.parametrize("ids", [str.upper, ["A", "B"]])
def test_cases_are_named_by_their_ids(ids: object) -> None:
    @each_case("name", ["a", "b"], ids=ids)  # type: ignore[arg-type]
    def refuse(name: str) -> None:
        pytest.fail(name)

    with pytest.raises(pytest.fail.Exception, match=r"(?s)2 of 2 cases:\nA: .*\nB: "):
        refuse()


def test_a_table_without_cases_is_a_failure() -> None:
    @each_case("name", [])
    def check(name: str) -> None: ...

    with pytest.raises(AssertionError, match="no cases"):
        check()


@each_case("first", [1, 2])
@each_case("second", [3, 4])
def test_tables_multiply_and_fixtures_come_from_pytest(first: int, second: int, tmp_path: Path) -> None:
    (tmp_path / f"{first}{second}").touch()
    assert first < second
