"""Load balancers, and the rows with quotes that they write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from slips.errors import ParseError
from slips.formats.aws.quoted import split
from slips.formats.base import ObjectInfo, Parser
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

ALB = get("alb").example
TIME = "2026-03-01T09:15:02.186641+00:00"


def test_a_row_of_an_application_load_balancer() -> None:
    request = one("alb", ALB)
    assert (request.tag, request.time) == ("aws.alb", TIME)
    assert len(request.event) == 33
    assert {name: request[name] for name in ("type", "client:port", "target:port", "request", "user_agent")} == {
        "type": "https",
        "client:port": "192.0.2.41:52814",
        "target:port": "10.0.4.17:8080",
        "request": "GET https://shop.example.com:443/cart?id=7 HTTP/2.0",
        "user_agent": "Mozilla/5.0 (X11)",
    }
    numbers = ("request_processing_time", "target_processing_time", "elb_status_code", "sent_bytes")
    assert [request[name] for name in numbers] == [0.0, 0.048, 200, 5723]
    assert (request["redirect_url"], request["conn_trace_id"]) == (None, "TID_1234abcd5678ef90")


def test_every_later_row_reads_as_the_first_did() -> None:
    first, second, third = read("alb", ALB, ALB, ALB.replace(b'" "-" "-" "-"', b'" "-" "-" "-" ').rstrip())
    assert first == second == third


@each_case(("cells", "last"), [(17, "target_group_arn"), (25, "error_reason"), (30, "conn_trace_id")])
def test_older_files_have_fewer_columns(cells: int, last: str) -> None:
    written_cells = [f'"{cell}"' if " " in cell or cell == "-" else cell for cell in split(ALB.decode())][:cells]
    older = " ".join(written_cells).encode()
    assert [list(request.event)[-1] for request in read("alb", ALB, older, ALB, older)] == [
        "request_transform_status", last, "request_transform_status", last,
    ]  # fmt: skip


def test_later_columns_are_kept_under_extra() -> None:
    assert [request["extra"] for request in read("alb", *[ALB + b' 192.0.2.1 "b c"'] * 2)] == [["192.0.2.1", "b c"]] * 2


def test_a_request_that_was_never_sent_on() -> None:
    row = ALB.replace(b"10.0.4.17:8080 0.000 0.048 0.037 200 200", b"- -1 -1 -1 460 -", 1)
    for request in read("alb", row, row):
        names = ("target:port", "target_processing_time", "elb_status_code", "target_status_code")
        assert [request[name] for name in names] == [None, -1.0, 460, None]


@each_case(
    "agent",
    ['"Agent"', 'a "b" c', '\\"quoted\\" and more', '"', 'x"y', "\\x22", 'a "b "c "d "e "f "g', "", "日本"],
)
def test_a_user_agent_may_hold_quotes(agent: str) -> None:
    row = ALB.replace(b"Mozilla/5.0 (X11)", agent.encode())
    for request in read("alb", ALB, row, row)[1:]:
        assert (request["user_agent"], request["request_transform_status"], request.time) == (agent, None, TIME)


@each_case("name", ["alb", "clb"])
@each_case("uri", ['/a"b', '/?q="a b"', '/?q="a b" "c d"', '/a" b', '/a "b'])
def test_a_request_may_hold_quotes(name: str, uri: str) -> None:
    example = get(name).example
    row = example.replace(b" HTTP/", uri.encode() + b" HTTP/")
    plain, *odd = read(name, example, row, row)
    for request in odd:
        changed = plain["request"].replace(" HTTP/", f"{uri} HTTP/")
        assert request.event == {**plain.event, "request": changed}


def test_an_invalid_number_stays_text() -> None:
    row = ALB.replace(b"200 200 310", b"200 200 many")
    assert [request["received_bytes"] for request in read("alb", row, row)] == ["many", "many"]


def test_log_delivery_writes_json_too() -> None:
    assert one("alb", b' {"type": "https", "time": "2026-03-01T09:15:02.186641Z"}').time == TIME


def test_a_tls_connection_of_an_application_load_balancer() -> None:
    row = (
        b"2026-03-01T09:15:02.186641Z 192.0.2.41 52814 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256 4.036 "
        b'"CN=device 7,O=Example" NotBefore=2025-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257 Success TID_1'
    )
    for connection in read("alb-connection", row, row):
        assert (connection.tag, connection.time) == ("aws.alb_connection", TIME)
        assert (connection["client_port"], connection["tls_handshake_latency"]) == (52814, 4.036)
        assert (connection["leaf_client_cert_subject"], connection["tls_verify_status"]) == (
            "CN=device 7,O=Example", "Success",
        )  # fmt: skip


def test_a_connection_without_tls_and_without_a_trace_id() -> None:
    connection = one("alb-connection", b'2026-03-01T09:15:02.186641Z 192.0.2.41 52814 80 - - - "-" - - -')
    assert (connection["listener_port"], connection["tls_protocol"], connection.time) == (80, None, TIME)


def test_a_row_of_a_network_load_balancer() -> None:
    request = one("nlb", get("nlb").example)
    assert (request.tag, request.time) == ("aws.nlb", "2026-03-01T09:15:02.000000+00:00")
    assert (request["version"], request["connection_time"], request["incoming_tls_alert"]) == ("2.0", 5, None)
    assert request["alpn_client_preference_list"] == "h2,http/1.1"
    assert request["tls_connection_creation_time"] == "2026-03-01T09:15:01"


def test_a_network_load_balancers_row_of_before_alpn() -> None:
    row = get("nlb").example.split(b" h2 ")[0]
    assert list(one("nlb", row).event)[-1] == "domain_name"


def test_rows_of_a_classic_load_balancer_of_every_age() -> None:
    row = (
        b"2026-03-01T09:15:02.186641Z shop 192.0.2.41:2817 - -1 -1 -1 504 0 0 29 "
        b'"GET http://shop.example.com:80/ HTTP/1.1"'
    )
    old, new = read("clb", row, row + b' "curl/8.5.0" - -')
    assert (old.tag, old.time, old["backend_processing_time"]) == ("aws.clb", TIME, -1.0)
    assert (new["user_agent"], new["ssl_cipher"]) == ("curl/8.5.0", None)


@each_case("name", ["alb", "alb-connection", "nlb", "clb"])
def test_what_is_not_a_row_is_refused(name: str) -> None:
    good = get(name).example
    cut = good[: good.rindex(b'"')] if good.count(b'"') % 2 == 0 else good
    for broken in (b"", good[:60], cut, good.replace(b"2026-03-01T", b"yesterday "), b"\xff\0" + good, b"{", b"[1]"):
        with pytest.raises(ParseError):
            read(name, broken)


def test_a_line_of_quotes_is_refused_before_it_costs_time() -> None:
    with pytest.raises(ParseError, match=r"at most \d+ quotes were expected"):
        read("alb", ALB.replace(b"Mozilla/5.0 (X11)", b'" "' * 1000))


LISTS = (
    "-",
    '"h2"',
    '"h2","http/1.1"',
    '"h2","http/1.1","x"',
    '"h2" "x"',
    '"a,b"',
    '"",""',
    'h2"',
    '"h2","x',
    '"h2";"x"',
)


@given(st.lists(st.tuples(st.sampled_from(LISTS), st.sampled_from(["", " 5", ' "x"', '"'])), min_size=1, max_size=6))
def test_a_line_of_nlb_is_read_alike_whatever_came_before(lines: list[tuple[str, str]]) -> None:
    example = get("nlb").example.decode()
    warm = get("nlb").parser(ObjectInfo())

    def outcome(parser: Parser, record: bytes) -> object:
        try:
            return parser.decode(record)
        except (ParseError, ValueError) as fault:
            return str(fault)

    for protocols, behind in lines:
        record = (example.replace('"h2","http/1.1"', protocols) + behind).encode()
        cold = get("nlb").parser(ObjectInfo())
        assert outcome(warm, record) == outcome(cold, record)
