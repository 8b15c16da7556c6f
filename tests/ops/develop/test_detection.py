"""`slips detect`: the format of a file, from its beginning."""

from __future__ import annotations

import bz2
import gzip
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from slips.formats.base import Format
from slips.formats.raw import RawFormat
from slips.formats.registry import all_formats, get
from slips.ops.cli.detect import detect_format
from slips.ops.develop.detection import HEAD_BYTES, detect
from tests.each_case import each_case
from tests.formats import corpus
from tests.formats.reading import LANDED

FORMATS = [known for known in all_formats() if not isinstance(known, RawFormat)]
TWINS = {
    # nginx and Apache write the combined format alike. nginx does so unless told otherwise, Apache writes the common.
    "apache-access": "nginx-access",
    # JSON of any application, of which nothing but the time is known.
    "ecs-hako": "json",
}
"""Formats whose example might as well be of another: what is proposed instead."""


def first(content: bytes) -> str:
    """Return the name of the first proposal."""
    return next((proposal.name for proposal in detect([content], LANDED)), "nothing")


@each_case("known", FORMATS, ids=lambda known: known.name)
def test_every_format_is_detected_by_its_own_example(known: Format) -> None:
    assert first(known.example) == TWINS.get(known.name, known.name)


@each_case("name", sorted(TWINS))
def test_a_twin_is_among_the_proposals(name: str) -> None:
    assert name in [proposal.name for proposal in detect([get(name).example], LANDED)]


@pytest.mark.slow
@corpus.needed
def test_of_real_samples_nine_in_ten_are_detected() -> None:
    rows = corpus.samples()
    missed = [row["file"] for row in rows if first((corpus.FOLDER / row["file"]).read_bytes()) != row["format"]]
    assert len(missed) <= len(rows) // 10, missed


@each_case(
    "content",
    [
        b"", b"\n\n", b"lorem ipsum dolor sit amet", b"\x00\x01\x02\xff" * 100, b"[1,2,3]", b"<html><body/></html>",
        b"lorem ipsum\n" * 50,
    ],
)  # fmt: skip
def test_what_is_of_no_format_gets_no_sure_proposal(content: bytes) -> None:
    assert [proposal for proposal in detect([content], LANDED) if proposal.confidence > 0.3] == []


@each_case(
    ("record", "name"),
    [
        (b'{"stageTimestamp":"2026-03-01T12:00:00Z"}', "kubernetes-audit"),
        (b'{"effective_at":1772366400}', "openai-audit"),
        (b'{"created_at":"2026-03-01T12:00:00Z"}', "json"),
    ],
)
def test_a_short_record_shows_itself_by_the_field_of_its_time_if_no_other_format_has_it(
    record: bytes, name: str
) -> None:
    assert first(record) == name


FOREIGN = (
    b"2026-03-01 09:15:02,481 INFO [main] org.example.Shop: started in 3 s",
    b"2026-03-01T09:15:02.481Z  WARN 1 --- [           main] org.example.Shop      : slow start",
    b"2026-03-01T09:15:02+01:00 ERROR shop: no stock",
    b"2026-03-01 09:15:02,481 shop: no stock",
    b"2026/03/01 09:15:02 listening on :8080",
    b"[2026-03-01 09:15:02,481] INFO [Log partition=orders-0] Loaded (kafka.log.Log)",
)
"""Lines of applications, each beginning with a time as lines of many formats do."""


@each_case("line", FOREIGN)
def test_a_time_at_the_start_of_a_line_says_little(line: bytes) -> None:
    proposals = detect([line + b"\n" + line], LANDED)
    assert [name for name, confidence, _ in proposals if confidence > 0.8 or name == "apache-error"] == []
    assert [name for name, confidence, _ in proposals if name.startswith("syslog") and confidence > 0.4] == []


@each_case(
    ("line", "name"),
    [
        (b"<38>Mar  1 09:15:02 web-3 sshd[4711]: closed", "syslog-rfc3164"),
        (b"<38>Mar  1 2026 09:15:02 CET web-3 sshd[4711]: closed", "syslog"),
        (b"<38>sshd[4711]: closed", "syslog"),
        (b"2026-03-01T09:15:02.481+01:00 web-3 sshd[4711]: closed", "syslog"),
        (b"<38>Mar  1 09:15:02 lb-1 haproxy[1]: Proxy app started.", "haproxy"),
        (b"<38>1 2026-03-01T09:15:02Z app app 4711 - - closed", "syslog-rfc5424"),
        (b"<38>1 2026-03-01T09:15:02Z gw-1 CheckPoint 1 - [action:\"Drop\"; ifdir:\"inbound\"; time:\"1772356502\"]",
         "checkpoint"),
    ],
)  # fmt: skip
def test_a_header_of_syslog_comes_behind_what_a_vendor_writes_after_it(line: bytes, name: str) -> None:
    proposals = detect([line], LANDED)
    assert proposals[0].name == name
    assert [known for known, confidence, _ in proposals if known.startswith("syslog") and confidence > 0.8] == []


@each_case(
    "record",
    [
        b'{"timestamp":"2026-03-01T09:15:02Z","level":"info","message":"listening","service":"shop"}',
        b'{"time":"2026-03-01T09:15:02Z","source":"shop","account":"liz","detail":{"a":1},"region":"north"}',
        b'{"timestamp":"2026-03-01T09:15:02Z","id":"1","user":"liz","action":"login","host":"web-3"}',
        b'{"eventTime":"2026-03-01T09:15:02Z","eventName":"bought","userId":"liz"}',
    ],
)
def test_fields_that_any_application_writes_make_no_vendor(record: bytes) -> None:
    assert first(record) == "json"


def test_the_host_in_front_of_an_access_line_is_apaches() -> None:
    line = b' 192.0.2.41 - - [01/Mar/2026:09:15:02 +0000] "GET / HTTP/1.1" 200 5 "-" "Mozilla/5.0"'
    assert first(b"www.example.com:443" + line) == first(b"www.example.com:443" + line + b" 17") == "apache-access"


def test_what_two_formats_read_alike_is_said_and_left_to_a_person() -> None:
    nginx, apache = detect([get("apache-access").example], LANDED)[:2]
    assert (nginx.name, apache.name) == ("nginx-access", "apache-access")
    assert nginx.confidence == apache.confidence == 0.75
    assert "; apache-access reads the same here: choose by what writes the file" in nginx.why
    assert "; nginx-access reads the same here" in apache.why


def test_what_one_format_reads_otherwise_is_decided() -> None:
    proposal = detect([get("nginx-access").example], LANDED)[0]
    assert proposal.name == "nginx-access"
    decided = detect([get("squid").example], LANDED)[0]
    assert decided.confidence > 0.8
    assert "reads the same" not in decided.why


def test_the_name_of_a_time_that_few_formats_have_puts_them_among_the_proposals_of_a_short_record() -> None:
    record = b'{"Timestamp":"2026-03-01T09:15:02Z"}'
    assert [proposal.name for proposal in detect([record], LANDED)][:3] == [
        "json", "cloudflare-dns", "cloudflare-spectrum"
    ]  # fmt: skip
    longer = b'{"stageTimestamp":"2026-03-01T09:15:02Z","a":1,"b":2}'
    assert first(longer) == "json"


@each_case(
    ("document", "known"),
    [
        (b'{"Records":[]}', True),
        (b'{ "Records" : [\n] }\n', True),
        (b'{"Records":[{}]}', False),
        (b'{"Rows":[]}', False),
    ],
)
def test_a_document_without_events_may_be_of_a_format_that_names_its_array_so(document: bytes, known: bool) -> None:
    assert ("cloudtrail" in [proposal.name for proposal in detect([document], LANDED)]) is known


def test_a_few_broken_records_make_it_less_sure_but_not_another() -> None:
    good = get("okta").example
    proposals = detect([good + b"\n{broken\n" + good + b"\n" + good], LANDED)
    whole = detect([good + b"\n" + good], LANDED)
    assert proposals[0].name == "okta"
    assert 0.4 < proposals[0].confidence < whole[0].confidence
    assert "1 record broken" in proposals[0].why


def test_events_without_a_time_make_it_less_sure() -> None:
    without = json.dumps({k: v for k, v in json.loads(get("okta").example).items() if k != "published"}).encode()
    assert detect([without], LANDED)[0].confidence < detect([get("okta").example], LANDED)[0].confidence


def test_the_reason_names_events_times_and_signs() -> None:
    why = detect([get("cloudtrail").example], LANDED)[0].why
    assert why.startswith("1 event, all with a time; eventVersion, ")


def test_a_document_is_looked_into() -> None:
    document = b'{"Records":[' + b",".join([get("cloudtrail").example] * 3) + b"]}"
    proposal = detect([document], LANDED)[0]
    assert (proposal.name, proposal.why[:8]) == ("cloudtrail", "3 events")


def test_of_a_large_object_only_the_beginning_is_read() -> None:
    pulled = 0

    def endless() -> Iterator[bytes]:
        nonlocal pulled
        while True:
            pulled += 1
            yield (get("alb").example + b"\n") * 50

    assert detect(endless(), LANDED)[0].name == "alb"
    assert pulled * len(get("alb").example) * 50 < 2 * HEAD_BYTES


@each_case("end", [b"", b"]}"])
def test_a_document_larger_than_the_head_is_detected(end: bytes) -> None:
    document = b'{"Records":[' + b",".join([get("cloudtrail").example] * 1500) + end
    assert len(document) > HEAD_BYTES
    assert first(document) == "cloudtrail"


def test_a_bomb_costs_no_more_than_the_head() -> None:
    assert detect([gzip.compress(b"\0" * 50_000_000)], LANDED) == []


def test_a_damaged_archive_is_read_as_far_as_it_goes() -> None:
    packed = gzip.compress(b"\n".join(get("alb").example.replace(b"0.048", b"0.%03d" % at) for at in range(500)))
    assert first(packed[: len(packed) // 2]) == "alb"


def test_the_content_of_an_envelope_is_proposed_as_a_chain() -> None:
    lines = [
        json.dumps({"log": get("haproxy").example.decode() + "\n", "stream": "stdout", "time": "2026-03-01T09:15:03Z"})
    ] * 3
    names = [proposal.name for proposal in detect(["\n".join(lines).encode()], LANDED)]
    assert names[:2] == ["docker-json", "docker-json,haproxy"]


@each_case("compress", [bytes, gzip.compress, bz2.compress])
def test_the_command_takes_plain_and_compressed_files(compress: type[bytes], tmp_path: Path) -> None:
    file = tmp_path / "log"
    file.write_bytes(compress(get("vpc-flow").example))
    done = CliRunner().invoke(detect_format, ["--json", str(file)])
    row = json.loads(done.stdout)
    assert (done.exit_code, row["file"], row["proposals"][0]["name"]) == (0, str(file), "vpc-flow")
    assert set(row["proposals"][0]) == {"name", "confidence", "why"}


def test_the_command_prints_a_line_a_proposal_the_likeliest_first(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(get("okta").example)
    (tmp_path / "b").write_bytes(get("cef").example)
    lines = CliRunner().invoke(detect_format, ["-n", "1", str(tmp_path / "a"), str(tmp_path / "b")]).stdout.splitlines()
    assert [line.split()[0].rpartition("/")[2] + line.split()[2] for line in lines] == ["a:okta", "b:cef"]


def test_the_command_fails_for_an_unknown_file_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "log").write_bytes(b"\x01\x02")
    done = CliRunner().invoke(detect_format, [str(tmp_path / "log")])
    assert (done.exit_code, done.stdout) == (1, "")
    assert "slips new-format" in done.stderr
    assert CliRunner().invoke(detect_format, [str(tmp_path / "none")]).exit_code == 2


OWN = """
stack_name: mine
bucket_mapping: {logs: [{prefix: in/, format: gateway}]}
formats:
  gateway:
    line: '%{time:at} %{ip:client}:%{int:port} %{word:method} took=%{float:took}'
  orders:
    columns: {at: time, order: int, total: float}
    header: true
"""


@pytest.mark.parametrize(
    ("content", "name", "is_proposed"),
    [
        ("2026-03-01 09:15:02 192.0.2.10:4711 GET took=3.5\n", "gateway", True),
        ("2026-03-01 09:15:02 192.0.2.10:4711 GET took=long\n", "gateway", False),
        ("at,order,total\n2026-03-01T09:15:02Z,7,12.5\n", "orders", True),
        ("time,level\n2026-03-01T09:15:02Z,info\n", "orders", False),
    ],
)
def test_a_pattern_format_of_slips_yml_is_proposed_first_for_what_it_reads(
    content: str, name: str, is_proposed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "slips.yml").write_text(OWN)
    (tmp_path / "log").write_text(content)
    lines = CliRunner().invoke(detect_format, ["log"]).stdout.splitlines()
    assert (lines[0].split()[1] == name) is is_proposed
    assert (name in [line.split()[1] for line in lines]) is is_proposed


@pytest.mark.parametrize("config", [None, "formats: 1\n"])
def test_a_missing_or_wrong_slips_yml_keeps_no_file_from_being_detected(
    config: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    if config:
        (tmp_path / "slips.yml").write_text(config)
    (tmp_path / "log").write_bytes(get("okta").example)
    assert CliRunner().invoke(detect_format, ["log"]).stdout.split()[1] == "okta"


def test_the_command_reads_standard_input() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from slips.ops.cli import main; main()", "detect", "-"],
        input=gzip.compress(get("squid").example), capture_output=True, timeout=60, check=True,
    )  # fmt: skip
    assert done.stdout.split()[1] == b"squid"
