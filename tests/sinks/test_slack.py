"""A channel gets a message for each group, one a second, and is not told the same again and again."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips import RetryLater
from slips.sinks import Document, Slack
from slips.sinks.http_answers import HttpRefused
from slips.sinks.quiet_groups import MOST_GROUPS, QuietGroups
from slips.sinks.slack import MOST_CHARACTERS, escape
from slips.testing import make_meta

from ..error_table import Time
from .documents import failures
from .http_server import CUT, Destination, Reply, Request, patience

HOOK = "/services/T000/B000/xyzzy-12345"


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def make_sink(server: Destination, time: Time) -> Any:
    server.usual = Reply(200, "ok")
    return lambda **options: Slack(server.url + HOOK, **{"backoff": patience(time=time), **options})


def events(*names: str) -> list[Document]:
    return [
        Document(make_meta(message=name, tag=f"tag.{name}", position=number), {"name": name, "n": number})
        for number, name in enumerate(names, 1)
    ]


def messages(server: Destination) -> list[str]:
    return [json.loads(request.body)["text"] for request in server.requests]


def test_a_group_of_a_batch_is_a_message_with_its_count(server: Destination, make_sink: Any) -> None:
    assert failures(make_sink(), events("login", "logout", "login", "login")) == {}
    assert messages(server) == ["login (×3)", "logout"]
    assert (server.requests[0].path, server.requests[0].headers["Content-Type"]) == (HOOK, "application/json")


def test_a_format_names_meta_and_event(server: Destination, make_sink: Any) -> None:
    sink = make_sink(text="*{meta.tag}* {event[name]} <https://wiki|wiki>", group_by="{meta.format}")
    assert failures(sink, events("<!channel>&", "b")) == {}
    assert messages(server) == ["*tag.&lt;!channel&gt;&amp;* &lt;!channel&gt;&amp; <https://wiki|wiki> (×2)"]


def test_text_and_group_may_be_functions(server: Destination, make_sink: Any) -> None:
    sink = make_sink(text=lambda meta, event: f"<{event['n']}>", group_by=lambda meta, event: event["name"])
    assert failures(sink, events("a", "b", "a")) == {}
    assert messages(server) == ["<1> (×2)", "<2>"]


def test_an_event_that_the_text_does_not_fit_fails_alone(server: Destination, make_sink: Any) -> None:
    batch = events("a", "b")
    del batch[0].body["name"]
    failed = failures(make_sink(text="{event[name]}", group_by="all"), batch)
    assert {position: repr(cause) for position, cause in failed.items()} == {1: "KeyError('name')"}
    assert messages(server) == ["b"]


def test_messages_are_a_second_apart_in_all_batches(make_sink: Any, server: Destination, time: Time) -> None:
    begun, sent = time.now, list[float]()

    def answer(request: Request) -> None:
        sent.append(time.now - begun)

    server.answer = answer
    sink = make_sink()
    assert failures(sink, events("a", "b", "c")) == failures(sink, events("d")) == {}
    assert sent == [0, 1, 2, 3]
    time.sleep(10)
    assert failures(sink, events("e")) == {}
    assert sent[-1] == 13


def test_the_rate_may_be_another_one(make_sink: Any, time: Time) -> None:
    begun = time.now
    assert failures(make_sink(rate=0.1), events("a", "b", "c")) == {}
    assert time.now - begun == 20


def test_of_many_groups_the_others_wait(server: Destination, make_sink: Any) -> None:
    failed = failures(make_sink(most_messages=2), events("a", "b", "c", "a", "d", "c"))
    assert messages(server) == ["a (×2)", "b"]
    assert {position: type(cause) for position, cause in failed.items()} == dict.fromkeys((3, 5, 6), RetryLater)
    assert str(failed[3]) == "4 messages are too many for a batch; they come one after the other"


def test_a_group_is_quiet_after_its_message(server: Destination, make_sink: Any, time: Time) -> None:
    sink = make_sink(quiet_seconds=60)
    for _ in range(3):
        assert failures(sink, events("a", "a")) == {}
    assert failures(sink, events("b")) == {}
    time.sleep(60)
    for _ in range(2):
        assert failures(sink, events("a", "a")) == {}
    assert messages(server) == ["a (×2)", "b", "a (×2, 4 more since the last message)"]


def test_a_group_whose_message_failed_is_not_quiet(server: Destination, make_sink: Any) -> None:
    server.replies = [Reply(429, "rate_limited", {"Retry-After": "30"}), Reply(400, "invalid_payload")]
    sink = make_sink(quiet_seconds=60)
    with pytest.raises(RetryLater) as caught:
        sink.send(events("a"))
    assert caught.value.after == 30
    failed = failures(sink, events("a", "a"))
    assert sorted(failed) == [1, 2], "of a message that is refused, all events of its group"
    assert str(failed[2]).endswith("answers 400: invalid_payload")
    assert failures(sink, events("a")) == {}
    assert len(server.requests) == 3


def test_a_message_that_was_sent_is_not_sent_again_where_a_later_one_fails(server: Destination, make_sink: Any) -> None:
    server.replies = [Reply(200, "ok"), Reply(429, "rate_limited")]
    failed = failures(make_sink(), events("a", "b", "a", "c", "b"))
    assert {position: type(cause) for position, cause in failed.items()} == dict.fromkeys((2, 4, 5), RetryLater)


def test_a_cut_connection_is_sent_again_a_second_later(server: Destination, make_sink: Any) -> None:
    server.replies = [CUT]
    assert failures(make_sink(), events("a")) == {}
    assert messages(server) == ["a", "a"]


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        (Reply(403, "action_prohibited"), "action_prohibited; allow the webhook to post in its channel"),
        (Reply(404, "no_service"), "no_service; the webhook or its channel is gone; make another one"),
        (Reply(410, "channel_is_archived"), "channel_is_archived; the channel is archived"),
        (Reply(200, "<html>"), "answers 200, but not as Slack does; check the webhook"),
    ],
)
def test_what_is_not_of_an_event_is_said_for_all(server: Destination, make_sink: Any, reply: Reply, text: str) -> None:
    server.usual = reply
    with pytest.raises(HttpRefused) as caught:
        make_sink().send(events("a", "b"))
    assert text in str(caught.value)
    assert "xyzzy" not in str(caught.value)


def test_a_long_text_is_shortened(server: Destination, make_sink: Any) -> None:
    assert failures(make_sink(), events("x" * (MOST_CHARACTERS + 1))) == {}
    assert messages(server) == ["x" * MOST_CHARACTERS + "…"]


def test_functions_can_escape() -> None:
    assert escape("<a> & b") == "&lt;a&gt; &amp; b"


def test_more_groups_than_can_be_remembered_are_forgotten(time: Time) -> None:
    groups = QuietGroups(60, time)
    for number in range(MOST_GROUPS + 1):
        groups.begin(str(number))
    assert (groups.is_quiet("0"), groups.is_quiet("1"), groups.is_quiet(str(MOST_GROUPS))) == (False, True, True)
    groups.begin("1")
    groups.begin("another")
    assert (groups.is_quiet("1"), groups.is_quiet("2")) == (True, False), "it began anew"
    groups.withhold("0", 1)
    assert groups.count_withheld("0") == 0


def test_a_webhook_by_reference_needs_a_policy() -> None:
    sink = Slack("ssm:/slack/alerts")
    assert (sink.destination, sink.concurrency) == ("ssm:/slack/alerts", 1)
    assert [statement["Action"] for statement in sink.statements()] == [["ssm:GetParameter"]]


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ({"rate": 0}, "rate is a number of messages a second, such as 1, not 0"),
        ({"text": "{message}"}, r"or a function of \(meta, event\); it names {message}"),
        ({"text": "{event[name}"}, r"or a function of \(meta, event\): expected '}'"),
        ({"group_by": 7}, r"group_by is a format such as .*, not 7"),
        ({"webhook": "hooks.slack.com"}, "a URL is written as https://host/path"),
    ],
)
def test_arguments_are_checked_at_once(arguments: dict[str, Any], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        Slack(**{"webhook": "https://hooks.slack.com/services/x", **arguments})
