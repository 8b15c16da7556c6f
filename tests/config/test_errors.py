"""`errors` of slips.yml."""

from __future__ import annotations

import pytest

from .written import config, faults, faults_of, load_text, with_keys


@pytest.mark.parametrize("written", ["off", '"off"', "no"])
def test_off_keeps_no_sample_with_and_without_quotes(written: str) -> None:
    """YAML reads `off` as false."""
    assert load_text(f"{with_keys()}errors: {{sample: {written}}}\n").limits.sample_bytes == 0


@pytest.mark.parametrize("keys", [{}, {"errors": {}}, {"errors": None}, {"errors": {"sample": "masked"}}])
def test_by_default_samples_are_kept(keys: dict[str, object]) -> None:
    assert config(**keys, limits={"sample_bytes": 6}).limits.sample_bytes == 6


def test_a_size_beside_off_is_a_warning() -> None:
    loaded = config(errors={"sample": "off"}, limits={"sample_bytes": 6})
    assert loaded.limits.sample_bytes == 0
    assert loaded.warnings == ("limits.sample_bytes: has no effect while errors.sample is off",)


@pytest.mark.parametrize("value", ["on", True, "none", 0, [], {"sample": "off"}])
def test_anything_else_is_a_fault(value: object) -> None:
    (fault,) = faults(errors={"sample": value})
    assert fault.startswith("errors.sample: ")
    assert fault.endswith('"masked" or "off"') or "did you mean" in fault


def test_another_key_is_a_fault() -> None:
    assert faults_of(f"{with_keys()}errors: {{samples: off}}\n") == [
        'errors.samples: unknown key; did you mean "sample"?'
    ]


@pytest.mark.parametrize(("days", "allowed"), [(1, True), (3650, True), (0, False), (3651, False), (-1, False)])
def test_items_go_after_a_day_to_ten_years(days: int, allowed: bool) -> None:
    found = faults(errors={"ttl_days": days})
    assert [fault.partition(":")[0] for fault in found] == ([] if allowed else ["errors.ttl_days"])


@pytest.mark.parametrize("days", ["90", True, 1.5, float("nan"), "never", [90]])
def test_their_days_are_a_whole_number(days: object) -> None:
    (fault,) = faults(errors={"ttl_days": days})
    assert fault.endswith("; write a whole number from 1 to 3650")


@pytest.mark.parametrize("keys", [{}, {"errors": {"ttl_days": None}}, {"errors": {"sample": "off"}}])
def test_items_stay_unless_days_are_set(keys: dict[str, object]) -> None:
    assert config(**keys).errors_ttl_days is None
    assert config(errors={"ttl_days": 30}).errors_ttl_days == 30
