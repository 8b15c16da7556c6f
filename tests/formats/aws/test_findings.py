"""Findings, alone and in envelopes."""

from __future__ import annotations

from typing import Any

from slips.formats.base import ObjectInfo, events_of
from slips.formats.chain import compile_chain
from tests.each_case import each_case

from ..rows import NOON, at, broken_records, check_refused, page

FINDING = {"Id": "1", "UpdatedAt": NOON}


@each_case(
    "row",
    [
        *at("guardduty", "aws.guardduty", {"updatedAt": NOON, "createdAt": "x"}, {"createdAt": NOON}),
        *at("guardduty", "aws.guardduty", {"UpdatedAt": NOON}, {"detail-type": "x", "detail": {"updatedAt": NOON}}),
        *at("guardduty", "aws.guardduty", {"detail-type": "GuardDuty Finding", "detail": None}, {}, time=None),
        *at("security-hub", "aws.security_hub", FINDING, {"findings": [FINDING]}, {"Findings": [FINDING]}),
        *at(
            "security-hub",
            "aws.security_hub",
            {"detail-type": "x", "detail": {"actionName": "y", "findings": [FINDING]}},
        ),
        *at(
            "security-hub", "aws.security_hub", {"CreatedAt": "2026-03-01 12:00:00.000000000"}, {"time": 1772366400000}
        ),
        *at("security-hub", "aws.security_hub", {"detail": {"findings": []}}, time=None),
    ],
    ids=str,
)
def test_tags_and_times(row: Any) -> None:
    row.check()


def test_every_finding_of_an_event_is_an_event() -> None:
    assert page("security-hub", "findings", FINDING, {}) == ["2026-03-01T12:00:00.000000+00:00", None]


def test_an_envelope_may_also_be_named_in_the_chain() -> None:
    chain = compile_chain(["eventbridge", "guardduty"], frozenset({"s3-json"}))
    record = b'{"time":"2026-03-01T12:00:00Z","detail-type":"GuardDuty Finding","detail":{"id":"1"}}'
    assert list(events_of(chain.parser(ObjectInfo()).decode(record))) == [({"timestamp": 1772366400.0}, {"id": "1"})]


@each_case(("format", "broken"), broken_records({"guardduty": "updatedAt", "security-hub": "UpdatedAt"}))
def test_a_broken_record_is_refused(format: str, broken: Any) -> None:
    check_refused(format, broken)


def test_findings_that_are_not_objects_are_refused() -> None:
    check_refused("security-hub", {"findings": [FINDING, "one more"]})
