"""`slips local`, `sample`, `explain` and `capture`, against a deployment."""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

import msgspec
import pytest

from slips import aws
from slips.model import work_item
from slips.ops.develop.project import load_project
from slips.testing import SlipsTester

from .conftest import Deployed


def items(deployed: Deployed, key: str, *records: object) -> str:
    ref = deployed.put(key, *records)
    (deployed.folder / "items.json").write_bytes(msgspec.json.encode([work_item(ref, "any")]))
    return "items.json"


def test_local_runs_the_functions_shows_the_traceback_and_touches_no_table(deployed: Deployed) -> None:
    ran = deployed.run("local", "-d", items(deployed, "in/local", {"n": 1}, {"n": 2, "bad": "\x1b[1m"}, "no json\n"))
    assert ran.exit_code == 1
    assert ran.stdout.splitlines()[:2] == ["kept 1 north", "result: {'kept': 1}"]
    assert "in keep\n" in ran.stderr
    assert 'raise ValueError(f"bad: {event[' in ran.stderr
    assert "runner.py" not in ran.stderr
    assert "\x1b" not in ran.output
    assert "record: no json" in ran.stderr
    assert deployed.errors("in/local") == []
    assert deployed.to.ledger.of_object(deployed.bucket, "in/local") == []


def test_local_runs_what_failed_of_an_error_item_alone(deployed: Deployed) -> None:
    request_id = deployed.failed("in/local-r", {"n": 1}, {"n": 2, "bad": 2}, {"n": 3})
    ran = deployed.run("local", "-r", request_id, "--json")
    found = json.loads(ran.stdout)
    assert (ran.exit_code, [each["positions"] for each in found["failures"]]) == (1, ["2"])
    assert found["books"][f"s3://{deployed.bucket}/in/local-r"]["processors"] == {
        "keep": {"delivered": 0, "filtered": 0, "quarantined": 1, "waiting": 0}
    }
    assert [row.attempts for row in deployed.errors("in/local-r")] == [1]


def test_as_json_what_functions_print_goes_elsewhere(deployed: Deployed) -> None:
    ran = deployed.run("local", "-d", items(deployed, "in/printing", {"n": 1}), "--json")
    assert (json.loads(ran.stdout)["results"], "kept 1 north" in ran.stderr) == ([{"kept": 1}], True)


def test_arguments_lie_over_those_of_slips_yml(deployed: Deployed) -> None:
    (deployed.folder / "args.yml").write_text("office: south\n")
    ran = deployed.run("local", "-d", items(deployed, "in/args", {"n": 1}), "-a", "args.yml")
    assert (ran.exit_code, ran.stdout.splitlines()[0]) == (0, "kept 1 south")


@pytest.mark.parametrize("as_json", [[], ["--json"]])
def test_a_secret_among_the_arguments_is_not_printed(deployed: Deployed, as_json: list[str]) -> None:
    aws.client("ssm").put_parameter(Name="/local", Value="hunter-22", Type="SecureString", Overwrite=True)
    (deployed.folder / "args.yml").write_text("token: ssm:/local\n")
    records = ({"n": 1, "bad": "hunter-22"}, '"hunter-22 is no object"\n')
    ran = deployed.run("local", "-d", items(deployed, "in/secret", *records), "-a", "args.yml", *as_json)
    assert "bad: «secret»" in ran.stderr
    assert "hunter" not in ran.output


def test_pdb_stops_where_the_function_raises_once(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    stopped: list[TracebackType] = []
    monkeypatch.setattr("pdb.post_mortem", stopped.append)
    deployed.run("local", "-d", items(deployed, "in/pdb", {"n": 1, "bad": 7}, {"n": 2, "bad": 8}), "--pdb")
    assert [trace.tb_frame.f_locals["event"] for trace in stopped] == [{"n": 1, "bad": 7}]


OWN_FORMAT = """

@slips.format("own")
def own(record):
    {body}


@slips.on_format("own")
def take(meta, event):
    pass
"""


@pytest.mark.parametrize("body", ["return {'n': int(record)}", "yield {'n': int(record)}"])
def test_pdb_stops_in_a_parser_too(deployed: Deployed, monkeypatch: pytest.MonkeyPatch, body: str) -> None:
    app, config = deployed.folder / "app.py", deployed.folder / "slips.yml"
    before = app.read_text(), config.read_text()
    made, mapped = "slips = Slips(app)\n", "    - {prefix: in/, format: [s3-lines, json]}\n"
    app.write_text(before[0].replace(made, made + OWN_FORMAT.format(body=body)))
    config.write_text(before[1].replace(mapped, mapped + "    - {prefix: in/own/, format: [s3-lines, own]}\n"))
    stopped: list[TracebackType] = []
    monkeypatch.setattr("pdb.post_mortem", stopped.append)
    try:
        deployed.run("local", "-d", items(deployed, "in/own/pdb", "7\n", "x\n"), "--pdb")
    finally:
        app.write_text(before[0])
        config.write_text(before[1])
    assert [trace.tb_frame.f_code.co_name for trace in stopped] == ["own"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "name the work items"),
        (("-d", "nowhere.json"), "nowhere.json: No such file"),
        (("-d", "app.py"), "; `slips sample` writes such a list, and `slips parse` reads a log file"),
        (("-d", "empty.json"), "empty.json: the list is empty"),
        (("-d", "items.json", "-a", "nowhere.yml"), "-a nowhere.yml: No such file"),
        (("-d", "bad.json"), "bad.json[0]: there is no work item"),
        (("-d", "bad.json"), "`slips parse` reads a log file"),
        (("-d", "items.json", "-a", "bad.json"), "write a mapping"),
    ],
)
def test_local_used_wrongly(deployed: Deployed, arguments: tuple[str, ...], says: str) -> None:
    (deployed.folder / "bad.json").write_text('[{"x": 1}]')
    (deployed.folder / "empty.json").write_text("[]")
    items(deployed, "in/x", {"n": 1})
    ran = deployed.run("local", *arguments)
    assert (ran.exit_code, says in ran.stderr, "Traceback" in ran.output) == (2, True, False)


def test_an_object_that_is_gone_is_a_failure_in_a_line(deployed: Deployed) -> None:
    (deployed.folder / "gone.json").write_text(json.dumps({"bucket_name": deployed.bucket, "object_key": "in/gone"}))
    ran = deployed.run("local", "-d", "gone.json")
    assert (ran.exit_code, "the object is gone" in ran.stderr) == (1, True)


def test_sample_finds_an_object_for_each_mapping_and_names_those_without(deployed: Deployed) -> None:
    for key in ("csv/1-small", "csv/skip/2", "csv/3"):
        deployed.put(key, "name\nada\n" * (1 if "small" in key else 99))
    deployed.put("in/slow/sampled", {"n": 1, "fill": "x" * 200})
    ran = deployed.run("sample", "-k", "1000", "-m", "100")
    found = {each["object_key"]: each["dest_stream"] for each in json.loads(ran.stdout)}
    assert {each["aws_region"] for each in json.loads(ran.stdout)} == {"eu-central-1"}
    assert found["csv/3"] == deployed.config.fast.stream
    assert found["in/slow/sampled"] == deployed.config.slow.stream
    assert ran.exit_code == 1
    [missing] = [line for line in ran.stderr.splitlines() if "idle/" in line]
    assert missing.startswith(f"bucket_mapping.{deployed.bucket}[3]: s3://{deployed.bucket}/idle/: none of the first 0")
    assert deployed.run("sample", "-k", "1000", "-o", "sampled.json").stdout == ""
    assert deployed.run("local", "-d", "sampled.json").exit_code in (0, 1)


def explained(deployed: Deployed, *arguments: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(deployed.run("explain", *arguments, "--json").stdout)
    return found


def test_explain_tells_the_whole_way_of_an_object_and_delivers_nothing(deployed: Deployed) -> None:
    deployed.process(deployed.put("in/slow/a\x1b", {"n": 0, "time": "2026-03-01T09:15:02Z"}, {"n": 2}))
    url = f"s3://{deployed.bucket}/in/slow/a\x1b"
    ran = deployed.run("explain", url)
    assert ran.exit_code == 0, ran.output
    assert "\x1b" not in ran.stdout
    assert "kept" not in ran.stdout
    lines = [" ".join(line.split()) for line in ran.stdout.splitlines()]
    assert "lane slow by routing[2] (prefix: in/slow/)" in lines
    assert "shadowed routing[3] (prefix: in/) → fast" in lines
    path = f"bucket_mapping.{deployed.bucket}"
    assert f"mapping {path}[1] (bucket: {deployed.bucket}, prefix: in/slow/)" in lines
    assert f"shadowed {path}[0] (bucket: {deployed.bucket}, prefix: in/) → s3-lines, json" in lines
    assert "1 json 2026-03-01T09:15:02.000Z → also" in lines
    assert any(line.startswith("2 json 20") and line.endswith("(object) → keep, also") for line in lines)
    assert "keep: 1 delivered, 1 filtered, 0 failed" in lines
    assert any(line.startswith("books done") for line in lines)
    assert any("records (0 skipped, 0 headers)," in line for line in lines)


def test_explain_stops_reading_after_the_first_events(deployed: Deployed) -> None:
    deployed.put("in/long", *({"n": n} for n in range(5000)))
    found = explained(deployed, f"s3://{deployed.bucket}/in/long", "-n", "3")
    preview = found["preview"]
    assert isinstance(preview, dict)
    assert ([event["position"] for event in preview["events"]], preview["records"]) == ([1, 2, 3], 3)


def test_explain_takes_a_file_in_the_place_of_an_object(deployed: Deployed) -> None:
    (deployed.folder / "rows.csv").write_text("name,time\nada,2026-03-01T09:15:02Z\nbob,2026-03-01T09:15:03Z\n")
    found = explained(deployed, "rows.csv", "--as", f"s3://{deployed.bucket}/csv/rows.csv")
    assert found["books"] is None
    preview = found["preview"]
    assert isinstance(preview, dict)
    assert [(event["position"], event["functions"]) for event in preview["events"]] == [(2, ["rows"]), (3, [])]


@pytest.mark.parametrize(
    ("key", "says", "code"),
    [
        ("nowhere/x", "no rule of `routing` matches", 1),
        ("in/missing", "there is no such object", 1),
        ("in/skip/x", "dropped", 0),
        ("in/broken", "parse at 1", 1),
    ],
)
def test_explain_says_what_is_wrong(deployed: Deployed, key: str, says: str, code: int) -> None:
    if key != "in/missing":
        deployed.put(key, "broken\n")
    ran = deployed.run("explain", f"s3://{deployed.bucket}/{key}")
    assert (ran.exit_code, says in ran.stdout) == (code, True), ran.output


def test_without_credentials_explain_says_what_slips_yml_says(
    deployed: Deployed, monkeypatch: pytest.MonkeyPatch
) -> None:
    from slips import aws

    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name)
    aws.reset()
    ran = deployed.run("explain", f"s3://{deployed.bucket}/in/x")
    aws.reset()
    assert (ran.exit_code, "routing[3]" in ran.stdout, "Unable to locate" in ran.stdout) == (1, True, True), ran.output


def test_explain_used_wrongly(deployed: Deployed) -> None:
    for arguments in (
        ["x.log"],
        ["s3://a/b", "--as", "s3://a/b"],
        ["s3://only-a-bucket"],
        ["x.log", "--as", "http://a/b"],
    ):
        assert deployed.run("explain", *arguments).exit_code == 2


def run_test(deployed: Deployed, path: str) -> None:
    """Run a written test, as pytest does."""
    variables: dict[str, Any] = {"__file__": str(deployed.folder / path), "__name__": "written"}
    exec(compile((deployed.folder / path).read_text(), path, "exec", dont_inherit=True), variables)
    [test] = [value for name, value in variables.items() if name.startswith("test_")]
    test(SlipsTester(load_project().module))


def test_a_captured_error_is_a_test_that_fails_the_same_way(deployed: Deployed) -> None:
    bad = {"n": 2, "bad": {"mail": "ada@corp.example.org", "ip": "10.1.2.3"}, "key": "AKIAABCDEFGHIJKLMNOP"}
    request_id = deployed.failed("in/captured", {"n": 1}, bad, {"n": 3})
    ran = deployed.run("capture", request_id, "--redact", "bad.mail", "--check", "--json")
    assert (ran.exit_code, "fails the same way: ValueError" in ran.stderr) == (0, True), ran.output
    written = json.loads(ran.stdout.splitlines()[-1])
    fixture = json.loads((deployed.folder / written["fixture"]).read_text())
    assert (fixture["positions"], fixture["processor"], len(fixture["records"])) == ("2", "keep", 1)
    record = json.loads(fixture["records"][0])
    text = json.dumps(fixture)
    assert all(each not in text for each in ("ada@", "10.1.2.3", "ABCDEFGH"))
    assert record["bad"]["mail"].endswith("@example.com")
    assert (record["key"][:4], len(record["key"])) == ("AKIA", 20)
    with pytest.raises(ValueError, match="bad: "):
        run_test(deployed, written["test"])
    app = deployed.folder / "app.py"
    before = app.read_text()
    app.write_text(before.replace('if "bad" in event', "if False"))
    try:
        run_test(deployed, written["test"])
        ran = deployed.run("capture", request_id, "--force", "--check")
        assert (ran.exit_code, "it passes" in ran.stderr, "look like" in ran.stderr) == (1, True, True)
    finally:
        app.write_text(before)
    assert deployed.run("capture", request_id).exit_code == 1  # The files are there.


def test_the_message_of_a_capture_holds_no_value_that_was_replaced(deployed: Deployed) -> None:
    request_id = deployed.failed("in/named", {"n": 1, "bad": "Zoë Lovelace", "code": 4711})
    ran = deployed.run("capture", request_id, "-o", "named", "--redact", "bad", "--check")
    assert ran.exit_code == 0, ran.output
    text = (deployed.folder / ran.stdout.splitlines()[0]).read_text()
    assert "Lovelace" not in text
    assert "bad: " in json.loads(text)["error_message"]


def test_a_capture_without_an_id_says_where_to_write_it(deployed: Deployed) -> None:
    ran = deployed.run("capture", "--redact", "4f6d2c81")
    assert (ran.exit_code, "slips capture ID --redact" in ran.stderr) == (2, True)


def test_a_capture_holds_the_header_that_its_records_need(deployed: Deployed) -> None:
    request_id = deployed.failed("csv/captured", 'name,text\nbob,x\nada,"two\nlines"\n')
    ran = deployed.run("capture", request_id, "-o", "captured", "--check")
    assert (ran.exit_code, "fails the same way: KeyError" in ran.stderr) == (0, True), ran.output
    fixture = json.loads((deployed.folder / ran.stdout.splitlines()[0]).read_text())
    assert fixture["records"] == ["name,text", 'ada,"two\nlines"']


def test_no_more_records_are_captured_than_wanted(deployed: Deployed) -> None:
    request_id = deployed.failed("in/most", *({"n": n, "bad": "most"} for n in range(1, 6)))
    ran = deployed.run("capture", request_id, "-o", "most", "--most", "2", "--json")
    assert (json.loads(ran.stdout)["records"], "only the first 2 failed records" in ran.stderr) == (2, True)


def test_of_an_object_that_is_gone_the_sample_is_captured(deployed: Deployed) -> None:
    from slips import aws

    request_id = deployed.failed("in/was", {"n": 1, "bad": "gone"})
    aws.client("s3").delete_object(Bucket=deployed.bucket, Key="in/was")
    ran = deployed.run("capture", request_id, "-o", "was", "--check")
    assert (ran.exit_code, "only the sample of the error item" in ran.stderr) == (0, True), ran.output


def test_what_no_record_caused_cannot_be_captured(deployed: Deployed) -> None:
    deployed.process(deployed.put("elsewhere/x", "x"))
    [row] = deployed.errors("elsewhere/x")
    ran = deployed.run("capture", row.request_id)
    assert (ran.exit_code, "slips explain s3://" in ran.stderr or "no mapping" in ran.stderr) == (1, True), ran.output
