"""AWS WAF, and what the class-based SLIPS made of it."""

from __future__ import annotations

import json
from typing import Any

from tests.each_case import each_case

from ..reading import one
from ..rows import NOON, at, broken_records, check_refused

REQUEST: dict[str, Any] = {
    "clientIp": "192.0.2.41",
    "uri": "/cart",
    "headers": [{"name": "host", "value": "shop.example.com"}, {"name": "Accept", "value": "*/*"}],
}


def waf(**fields: Any) -> bytes:
    return json.dumps({"timestamp": 1772366400000, "action": "BLOCK", "httpSourceId": "app/shop", **fields}).encode()


def test_headers_become_a_map_in_addition_to_the_list() -> None:
    request = one("aws-waf", waf(httpRequest=REQUEST))["httpRequest"]
    assert request == {**REQUEST, "header": {"host": "shop.example.com", "Accept": "*/*"}}


def test_the_message_is_a_sentence_of_what_was_done_to_whom() -> None:
    assert one("aws-waf", waf(httpRequest=REQUEST)).message == (
        "WAF BLOCK from 192.0.2.41 to shop.example.com/cart at app/shop"
    )


@each_case("request_", [None, "x", [], {}, {"headers": None}, {"headers": ["x", {}]}])
def test_what_is_missing_is_none_in_the_message(request_: Any) -> None:
    assert one("aws-waf", waf(httpRequest=request_)).message == "WAF BLOCK from None to NoneNone at app/shop"


@each_case(
    "row",
    [
        *at(
            "aws-waf", "aws.waf.log", {"timestamp": 1772366400000}, {"timestamp": "1772366400000"}, {"timestamp": NOON}
        ),
        *at("aws-waf", "aws.waf.log", {"terminatingRuleId": "Default_Action"}, time=None),
    ],
    ids=str,
)
def test_tags_and_times(row: Any) -> None:
    row.check()


@each_case(("format", "broken"), broken_records({"aws-waf": "timestamp"}))
def test_a_broken_record_is_refused(format: str, broken: Any) -> None:
    check_refused(format, broken)
