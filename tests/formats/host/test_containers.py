"""Docker and CRI."""

from __future__ import annotations

import json
from typing import Any

import pytest

from slips.errors import ParseError
from slips.formats.base import ObjectInfo, events_of
from slips.formats.chain import compile_chain
from slips.formats.host import containers
from slips.formats.registry import get
from tests.each_case import each_case

from ..reading import one, read

T1, T2 = b"2026-03-01T09:15:02.123456789Z", b"2026-03-01T10:15:03+01:00"


def unfinished(*records: bytes) -> list[dict[str, Any]]:
    parser = get("cri").parser(ObjectInfo())
    for record in records:
        parser.decode(record)
    return [event for _, event in events_of(parser.finish())]


def test_a_full_line_is_an_event() -> None:
    line = one("cri", T1 + b" stdout F listening on :8080")
    assert line.event == {
        "time": T1.decode(),
        "stream": "stdout",
        "logtag": "F",
        "message": "listening on :8080",
    }
    assert (line.tag, line.time) == ("cri", "2026-03-01T09:15:02.123456+00:00")


def test_partial_lines_are_joined_by_stream_with_the_time_of_the_first() -> None:
    lines = read(
        "cri", T1 + b" stdout P one ", T2 + b" stderr F other", T2 + b" stdout P two ", T2 + b" stdout F three"
    )
    assert [line["message"] for line in lines] == ["other", "one two three"]
    assert lines[1].event["logtag"] == "F"
    assert lines[1].time == "2026-03-01T09:15:02.123456+00:00"


def test_a_stream_begins_again_after_its_full_line() -> None:
    lines = read("cri", T1 + b" stdout P a", T1 + b" stdout F b", T1 + b" stdout F c")
    assert [line["message"] for line in lines] == ["ab", "c"]


def test_an_unfinished_line_is_not_lost_at_the_end_of_the_object() -> None:
    (event,) = unfinished(T1 + b" stdout P one ", T2 + b" stdout P two")
    assert (event["message"], event["logtag"], event["time"]) == ("one two", "P", T1.decode())
    assert unfinished(T1 + b" stdout P a", T1 + b" stdout F b") == []


def test_a_line_without_end_becomes_several_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_JOINED", 2 * (len(T1 + b" stdout P abc") + containers.PART))
    lines = read("cri", T1 + b" stdout P abc", T1 + b" stdout P def", T1 + b" stdout F g")
    assert [line["message"] for line in lines] == ["abcdef", "g"]


def test_parts_without_text_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_JOINED", 10_000)
    assert len(read("cri", *[T1 + b" stdout P"] * 110)) == 2


def test_records_before_a_resume_point_are_looked_at_too() -> None:
    assert get("cri").parser(ObjectInfo()).header_records > 10**12


@each_case("line", [T1 + b" stdout F", T1 + b" stdout F:x ", T2 + b" stderr F "])
def test_an_empty_line_of_a_container_is_an_event(line: bytes) -> None:
    assert one("cri", line)["message"] == ""


@each_case("broken", [b"", b"hello", T1 + b" stdlog F x", T1 + b" stdout X x", b"9x stdout F x", b"\xff"])
def test_what_is_not_a_cri_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("cri", broken)


def test_docker_wraps_a_line() -> None:
    line = one("docker-json", b'{"log":"up\\n","stream":"stdout","time":"2026-03-01T09:15:02.123456789Z"}')
    assert (line.event["log"], line.tag, line.time) == ("up\n", "docker", "2026-03-01T09:15:02.123456+00:00")


def test_as_an_envelope_docker_gives_its_line_without_the_line_end() -> None:
    parser = compile_chain(["s3-lines", "docker-json", "apache-access"], frozenset({"s3-lines"})).parser(ObjectInfo())
    record = b'{"log":"192.0.2.41 - - [01/Mar/2026:09:15:02 +0000] \\"GET / HTTP/1.1\\" 200 5\\n","time":"%s"}' % T1
    ((_, event),) = events_of(parser.decode(record))
    assert event["status"] == 200


def test_in_a_chain_unfinished_cri_lines_pass_the_formats_behind() -> None:
    parser = compile_chain(["s3-lines", "cri", "json"], frozenset({"s3-lines"})).parser(ObjectInfo())
    assert parser.decode(T1 + b' stdout P {"a":') is None
    ((_, joined),) = events_of(parser.decode(T1 + b" stdout F 1}"))
    assert joined == {"a": 1}
    parser.decode(T1 + b' stdout P {"b":2}')
    ((overrides, event),) = events_of(parser.finish())
    assert event == {"b": 2}
    assert overrides["timestamp"] == pytest.approx(1772356502.123456)


def docker(log: str, stream: str = "stdout", time: bytes = T1) -> bytes:
    return json.dumps({"log": log, "stream": stream, "time": time.decode()}).encode()


def docker_events(*records: bytes) -> list[tuple[str, str]]:
    parser = get("docker-json").parser(ObjectInfo())
    decoded = [item for record in records for item in events_of(parser.read(record))]
    return [(event["log"], event["time"]) for _, event in [*decoded, *events_of(parser.finish())]]


def test_a_line_that_docker_cut_is_one_event_with_the_time_of_its_first_part() -> None:
    records = (docker("aaa"), docker("other\n", "stderr", T2), docker("bbb", time=T2), docker("cc\n", time=T2))
    assert docker_events(*records) == [("other\n", T2.decode()), ("aaabbbcc\n", T1.decode())]
    assert docker_events(docker("aaa"), docker("bbb\n"), docker("c\n")) == [
        ("aaabbb\n", T1.decode()),
        ("c\n", T1.decode()),
    ]


def test_a_cut_inside_a_character_changes_how_many_there_are() -> None:
    assert [log for log, _ in docker_events(docker("aé\ufffd"), docker("\ufffdbbb"), docker("c\n"))] == [
        "aé\ufffd\ufffdbbbc\n"
    ]


@each_case(
    "logs", [("up", "listening", "down"), ("up", "listening\n", "on"), ("up",), ("up", "ok", "no"), ("", "", "")]
)
def test_lines_without_their_ends_are_events_of_their_own(logs: tuple[str, ...]) -> None:
    assert [log for log, _ in docker_events(*map(docker, logs))] == list(logs)


def test_parts_of_a_line_that_never_ends_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(containers, "MAX_JOINED", 1000)
    parser = get("docker-json").parser(ObjectInfo())
    early = [event["log"] for _ in range(100) for _, event in events_of(parser.read(docker("aaa")))]
    late = [event["log"] for _, event in events_of(parser.finish())]
    assert (early + late, bool(early)) == (["aaa"] * 100, True)


def test_records_of_docker_before_a_resume_point_are_looked_at_too() -> None:
    parser = get("docker-json").parser(ObjectInfo())
    assert (parser.header_records > 10**12, parser.joins_records, parser.is_stateless) == (True, True, False)


@each_case("broken", [b"", b"up", b'{"log":"up\\n","time":"soon"}'])
def test_what_is_not_a_docker_line_is_refused(broken: bytes) -> None:
    with pytest.raises(ParseError):
        read("docker-json", broken)


def test_lines_of_other_streams_than_dockers_are_not_held() -> None:
    parser = get("docker-json").parser(ObjectInfo())
    for stream in ("s1", "s2", None, ["stdout"]):
        record = json.dumps({"log": "a", "stream": stream}).encode()
        assert [event["log"] for _, event in events_of(parser.read(record))] == ["a"]
    assert parser.finish() is None
