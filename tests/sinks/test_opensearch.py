"""OpenSearch takes parts of a bulk request, and what is sent again is there once."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from slips import EventsFailed, RetryLater
from slips.aws.retry import Backoff
from slips.engine.fault_kinds import passes_by_itself
from slips.errors import EventFailed
from slips.sinks import Document, OpenSearch
from slips.sinks.http_answers import MOST_CHARACTERS, HttpRefused
from slips.testing import make_meta

from ..error_table import Time
from .documents import documents, failures
from .http_server import serve
from .opensearch_server import THERE, OpenSearchOfTheTest, Reply, positions, refuse

BUSY = refuse(429, "rejected_execution_exception", "rejected execution of coordinating operation")
MAPPING = refuse(
    400, "mapper_parsing_exception", "failed to parse field [n] of type [long]",
    caused_by={"type": "illegal_argument_exception", "reason": 'For input string: "x"'},
)  # fmt: skip
BROKEN = 'mapper_parsing_exception: failed to parse field [n] of type [long]: For input string: "x"'


@pytest.fixture
def server() -> Iterator[OpenSearchOfTheTest]:
    with serve(OpenSearchOfTheTest()) as server:
        yield server


@pytest.fixture
def time() -> Time:
    return Time()


def make_sink(server: OpenSearchOfTheTest, time: Time, index: str = "logs", **options: Any) -> OpenSearch:
    backoff = Backoff(patience=10, first=0.1, sleep=time.sleep, clock=time)
    return OpenSearch(server.url, index, backoff=backoff, **options)


@pytest.fixture
def sink(server: OpenSearchOfTheTest, time: Time) -> OpenSearch:
    return make_sink(server, time)


def numbered(count: int, **more: Any) -> list[Document]:
    return documents(*({"n": number, **more} for number in range(1, count + 1)))


def test_a_document_is_created_under_the_id_of_its_event(server: OpenSearchOfTheTest, time: Time) -> None:
    batch = numbered(2)
    assert failures(make_sink(server, time, "{format}-{time:%Y.%m.%d}"), batch) == {}
    [request] = server.bulks
    assert request.path == "/_bulk"
    assert request.actions == [{"_index": "json-2026.03.01", "_id": document.meta.event_id} for document in batch]
    assert request.documents == [{"n": 1}, {"n": 2}]
    assert request.headers["Content-Type"] == "application/x-ndjson"


def test_requests_are_compressed_unless_that_is_turned_off(server: OpenSearchOfTheTest, time: Time) -> None:
    batch = numbered(50, text="the same words in each of them")
    make_sink(server, time).send(batch)
    make_sink(server, time, id_suffix="-plain", gzip=False).send(batch)
    compressed, plain = server.bulks
    assert (compressed.headers["Content-Encoding"], plain.headers.get("Content-Encoding")) == ("gzip", None)
    assert len(compressed.body) * 5 < len(plain.body)
    assert compressed.documents == plain.documents


def test_connections_are_kept(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    for _ in range(3):
        sink.send(numbered(2))
    assert (len(server.bulks), server.connections) == (3, 1)


def test_what_is_there_already_is_done(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    batch = numbered(3)
    sink.send(batch[:2])
    assert failures(sink, batch) == {}
    assert len(server.held) == 3


def test_another_conflict_is_not_taken_for_done(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.plans = [Reply({0: refuse(409, "resource_already_exists_exception")})]
    assert {n: str(cause) for n, cause in failures(sink, numbered(1)).items()} == {
        1: "resource_already_exists_exception: as planned"
    }


@pytest.mark.parametrize(
    "result",
    [
        BUSY,
        refuse(429, "es_rejected_execution_exception"),
        refuse(500, "es_rejected_execution_exception"),
        refuse(429, "circuit_breaking_exception"),
        refuse(503, "circuit_breaking_exception"),
        refuse(500, "circuit_breaking_exception"),
        refuse(503, "unavailable_shards_exception"),
        refuse(403, "cluster_block_exception", "index [logs] blocked by: [FORBIDDEN/12/index read-only (api)];"),
        refuse(403, "security_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"),
    ],
    ids=lambda result: f"{result['status']}-{result['error']['type']}",
)
def test_what_is_refused_for_now_is_sent_again_alone_and_then_waits(
    server: OpenSearchOfTheTest, sink: OpenSearch, result: dict[str, Any]
) -> None:
    server.plans = [Reply({1: result})]
    assert failures(sink, numbered(3)) == {}
    assert positions(server.bulks) == [[1, 2, 3], [2]]
    server.plans = [Reply({0: THERE, 1: result})]
    server.always = lambda request: Reply({0: result})
    [(position, cause)] = failures(sink, numbered(3, again=True)).items()
    assert (position, type(cause)) == (2, RetryLater)
    assert str(cause) == f"{result['error']['type']}: {result['error']['reason']}"


def test_a_document_that_the_mapping_refuses_fails_alone(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.plans = [Reply({1: MAPPING})]
    [(position, cause)] = failures(sink, numbered(3)).items()
    assert (position, type(cause), str(cause)) == (2, EventFailed, BROKEN)
    assert positions(server.bulks) == [[1, 2, 3]]


def test_many_words_are_shortened(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.plans = [Reply({0: refuse(400, "mapper_parsing_exception", "word " * 1000)})]
    [cause] = failures(sink, numbered(1)).values()
    assert len(str(cause)) == MOST_CHARACTERS + 1


def test_its_url_is_no_secret(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.always = lambda request: Reply(status=404, body=f"no handler for {server.url}/_bulk".encode())
    with pytest.raises(HttpRefused, match=f"no handler for {server.url}/_bulk; "):
        sink.send(numbered(1))


def test_documents_of_one_request_fail_each_in_its_own_way(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    breaker = refuse(429, "circuit_breaking_exception")
    server.plans = [Reply({0: BUSY, 1: MAPPING, 2: breaker, 3: THERE})]
    server.always = lambda request: Reply(
        {number: breaker for number, each in enumerate(request.documents) if each["n"] == 3}
    )
    failed = failures(sink, numbered(5))
    assert {position: type(cause) for position, cause in failed.items()} == {2: EventFailed, 3: RetryLater}
    assert positions(server.bulks)[:3] == [[1, 2, 3, 4, 5], [1, 3], [3]]


@pytest.mark.parametrize("status", [400, 429, 500])
def test_a_refusal_without_words_is_one(server: OpenSearchOfTheTest, sink: OpenSearch, status: int) -> None:
    server.always = lambda request: Reply({0: {"status": status}})
    with pytest.raises((EventsFailed, RetryLater)) as fault:
        sink.send(numbered(1))
    [cause] = fault.value.failed.values() if isinstance(fault.value, EventsFailed) else [fault.value]
    assert str(cause) == f"status {status}"


def test_words_of_a_document_make_no_refusal_pass(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    quoted = refuse(400, "mapper_parsing_exception", "Preview of field's value: 'blocked by: [FORBIDDEN/10'")
    server.plans = [Reply({0: quoted})]
    [cause] = failures(sink, numbered(1)).values()
    assert type(cause) is EventFailed


def test_a_document_at_which_the_server_fails_is_tried_for_a_while_and_holds_up_nothing(
    server: OpenSearchOfTheTest, sink: OpenSearch
) -> None:
    broken = refuse(500, "null_pointer_exception")
    server.plans = [Reply({1: broken})]
    assert failures(sink, numbered(3)) == {}
    server.always = lambda request: Reply(
        {request.documents.index({"n": 9}): broken} if {"n": 9} in request.documents else {}
    )
    [cause] = failures(sink, documents({"n": 8}, {"n": 9})).values()
    assert (type(cause), passes_by_itself(cause)) == (EventFailed, False)


def test_an_index_that_is_missing_or_closed_to_the_user_says_what_to_do(
    server: OpenSearchOfTheTest, sink: OpenSearch
) -> None:
    missing = refuse(404, "index_not_found_exception", "no such index [logs]")
    denied = refuse(403, "security_exception", "no permissions for [indices:data/write/bulk[s]]")
    server.plans = [Reply({0: missing, 1: denied})]
    assert [str(cause) for cause in failures(sink, numbered(2)).values()] == [
        "index_not_found_exception: no such index [logs]: create the index, or allow it in action.auto_create_index",
        f"{denied['error']['type']}: {denied['error']['reason']}: {ALLOW}",
    ]


PAGE = b"<html>\r\n<head><style>p {}</style><title>502 Bad Gateway</title></head>\r\n<body></body></html>"
ALLOW = "allow create_index and indices:data/write/bulk on the index to the user or role"
NOW = [
    Reply(status=502, body=PAGE, headers={"Content-Type": "text/html"}),
    Reply(status=429, body=b"429 Too Many Requests /_bulk"),
    Reply(
        status=503, body={"error": {"type": "cluster_block_exception", "reason": "state not recovered"}, "status": 503}
    ),
    Reply(status=500, body={"error": "out of order"}),
    Reply(status=403, body={"error": {"type": "cluster_block_exception", "reason": "blocked"}, "status": 403}),
    Reply(status=403, body={"message": "The security token included in the request is expired"}),
    Reply(status=403, body={"message": "Signature expired: 20260201T000000Z is now earlier than 20260201T000400Z"}),
    Reply(body=b'{"took":1,"errors":false,"items":[{"create":{"status":201}'),
    Reply(body=b'{"took":1,"errors":false,"items":[', claims=500),
    Reply(body=b"<html>Sign in</html>"),
    Reply(body={"took": 1, "errors": False, "items": [{"create": {"status": 201}}]}),
    Reply(body={"acknowledged": True}),
    Reply(body=b""),
    Reply(cuts=True),
]


@pytest.mark.parametrize("reply", NOW, ids=lambda reply: f"{reply.status}-{str(reply.body)[2:22]}")
def test_a_request_that_was_not_answered_is_sent_again_and_is_there_once(
    server: OpenSearchOfTheTest, sink: OpenSearch, time: Time, reply: Reply
) -> None:
    server.plans = [reply]
    begun = time.now
    assert failures(sink, numbered(3)) == {}
    assert time.now > begun, "the pause is the sink's, and not the client's"
    assert positions(server.bulks) == [[1, 2, 3], [1, 2, 3]]
    assert [document["n"] for document in server.held.values()] == [1, 2, 3]


@pytest.mark.parametrize("reply", NOW, ids=lambda reply: f"{reply.status}-{str(reply.body)[2:22]}")
def test_a_request_that_is_never_answered_waits_as_a_whole(
    server: OpenSearchOfTheTest, sink: OpenSearch, time: Time, reply: Reply
) -> None:
    server.always = lambda request: reply
    begun = time.now
    with pytest.raises((RetryLater, ConnectionError)) as fault:
        sink.send(numbered(3))
    assert passes_by_itself(fault.value)
    assert str(fault.value).startswith(server.url.removeprefix("http://"))
    assert 5 < time.now - begun <= 10


def test_a_page_is_told_by_its_words(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.always = lambda request: NOW[0]
    with pytest.raises(RetryLater) as fault:
        sink.send(numbered(1))
    assert str(fault.value) == f"{sink.destination.removesuffix('/logs')} answers 502: 502 Bad Gateway"


@pytest.mark.parametrize("text", ["120", "Wed, 21 Oct 2065 07:28:00 GMT"])
def test_retry_after_is_obeyed_at_once(server: OpenSearchOfTheTest, sink: OpenSearch, text: str) -> None:
    server.plans = [Reply(status=429, body=b"busy", headers={"Retry-After": text})]
    with pytest.raises(RetryLater) as fault:
        sink.send(numbered(2))
    assert fault.value.after == (120 if text == "120" else 12 * 3600)
    assert len(server.bulks) == 1


def test_nothing_is_sent_to_a_destination_that_has_just_refused(server: OpenSearchOfTheTest, time: Time) -> None:
    sink = make_sink(server, time, size=2)
    server.plans = [Reply({0: MAPPING}), Reply(status=429, body=b"busy", headers={"Retry-After": "7"})]
    failed = failures(sink, numbered(6))
    assert {position: type(cause) for position, cause in failed.items()} == {
        1: EventFailed, **dict.fromkeys((3, 4, 5, 6), RetryLater),
    }  # fmt: skip
    assert positions(server.bulks) == [[1, 2], [3, 4]]


def test_what_is_refused_for_good_does_not_wait_with_the_others(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    server.plans = [Reply({0: MAPPING, 1: BUSY})]
    server.always = lambda request: Reply({0: BUSY})
    assert {n: type(cause) for n, cause in failures(sink, numbered(2)).items()} == {1: EventFailed, 2: RetryLater}


def test_a_server_that_is_not_there_is_a_fault_that_passes(time: Time) -> None:
    with serve(OpenSearchOfTheTest()) as server:
        pass
    with pytest.raises(ConnectionError, match=r"^127\.0\.0\.1:\d+ cannot be reached: ") as fault:
        make_sink(server, time).send(numbered(2))
    assert passes_by_itself(fault.value)


def test_a_server_that_does_not_answer_is_a_fault_that_passes(time: Time) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        sink = OpenSearch(
            f"http://127.0.0.1:{silent.getsockname()[1]}", "logs", answer_seconds=0.01,
            backoff=Backoff(patience=1, first=0.3, sleep=time.sleep, clock=time),
        )  # fmt: skip
        begun = time.now
        with pytest.raises(TimeoutError, match=r"^127\.0\.0\.1:\d+ has not answered in 0\.01 seconds$"):
            sink.send(numbered(2))
    assert time.now > begun


def test_a_request_that_is_too_long_is_split_until_it_is_taken(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    too_long = Reply(status=413, body={"Message": "Request size exceeded 10485760 bytes"})
    server.always = lambda request: too_long if len(request.documents) > 2 or {"n": 5} in request.documents else None
    [(position, cause)] = failures(sink, numbered(6)).items()
    assert (position, type(cause)) == (5, EventFailed)
    assert str(cause).startswith("the document has 78 bytes: 127.0.0.1:")
    assert str(cause).endswith(" answers 413: Request size exceeded 10485760 bytes")
    assert sorted(document["n"] for document in server.held.values()) == [1, 2, 3, 4, 6]


def test_requests_are_within_their_bytes(server: OpenSearchOfTheTest, time: Time) -> None:
    sink = make_sink(server, time, most_bytes=5000, gzip=False)
    assert failures(sink, numbered(50, text="x" * 1000)) == {}
    assert len(server.held) == 50
    assert all(3000 < len(request.body) <= 5000 for request in server.bulks[:-1])


def test_what_was_taken_is_not_sent_again_where_a_later_request_is_refused(
    server: OpenSearchOfTheTest, time: Time
) -> None:
    server.always = lambda request: Reply(status=403) if {"n": 3} in request.documents else None
    sink = make_sink(server, time, most_bytes=80, ids=False)  # Two documents a request.
    failed = failures(sink, numbered(6))
    assert {position: type(cause) for position, cause in failed.items()} == dict.fromkeys((3, 4), HttpRefused)
    assert [[each["n"] for each in request.documents] for request in server.bulks] == [[1, 2], [3, 4], [5, 6]]


def test_a_document_that_is_too_large_fails_before_a_request(server: OpenSearchOfTheTest, time: Time) -> None:
    sink = make_sink(server, time, most_bytes=5000)
    failed = failures(sink, documents({"n": 1}, {"n": 2, "text": "x" * 5000}, {"n": 3}))
    assert {position: str(cause)[-38:] for position, cause in failed.items()} == {
        2: "bytes, and the destination takes 5,000"
    }
    assert positions(server.bulks) == [[1, 3]]


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (["a"], 'the document is not a JSON object: ["a"]'),
        ("text", 'the document is not a JSON object: "text"'),
        ({"text": "\ud800"}, "the document cannot be written as JSON"),
        (msgspec.Raw(b'{"n":\n'), "the document is not JSON"),
    ],
)
def test_what_is_not_a_document_fails_before_a_request(
    server: OpenSearchOfTheTest, sink: OpenSearch, body: Any, text: str
) -> None:
    failed = failures(sink, documents({"n": 1}, body))
    assert [(position, str(cause)[: len(text)]) for position, cause in failed.items()] == [(2, text)]
    assert positions(server.bulks) == [[1]]


def test_nothing_is_asked_where_nothing_is_left_to_send(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    assert list(failures(sink, documents(1))) == [1]
    assert failures(sink, []) == {}
    assert server.bulks == []


def test_raw_json_of_several_lines_is_one_document(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    raw = msgspec.Raw(b'{"n":\n1, "text": "a\\nb"}')
    assert failures(sink, documents(raw)) == {}
    assert server.sent() == [[{"n": 1, "text": "a\nb"}]]


def test_documents_of_one_event_have_an_id_each(server: OpenSearchOfTheTest, sink: OpenSearch) -> None:
    meta, other = make_meta(position=1), make_meta(position=2)
    batch = [Document(meta, {"n": 1}, 0), Document(other, {"n": 2}), Document(meta, {"n": 3}, 1)]
    for _ in range(2):
        sink.send(batch)
    ids = [action["_id"] for action in server.bulks[0].actions]
    assert ids == [f"{meta.event_id}.0", other.event_id, f"{meta.event_id}.1"]
    assert len(server.held) == 3


def test_a_second_function_has_ids_of_its_own(server: OpenSearchOfTheTest, time: Time) -> None:
    [document] = numbered(1)
    make_sink(server, time).send([document])
    make_sink(server, time, id_suffix="-slim").send([document])
    assert [id for _, id in server.held] == [document.meta.event_id, f"{document.meta.event_id}-slim"]


def test_a_collection_that_takes_no_ids_gets_none(server: OpenSearchOfTheTest, time: Time) -> None:
    make_sink(server, time, ids=False).send(numbered(1))
    assert server.bulks[0].actions == [{"_index": "logs"}]


def test_a_pipeline_is_named_in_the_request(server: OpenSearchOfTheTest, time: Time) -> None:
    make_sink(server, time, pipeline="geo & more").send(numbered(1))
    assert server.bulks[0].path == "/_bulk?pipeline=geo%20%26%20more"


def test_a_document_of_a_data_stream_gets_the_time_that_it_lacks(server: OpenSearchOfTheTest, time: Time) -> None:
    sink = make_sink(server, time, "logs-{format}", data_stream=True)
    bodies = [{"n": 1}, {"n": 2, "@timestamp": "2020-01-01T00:00:00Z"}, {}]
    batch = [Document(make_meta(position=n, timestamp=1_770_000_000.25), body) for n, body in enumerate(bodies)]
    sink.send(batch)
    assert server.sent() == [
        [
            {"@timestamp": "2026-02-02T02:40:00.250Z", "n": 1},
            {"@timestamp": "2020-01-01T00:00:00Z", "n": 2},
            {"@timestamp": "2026-02-02T02:40:00.250Z"},
        ]
    ]
    assert [index for index, _ in server.held] == ["logs-json"] * 3


def test_json_of_a_data_stream_that_is_broken_fails_alone(server: OpenSearchOfTheTest, time: Time) -> None:
    sink = make_sink(server, time, data_stream=True)
    failed = failures(sink, documents({"n": 1}, msgspec.Raw(b'{"n":')))
    assert [(n, str(cause)[:24]) for n, cause in failed.items()] == [(2, "the document is not JSON")]


@pytest.mark.parametrize(("index", "data_stream"), [("logs-{time:%Y}", False), ("logs", True)])
def test_an_event_whose_time_cannot_be_read_is_sent_with_that_of_its_object(
    server: OpenSearchOfTheTest, time: Time, index: str, data_stream: bool
) -> None:
    sink = make_sink(server, time, index, data_stream=data_stream)
    broken = make_meta({"eventTime": "yesterday"}, format="cloudtrail", position=2)
    sink.send([*numbered(1), Document(broken, {"n": 2})])
    assert positions(server.bulks) == [[1, 2]]


REFUSED = [
    (401, b"Unauthorized", "answers 401: Unauthorized; give auth= or api_key="),
    (
        403,
        {"error": {"type": "security_exception", "reason": "no permissions for [indices:data/write/bulk]"}},
        "answers 403: security_exception: no permissions for [indices:data/write/bulk]; give auth= or api_key=",
    ),
    (404, b"", "answers 404: Not Found; check that the URL is that of the cluster itself"),
    (
        301,
        b"",
        "answers 301, a redirect to other.example.com, and a sink follows none; give it the URL that answers itself",
    ),
    (
        400,
        {"error": {"type": "illegal_argument_exception", "reason": "Malformed line [1]"}},
        "answers 400: illegal_argument_exception: Malformed line [1]; check the URL, the index and the pipeline",
    ),
    (501, b"", "answers 501: Not Implemented; check that the URL is that of the cluster itself"),
]


@pytest.mark.parametrize(("status", "body", "text"), REFUSED, ids=lambda value: str(value)[:3])
def test_a_refusal_of_all_says_in_one_sentence_what_to_do(
    server: OpenSearchOfTheTest, sink: OpenSearch, status: int, body: Any, text: str
) -> None:
    server.always = lambda request: Reply(status=status, body=body, headers={"Location": "https://other.example.com/"})
    with pytest.raises(HttpRefused) as fault:
        sink.send(numbered(2))
    assert str(fault.value) == f"{sink.destination.removesuffix('/logs')} {text}"
    assert (fault.value.status, passes_by_itself(fault.value)) == (status, False)
    assert len(server.bulks) == 1
