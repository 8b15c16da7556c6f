from __future__ import annotations

import pytest

from slips.config import Mapping, Rule

from .written import config, faults, faults_of, load_text


def test_rules_are_kept_in_their_order() -> None:
    rules = [
        {"bucket": "logs", "prefix": "a/", "suffix": ".gz", "match": "a/*x*", "dest": "slow"},
        {"prefix": None, "dest": "drop"},
        {"dest": "fast"},
    ]
    assert config(routing=rules).routing == (
        Rule(bucket="logs", prefix="a/", suffix=".gz", match="a/*x*", dest="slow", path="routing[0]"),
        Rule(dest="drop", path="routing[1]"),
        Rule(dest="fast", path="routing[2]"),
    )


@pytest.mark.parametrize(
    ("event", "read", "warnings"),
    [
        ("ObjectCreated:Copy", "ObjectCreated:Copy", 0),
        ("s3:ObjectCreated:Put", "ObjectCreated:Put", 0),
        ("*:Co[mp]*", "*:Co[mp]*", 0),
        ("Copy", "Copy", 1),
        ("s3:ObjectRemoved:*", "ObjectRemoved:*", 1),
    ],
)
def test_a_rule_may_name_an_event_that_there_is(event: str, read: str, warnings: int) -> None:
    parsed = config(
        routing=[{"event": event, "dest": "drop"}, {"dest": "fast"}], bucket_mapping={"a": [{"format": "json"}]}
    )
    assert parsed.routing[0].event == read
    assert ["no event has a name like" in line for line in parsed.warnings] == [True] * warnings


@pytest.mark.parametrize(
    ("dest", "fault"),
    [
        ("medium", 'unknown value "medium"; write "fast", "slow" or "drop"'),
        ("slwo", 'unknown value "slwo"; did you mean "slow"?'),
        ("FAST", 'unknown value "FAST"; did you mean "fast"?'),
        ("", 'unknown value ""; write "fast", "slow" or "drop"'),
        (False, 'found false; write "fast", "slow" or "drop"'),
        (None, 'missing; write where to send the objects: "fast", "slow" or "drop"'),
    ],
)
def test_a_rule_sends_to_a_lane_or_drops(dest: object, fault: str) -> None:
    assert faults(routing=[{"dest": "fast"}, {"dest": dest}]) == [f"routing[1].dest: {fault}"]


@pytest.mark.parametrize("key", ["prefix", "suffix", "match"])
@pytest.mark.parametrize("section", ["routing", "bucket_mapping"])
def test_conditions_are_text(section: str, key: str) -> None:
    if section == "routing":
        lines = faults(routing=[{key: 2026, "dest": "fast"}])
    else:
        lines = faults(bucket_mapping={"logs": [{key: 2026, "format": "json"}]})
    (fault,) = lines
    assert fault.endswith(f"[0].{key}: found the number 2026; put it in quotes if it is text")


@pytest.mark.parametrize("bucket", ["s3://logs", "arn:aws:s3:::logs", "logs/", "my logs"])
def test_a_bucket_is_only_its_name(bucket: str) -> None:
    (fault,) = faults(routing=[{"bucket": bucket, "dest": "fast"}])
    assert fault == f'routing[0].bucket: found the text "{bucket}"; write only the name of the bucket'
    (fault,) = faults(bucket_mapping={bucket: [{"format": "json"}]})
    assert (
        fault
        == f'bucket_mapping["{bucket}"]: "{bucket}" is not the name of a bucket; write only the name of the bucket'
    )


def test_rules_are_a_list_of_mappings() -> None:
    assert faults(routing={"dest": "fast"}) == ["routing: found a mapping; write a list of rules"]
    assert faults(routing=["fast"]) == [
        'routing[0]: found the text "fast"; write a mapping with the keys bucket, prefix, suffix, match, event, dest'
    ]


def test_mappings_are_kept_in_their_order() -> None:
    parsed = config(
        bucket_mapping={
            "my.logs": [{"prefix": "b/", "format": ["s3-lines", "json"]}, {"format": "syslog"}],
            "a": [{"suffix": ".gz", "match": "*x*", "format": "cloudtrail"}],
        }
    )
    assert parsed.mappings == (
        Mapping(bucket="my.logs", prefix="b/", chain=("s3-lines", "json"), path="bucket_mapping.my.logs[0]"),
        Mapping(bucket="my.logs", chain=("syslog",), path="bucket_mapping.my.logs[1]"),
        Mapping(bucket="a", suffix=".gz", match="*x*", chain=("cloudtrail",), path="bucket_mapping.a[0]"),
    )


@pytest.mark.parametrize("nothing", ["", "logs:", "logs: []"])
def test_no_mappings_are_a_warning(nothing: str) -> None:
    (warning,) = load_text(f"stack_name: slips\nbucket_mapping:\n  {nothing}\n").warnings
    assert "every object" in warning


@pytest.mark.parametrize(("prefix", "warnings"), [("a/*/", 0), ("a*/", 1), ("a/**/b", 1), ("a/", 0)])
def test_a_star_within_a_segment_is_probably_not_meant(prefix: str, warnings: int) -> None:
    for text in (
        f"bucket_mapping: {{logs: [{{prefix: '{prefix}', format: json}}]}}",
        f"routing: [{{prefix: '{prefix}', dest: fast}}]\nbucket_mapping: {{logs: [{{format: json}}]}}",
    ):
        lines = load_text(f"stack_name: slips\n{text}\n").warnings
        assert [f'"{prefix}" has a * in a longer segment' in line for line in lines] == [True] * warnings


def test_a_fault_of_the_mappings_has_no_warning_of_no_mappings() -> None:
    (fault,) = faults_of("stack_name: slips\nbucket_mapping: [logs]\n")
    assert fault == "bucket_mapping: found a list; write a mapping from buckets to lists of prefix and format"


def test_a_bucket_holds_a_list() -> None:
    (fault,) = faults(bucket_mapping={"logs": {"format": "json"}})
    assert fault == "bucket_mapping.logs: found a mapping; write a list of mappings, each with prefix and format"


def test_a_path_with_odd_characters_stays_on_one_line() -> None:
    (fault,) = faults(bucket_mapping={"a\nb\u2028": [{"format": "json"}]})
    assert fault.startswith('bucket_mapping["a\\nb\\u2028"]: "a\\nb\\u2028" is not the name of a bucket')
