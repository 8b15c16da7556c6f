from __future__ import annotations

import pytest

from slips.config import Limits

from .written import config, faults, faults_of, with_keys

KIB = 1024


@pytest.mark.parametrize(
    ("stated", "size"),
    [
        (100, 100),
        ("100B", 100),
        ("16MiB", 16 * KIB**2),
        ("16 MiB", 16 * KIB**2),
        ("5GB", 5_000_000_000),
        ("3kB", 3000),
        ("3kib", 3 * KIB),
        ("2TB", 2 * 10**12),
        ("2TiB", 2 * KIB**4),
    ],
)
def test_sizes_take_units(stated: object, size: int) -> None:
    limits = config(limits={"max_line_bytes": stated, "max_object_bytes": stated}).limits
    assert (limits.max_line_bytes, limits.max_object_bytes) == (size, size)


@pytest.mark.parametrize(
    "stated", [0, -1, "0B", "16M", "1.5GiB", "much", 1.5, True, [], "9999999TiB", "9" * 400 + "GB"]
)
def test_any_other_size_is_a_fault(stated: object) -> None:
    (fault,) = faults(limits={"max_line_bytes": stated})
    assert fault.startswith("limits.max_line_bytes: found ")
    assert '"16MiB" or "5GB"' in fault


def test_all_limits_are_kept() -> None:
    limits = Limits(
        max_line_bytes=1,
        max_object_bytes=2,
        max_inflate_ratio=3,
        max_attempts=4,
        errors_per_object=5,
        sample_bytes=6,
    )
    stated = {name: getattr(limits, name) for name in Limits.__struct_fields__}
    assert config(limits=stated).limits == limits


@pytest.mark.parametrize("key", ["max_inflate_ratio", "max_attempts", "errors_per_object"])
def test_counts_are_at_least_one(key: str) -> None:
    assert faults(limits={key: 0}) == [f"limits.{key}: found the number 0; write a whole number of at least 1"]


def test_a_sample_fits_into_an_error_item() -> None:
    assert config(limits={"sample_bytes": 0}).limits.sample_bytes == 0
    assert faults(limits={"sample_bytes": 65_537}) == [
        "limits.sample_bytes: found the number 65537; write a whole number from 0 to 65536"
    ]


@pytest.mark.parametrize(("stated", "allowed"), [(0.01, True), (900, True), (0, False), (901, False), ("60", False)])
def test_checkpoints_come_within_an_invocation(stated: object, allowed: bool) -> None:
    assert (faults(checkpoint_seconds=stated) == []) is allowed


@pytest.mark.parametrize(("days", "allowed"), [(7, True), (3650, True), (6, False), (3651, False), (-7, False)])
def test_the_ledger_remembers_a_week_to_ten_years(days: int, allowed: bool) -> None:
    assert (faults(ledger={"ttl_days": days}) == []) is allowed


def test_a_ledger_shorter_than_the_lanes_is_refused_with_the_reason() -> None:
    [fault] = faults(ledger={"ttl_days": 1})
    assert fault == (
        "ledger.ttl_days: found the number 1; write a whole number from 7 to 3650: the lanes keep their records for "
        "7 days, and what comes again must not be processed again"
    )


def test_the_ledgers_days_are_kept() -> None:
    assert config(ledger={"ttl_days": 7}).ledger_ttl_days == 7


@pytest.mark.parametrize("auth", ["iam", "token", "none"])
def test_the_api_has_three_kinds_of_authorization(auth: str) -> None:
    assert config(api={"auth": auth}).api_auth == auth


@pytest.mark.parametrize(
    ("auth", "advice"), [("None", 'did you mean "none"?'), ("basic", 'write "iam", "token" or "none"')]
)
def test_an_unknown_authorization_is_a_fault(auth: str, advice: str) -> None:
    assert faults(api={"auth": auth}) == [f'api.auth: unknown value "{auth}"; {advice}']


def test_a_number_of_thousands_of_digits_is_named_by_its_bits() -> None:
    (fault,) = faults_of(f"{with_keys()}\nlimits: {{max_attempts: -0x{'F' * 5000}}}\n")
    assert fault.startswith("limits.max_attempts: found a number of 20000 bits; ")


def test_a_long_text_is_cut() -> None:
    (fault,) = faults(api={"auth": "x" * 10_000})
    assert len(fault) < 200
