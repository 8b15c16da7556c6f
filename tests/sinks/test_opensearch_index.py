"""Names of indices are those that OpenSearch allows, whatever a log says."""

from __future__ import annotations

from typing import Any

import pytest

from slips.errors import EventFailed
from slips.sinks.opensearch_index import IndexName
from slips.testing import make_meta

TIME = 1_770_000_000.0  # 2026-02-02T02:40:00Z


@pytest.mark.parametrize(
    ("template", "meta", "name"),
    [
        ("logs", {}, "logs"),
        ("{format}-{time:%Y.%m.%d}", {}, "json-2026.02.02"),
        ("{format}-{time:%d%b-%H}", {}, "json-02feb-02"),
        ("x-{tag}", {"tag": "aws.cloudtrail.AwsApiCall"}, "x-aws.cloudtrail.awsapicall"),
        ("{bucket}", {"bucket": "my-logs"}, "my-logs"),
        ("x-{tag}", {"tag": 'a b,c*d/e\\f?g"h<i>j|k#l:m\nn\x00o'}, "x-a-b-c-d-e-f-g-h-i-j-k-l-m-n-o"),
        ("x-{time:%H:%M}", {}, "x-02-40"),
        ("x-{tag}", {"tag": "\ud800ü"}, "x--ü"),
        ("Logs-{tag}", {"tag": ""}, "logs-"),
        ("{tag}-x", {"tag": ""}, "x"),
        ("{tag}-x", {"tag": ".opendistro_security"}, "opendistro_security-x"),
        ("{tag}", {"tag": "_-+.a"}, "a"),
        (".own-{tag}", {"tag": "a"}, ".own-a"),
    ],
)
def test_a_name_is_made_of_the_event(template: str, meta: dict[str, Any], name: str) -> None:
    assert IndexName(template).name(make_meta(**{"timestamp": TIME} | meta)) == name


@pytest.mark.parametrize(
    ("template", "meta", "text"),
    [
        ("{tag}", {"tag": "..."}, "the name of its index has 0 bytes, and OpenSearch takes 1 to 255"),
        ("x-{tag}", {"tag": "ü" * 127}, "the name of its index has 256 bytes, and OpenSearch takes 1 to 255"),
        ("{time:%Y}", {"timestamp": 1e18}, "its time makes no name of an index: "),
        ("{time:%Y}", {"timestamp": float("nan")}, "its time makes no name of an index: "),
    ],
)
def test_an_event_that_makes_no_name_fails(template: str, meta: dict[str, Any], text: str) -> None:
    with pytest.raises(EventFailed) as fault:
        IndexName(template).name(make_meta(**meta))
    assert str(fault.value).startswith(text)


def test_an_event_whose_time_cannot_be_read_is_in_the_index_of_its_object() -> None:
    broken = make_meta({"eventTime": "yesterday"}, format="cloudtrail", landed="2026-03-01T12:00:00Z")
    assert IndexName("logs-{time:%Y}").name(broken) == "logs-2026"


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("", "begins with a letter or a digit"),
        ("-logs", "begins with a letter or a digit"),
        ("_all", "begins with a letter or a digit"),
        ("logs *", "holds no spaces"),
        ("logs-{", "index='logs-{': "),
        ("{host}", "{host} is not one of {format}, {tag}, {bucket}, {time}"),
        ("{format.__class__}", "{format.__class__} is not one of"),
        ("{}", "{} is not one of"),
        ("{format!r}", "{format} is not one of"),
        ("{format:>10}", "write {format}, without '>10'"),
        ("{time}", "such as {time:%Y.%m.%d}"),
        ("{time:YYYY}", "such as {time:%Y.%m.%d}"),
        ("{time:%Y{format}}", "such as {time:%Y.%m.%d}"),
    ],
)
def test_a_template_that_cannot_be_used_is_refused_at_once(template: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^index=") as fault:
        IndexName(template)
    assert text in str(fault.value)
