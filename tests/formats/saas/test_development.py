"""Where software is built: GitHub, GitLab, Snyk, Atlassian, Tines, OpenAI, Anthropic."""

from __future__ import annotations

from typing import Any

from tests.each_case import each_case

from ..rows import NOON, Row, at, broken_records, check_refused, nested, page

LATER = "2026-03-01T12:05:00Z"

ROWS = [
    *at(
        "github-audit",
        "github.audit",
        {"@timestamp": 1772366400000, "created_at": 1, "action": "repo.create"},
        {"@timestamp": "1772366400000"},
        {"@timestamp": "2026-03-01T12:00:00.000Z"},
        {"created_at": 1772366400000},
    ),
    *at(
        "gitlab-audit",
        "gitlab.audit",
        {"time": "2026-03-01T12:00:00.000Z", "created_at": LATER},
        {"created_at": "2026-03-01T12:00:00.000Z", "details": {}},
    ),
    *at("gitlab-api", "gitlab.api", {"time": NOON, "meta.user": "liz"}, {"time": "2026-03-01 12:00:00"}),
    *at("snyk-audit", "snyk.audit", {"created": NOON, "content": {}}, {"created": "2026-03-01 12:00:00.000"}),
    *at(
        "atlassian-audit",
        "atlassian.audit",
        {"attributes": {"time": "2026-03-01T12:00:00.000Z", "context": []}},
        {"attributes": {"time": "2026-03-01 12:00:00.000"}},
        {"attributes.time": NOON},
    ),
    *at("tines-audit", "tines.audit", {"created_at": NOON}, {"created_at": "2026-03-01 12:00:00"}),
    *at("openai-audit", "openai.audit", {"effective_at": 1772366400}, {"effective_at": NOON}),
    *at("anthropic-activity", "anthropic.activity", {"created_at": "2026-03-01T12:00:00Z"}, {"created_at": NOON}),
    *at("openai-audit", "openai.audit", {"type": "login.succeeded", "effective_at": None}, time=None),
]


@each_case("row", ROWS, ids=str)
def test_an_event_has_its_tag_and_its_time(row: Row) -> None:
    row.check()


TIMES = {
    "github-audit": "@timestamp",
    "gitlab-audit": "time",
    "gitlab-api": "time",
    "snyk-audit": "created",
    "atlassian-audit": "attributes.time",
    "tines-audit": "created_at",
    "openai-audit": "effective_at",
    "anthropic-activity": "created_at",
}


@each_case(
    ("name", "array_key"),
    [
        ("snyk-audit", "data.items"),
        ("snyk-audit", "items"),
        ("snyk-audit", "results"),
        ("snyk-audit", "data"),
        ("atlassian-audit", "data"),
        ("tines-audit", "audit_logs"),
        ("openai-audit", "data"),
        ("anthropic-activity", "data"),
    ],
)
def test_a_page_is_its_events(name: str, array_key: str) -> None:
    assert page(name, array_key, nested(TIMES[name], NOON), {}) == ["2026-03-01T12:00:00.000000+00:00", None]


@each_case(("name", "broken"), broken_records(TIMES))
def test_what_is_not_an_event_is_refused(name: str, broken: Any) -> None:
    check_refused(name, broken)
