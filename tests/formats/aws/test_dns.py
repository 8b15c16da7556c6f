"""Route 53's public queries."""

from __future__ import annotations

import pytest

from slips.errors import ParseError
from tests.each_case import each_case

from ..reading import one, read

QUERY = b"1.0 2026-03-01T12:00:00.481Z Z0123 shop.example.com AAAA NXDOMAIN TCP FRA2-C1 2001:db8::1 -"


def test_a_query_of_a_public_zone() -> None:
    query = one("route53-public-dns", QUERY)
    assert (query.tag, query.time) == ("aws.route53_public_dns", "2026-03-01T12:00:00.481000+00:00")
    assert query.event == {
        "log_format_version": "1.0",
        "query_timestamp": "2026-03-01T12:00:00.481Z",
        "hosted_zone_id": "Z0123",
        "query_name": "shop.example.com",
        "query_type": "AAAA",
        "response_code": "NXDOMAIN",
        "layer_4_protocol": "TCP",
        "edge_location": "FRA2-C1",
        "resolver_ip_address": "2001:db8::1",
        "edns_client_subnet": None,
    }


def test_the_subnet_of_the_client_may_be_there() -> None:
    assert one("route53-public-dns", QUERY[:-1] + b"192.0.2.0/24")["edns_client_subnet"] == "192.0.2.0/24"


@each_case("broken", [b"", QUERY[:-2], QUERY + b" -", QUERY.replace(b"2026-", b"26-"), b"\xff\0" + QUERY])
def test_what_is_not_a_query_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("route53-public-dns", broken)
