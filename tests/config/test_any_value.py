"""Any content of slips.yml gives a Config or a ConfigError, and nothing else."""

from __future__ import annotations

import copy
import re
from typing import Any

import msgspec
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from slips.config import Config, find_shadowed, find_unknown_formats
from slips.errors import ConfigError

from .written import FORMATS, KEY, POLICY, ROLE, STREAM, TABLE, TOPIC, faults_of, load_text

FULL: dict[str, Any] = {
    "stack_name": "slips",
    "description": "all keys",
    "base": {"sam": {"a": "b"}},
    "backend": {
        "sns_topics": [{"name": "uploads", "arn": TOPIC}, {"name": "more"}],
        "kinesis_stream_fast_arn": f"{STREAM}-fast",
        "kinesis_stream_slow_arn": f"{STREAM}-slow",
        "dynamodb_arn": TABLE,
        "dlq_sns_arn": f"{TOPIC}-dead",
        "role_arn": {"event_pusher": ROLE, "dispatcher": ROLE, "reporter": ROLE, "drain": ROLE},
        "lane": {
            "fast": {"batch_size": 5, "delay": 1, "shards": 2, "batch_window": 3, "parallelization": 2, "processes": 2},
            "slow": {"on_demand": True},
        },
    },
    "handler": {
        "args": {"a": [1, {"b": "c"}]},
        "secrets_max_age": 60,
        "policy": [
            POLICY,
            {
                "Sid": "A",
                "Effect": "Allow",
                "Action": ["s3:*"],
                "Resource": "*",
                "Condition": {"Bool": {"a:b": [True]}},
            },
            {"Effect": "Deny", "NotAction": "s3:*", "NotResource": ["*"]},
        ],
        "role_arn": ROLE,
        "concurrency": 3,
        "security_group_ids": ["sg-0123abcd"],
        "subnet_ids": ["subnet-0123abcd"],
    },
    "routing": [{"bucket": "logs", "prefix": "a/", "suffix": ".gz", "match": "a/*", "dest": "slow"}, {"dest": "fast"}],
    "bucket_mapping": {
        "logs": [
            {"prefix": "a/", "format": ["s3-lines", "json"]},
            {"prefix": "b/", "suffix": "x", "match": "b/*", "format": "syslog"},
            {"prefix": "c/", "format": "gateway"},
            {"prefix": "d/", "format": "badges"},
        ],
        "more": [{"format": ["s3-json:items", "cloudtrail"]}],
    },
    "formats": {
        "gateway": {
            "line": ["%{time:at} %{int:status} %{rest:message}", "%{time:at} %{json:body}"],
            "multiline": True,
            "absent": ["-", "null"],
            "comment": "#",
            "time": {"field": ["at"], "pattern": ["%d.%m.%Y %H:%M:%S"], "zone": "Europe/Berlin"},
            "tag": "acme.<status>",
        },
        "badges": {"columns": {"at": "time", "door": "int"}, "separator": ";", "quotes": False, "time": "at"},
    },
    "buckets": {
        "logs": {"kms_key": KEY, "requester_pays": True, "expected_owner": "123456789012"},
        "more": {"role_arn": ROLE},
    },
    "limits": {"max_line_bytes": "16MiB", "max_object_bytes": 5, "max_inflate_ratio": 5, "max_attempts": 5},
    "checkpoint_seconds": 60,
    "ledger": {"ttl_days": 30},
    "errors": {"sample": "masked", "ttl_days": 90},
    "retry": {"give_up_after": 43200},
    "api": {"auth": "iam", "access_log": True, "throttle": {"rate": 10, "burst": 20}},
    "timezones": {"IST": "+05:30"},
    "tags": {"team": "security"},
    "kms_key": [KEY, KEY + "2"],
    "iam": {"permissions_boundary": POLICY, "path": "/teams/"},
    "package_bucket": "example-packages",
    "deletion_protection": True,
    "termination_protection": False,
}


def places(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """Return the paths of all values within a value, its own included."""
    children: list[tuple[str | int, Any]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    return [path, *(inner for key, child in children for inner in places(child, (*path, key)))]


def put(tree: Any, path: tuple[str | int, ...], value: object) -> Any:
    """Replace the value at the path; return the tree."""
    if not path:
        return value
    parent = tree
    for step in path[:-1]:
        parent = parent[step]
    parent[path[-1]] = value
    return tree


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.integers(min_value=-3, max_value=12)
    | st.just(1 << 200)
    | st.floats()
    | st.text(max_size=30)
    | st.sampled_from(["fast", TOPIC, STREAM, TABLE, ROLE, "s3-lines", "16MiB", "ssm:", "iam", "logs", ""])
    | st.dates()
    | st.datetimes()
    | st.binary(max_size=8)
)
keys = st.sampled_from(sorted({str(path[-1]) for path in places(FULL) if path} | {"path"})) | scalars
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=12
)


def check(content: str | bytes) -> None:
    """Load the file, and check the Config or the faults."""
    config: Config | None = None
    faults: tuple[str, ...] = ()
    try:
        config = load_text(content, formats=FORMATS)
    except ConfigError as error:
        faults = error.faults
    if config is None:
        check_faults(faults)
    else:
        check_config(config)


def check_faults(faults: tuple[str, ...]) -> None:
    """Check that every fault is one line: a path, what was found, what to do."""
    assert faults
    for fault in faults:
        assert fault.splitlines() == [fault]
        assert re.fullmatch(r".+?: .+; .+", fault)


def check_config(config: Config) -> None:
    """Check that every value is of its type, and that the checks of a Config run."""
    plain = msgspec.structs.replace(config, handler=msgspec.structs.replace(config.handler, args={}))
    assert msgspec.convert(msgspec.to_builtins(plain), Config) == plain
    assert find_unknown_formats(config, FORMATS) == []
    for warning in (*config.warnings, *config.notes, *find_shadowed(config)):
        assert warning.splitlines() == [warning]


def test_the_full_file_is_valid() -> None:
    assert faults_of(yaml.safe_dump(FULL), formats=FORMATS) == []


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(places(FULL)), values)
def test_any_value_in_any_place_is_a_config_or_a_fault(path: tuple[str | int, ...], value: object) -> None:
    tree = put(copy.deepcopy(FULL), path, value)
    check(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([path for path in places(FULL) if path]), keys, values)
def test_any_additional_key_is_a_config_or_a_fault(path: tuple[str | int, ...], key: object, value: object) -> None:
    tree = copy.deepcopy(FULL)
    parent = tree
    for step in path[:-1]:
        parent = parent[step]  # type: ignore[index]
    if isinstance(parent, dict):
        parent[key] = value
    check(yaml.safe_dump(tree, allow_unicode=True, sort_keys=False))


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=200) | st.text("[]{}:,-?!&*<>|%@`'\"#= \n\tab01.", max_size=60))
def test_any_bytes_are_a_config_or_a_fault(content: str | bytes) -> None:
    check(content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content)


PLANTS: dict[tuple[str | int, ...], object] = {
    ("stack_name",): "9lives",
    ("description",): 5,
    ("backend", "sns_topics", 0, "arn"): STREAM,
    ("backend", "sns_topics", 1, "name"): "a b",
    ("backend", "kinesis_stream_fast_arn"): "arn:aws:s3:::logs",
    ("backend", "dynamodb_arn"): [],
    ("backend", "dlq_sns_arn"): "dead",
    ("backend", "role_arn", "drain"): "drain",
    ("backend", "role_arn", "drian"): ROLE,
    ("backend", "lane", "fast", "batch_size"): 0,
    ("backend", "lane", "fast", "delay"): -1,
    ("backend", "lane", "slow", "batchsize"): 5,
    ("handler", "path"): "handler.py",
    ("handler", "concurrency"): "many",
    ("handler", "secrets_max_age"): 29,
    ("handler", "subnet_ids", 0): "subnet",
    ("handler", "policy", 0): ROLE,
    ("handler", "policy", 1, "Effect"): "Perhaps",
    ("handler", "policy", 1, "Action", 0): "everything",
    ("handler", "policy", 1, "Condition", "Bool"): [],
    ("handler", "policy", 2, "NotResource", 0): "everything",
    ("routing", 0, "dest"): "medium",
    ("routing", 0, "prefix"): 2026,
    ("routing", 1, "dest"): None,
    ("bucket_mapping", "logs", 0, "format", 1): "jsno",
    ("bucket_mapping", "logs", 1, "format"): [],
    ("formats", "gateway", "line", 0): "%{time:at} %{int:status",
    ("formats", "gateway", "multiline"): "%{GREEDYDATA}",
    ("formats", "gateway", "time", "pattern", 0): "yyyy",
    ("formats", "gateway", "time", "zone"): "Mars",
    ("formats", "gateway", "tagg"): "x",
    ("formats", "badges", "columns", "door"): "number",
    ("formats", "badges", "separator"): "::",
    ("formats", "badges", "time"): "when",
    ("buckets", "logs", "kms_key"): ROLE,
    ("buckets", "logs", "requester_pays"): "no",
    ("buckets", "more", "role_arn"): KEY,
    ("buckets", "more", "rolearn"): ROLE,
    ("limits", "max_line_bytes"): "much",
    ("limits", "max_attempts"): 1.5,
    ("checkpoint_seconds",): float("nan"),
    ("ledger", "ttl_days"): 6,
    ("errors", "sample"): "none",
    ("errors", "ttl_days"): 0,
    ("retry", "give_up_after"): "12h",
    ("api", "auth"): "basic",
    ("api", "access_log"): "all",
    ("api", "throttle", "rate"): 0,
    ("api", "throttle", "bursts"): 5,
    ("bucketmapping",): {},
    ("timezones", "IST"): 330,
    ("timezones", "ist"): "+05:30",
    ("tags", "team"): 5,
    ("kms_key", 1): ROLE,
    ("iam", "permissions_boundary"): KEY,
    ("iam", "path"): "teams",
    ("package_bucket",): "s3://example-packages/",
    ("deletion_protection",): "yes please",
    ("termination_protection",): 1,
    ("tags", "aws-chalice"): "x",
}


def write_path(path: tuple[str | int, ...]) -> str:
    """Return the path as faults show it."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)[1:]


@settings(max_examples=100, deadline=None)
@given(st.sets(st.sampled_from(list(PLANTS))))
def test_exactly_the_planted_faults_are_reported(planted: set[tuple[str | int, ...]]) -> None:
    tree = copy.deepcopy(FULL)
    for path in planted:
        put(tree, path, PLANTS[path])
    paths = [fault.partition(": ")[0] for fault in faults_of(yaml.safe_dump(tree), formats=FORMATS)]
    assert sorted(paths) == sorted(write_path(path) for path in planted)
