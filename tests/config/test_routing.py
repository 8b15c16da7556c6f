from __future__ import annotations

from typing import Any

import pytest

from slips.config.routing import find_destination, find_mapping, route
from slips.config.settings import Mapping, Rule
from slips.errors import RouteError

from ..builders import config, ref


def maps(prefix: str = "", bucket: str = "logs", **fields: str) -> Mapping:
    return Mapping(bucket=bucket, chain=("s3-lines", "syslog"), prefix=prefix, **fields)


def test_without_routing_every_object_takes_the_fast_lane() -> None:
    assert route(config(), ref()).lane == "fast"


def test_the_first_matching_rule_wins() -> None:
    rules = (Rule(dest="drop", prefix="x/"), Rule(dest="slow", prefix="logs/"), Rule(dest="fast"))
    chosen_route = route(config(routing=rules), ref("logs/a"))
    assert (chosen_route.lane, chosen_route.rule) == ("slow", rules[1])


def test_later_matching_rules_are_listed() -> None:
    rules = (Rule(dest="slow"), Rule(dest="fast", prefix="x/"), Rule(dest="drop", prefix="logs/"))
    assert route(config(routing=rules), ref("logs/a")).shadowed == (rules[2],)


def test_an_object_that_no_rule_matches_is_an_error_with_its_name() -> None:
    with pytest.raises(RouteError, match="s3://logs/logs/a"):
        route(config(routing=(Rule(dest="fast", prefix="x/"),)), ref("logs/a"))


@pytest.mark.parametrize(
    ("conditions", "takes"),
    [
        ({}, True),
        ({"bucket": "logs"}, True),
        ({"bucket": "log"}, False),
        ({"prefix": "app/"}, True),
        ({"prefix": "pp/"}, False),
        ({"suffix": ".gz"}, True),
        ({"suffix": ".g"}, False),
        ({"match": "*.gz"}, True),
        ({"match": "app/*.gz"}, True),
        ({"match": "app/????/*"}, True),
        ({"match": "app/[0-9]*.gz"}, True),
        ({"match": "app"}, False),
        ({"match": "*.g"}, False),
        ({"match": "APP/*"}, False),
        ({"prefix": "app/", "suffix": ".gz", "match": "*log*", "bucket": "logs"}, True),
        ({"prefix": "app/", "suffix": ".gz", "match": "*none*", "bucket": "logs"}, False),
        ({"prefix": "none/", "suffix": ".gz", "match": "*log*", "bucket": "logs"}, False),
    ],
)
def test_a_rule_matches_when_all_its_conditions_do(conditions: dict[str, Any], takes: bool) -> None:
    rules = (Rule(dest="slow", **conditions), Rule(dest="fast"))
    assert route(config(routing=rules), ref("app/2026/x/log.gz")).lane == ("slow" if takes else "fast")


def test_a_glob_spans_lines() -> None:
    assert route(config(routing=(Rule(dest="slow", match="a*z"),)), ref("a\nz")).lane == "slow"


def test_the_longest_matching_prefix_wins() -> None:
    mappings = (maps("a/"), maps("a/b/"), maps(""), maps("a/b/c/d"))
    assert find_mapping(config(mappings=mappings), ref("a/b/c/x")) == mappings[1]


@pytest.mark.parametrize("fields", [{"suffix": ".gz"}, {"match": "*.gz"}])
def test_of_equal_prefixes_the_one_with_more_conditions_wins(fields: dict[str, str]) -> None:
    mappings = (maps("a/"), maps("a/", **fields))
    assert find_mapping(config(mappings=mappings), ref("a/x.gz")) == mappings[1]
    assert find_mapping(config(mappings=mappings), ref("a/x")) == mappings[0]


def test_a_longer_prefix_wins_over_a_suffix() -> None:
    mappings = (maps("a/", suffix=".gz"), maps("a/b"))
    assert find_mapping(config(mappings=mappings), ref("a/b.gz")) == mappings[1]


def test_of_equal_mappings_the_first_wins() -> None:
    mappings = (maps("a/", suffix=".gz", path="1"), maps("a/", suffix="z", path="2"))
    assert find_mapping(config(mappings=mappings), ref("a/b.gz")).path == "1"


@pytest.mark.parametrize(
    ("prefixes", "winner"),
    [
        (["a/", "a/*/c/"], 1),
        (["a/*/", "a/bbb/"], 1),
        (["a/bbb/", "a/*/c/"], 1),
        (["a/*/*/", "a/*/c/"], 1),
        (["a/*/c/", "a/bbb/c/"], 1),
        (["a/*/", "a/*/"], 0),
    ],
)
def test_the_prefix_that_takes_most_of_the_key_wins_and_the_one_with_fewer_stars(
    prefixes: list[str], winner: int
) -> None:
    mappings = tuple(maps(prefix, path=str(number)) for number, prefix in enumerate(prefixes))
    assert find_mapping(config(mappings=mappings), ref("a/bbb/c/x")).path == str(winner)


@pytest.mark.parametrize(
    ("event", "name", "lane"),
    [
        ("ObjectCreated:Copy", "ObjectCreated:Copy", "drop"),
        ("ObjectCreated:Copy", "ObjectCreated:Put", "fast"),
        ("*:C*", "ObjectCreated:CompleteMultipartUpload", "drop"),
        ("", "ObjectCreated:Copy", "drop"),
    ],
)
def test_a_rule_may_ask_for_the_event(event: str, name: str, lane: str) -> None:
    rules = (Rule(dest="drop", event=event), Rule(dest="fast"))
    assert route(config(routing=rules), ref("a", event_name=name)).lane == lane


def test_a_star_in_the_prefix_of_a_rule_is_any_one_segment() -> None:
    rules = (Rule(dest="slow", prefix="a/*/c/"), Rule(dest="fast"))
    lanes = [route(config(routing=rules), ref(key)).lane for key in ("a/b/c/x", "a/c/x", "a/b/b/c/x")]
    assert lanes == ["slow", "fast", "fast"]


BEYOND = (maps("AWSLogs/*/vpc/", suffix=".gz"), maps("AWSLogs/1/elb/"), maps("other/"))


@pytest.mark.parametrize(
    ("key", "rules", "lane"),
    [
        ("AWSLogs/1/vpc/x.gz", (), "fast"),
        ("AWSLogs/1/cloudtrail/x.gz", (), "drop"),
        ("AWSLogs/x", (), "drop"),
        ("AWSLogs/x", (Rule(dest="fast", prefix="other/"),), "drop"),
    ],
)
def test_what_a_notification_lets_in_beyond_the_mapping_is_dropped(key: str, rules: Any, lane: str) -> None:
    """S3 knows no * and no more than a hundred prefixes: nobody asked for these objects."""
    assert find_destination(config(mappings=BEYOND, routing=rules), ref(key)) == lane


@pytest.mark.parametrize(
    ("key", "rules"),
    [
        ("AWSLogs/1/vpc/x.txt", ()),
        ("stray/x", ()),
        ("AWSLogs/1/elb/x", (Rule(dest="fast", prefix="other/"),)),
    ],
)
def test_what_is_below_a_mapped_prefix_or_far_from_it_is_an_error_still(key: str, rules: Any) -> None:
    with pytest.raises(RouteError):
        find_destination(config(mappings=BEYOND, routing=rules), ref(key))


@pytest.mark.parametrize("bucket", ["other", ""])
def test_only_objects_of_mapped_buckets_are_read(bucket: str) -> None:
    with pytest.raises(RouteError, match=f"s3://{bucket}/logs/a"):
        find_mapping(config(mappings=(maps(""),)), ref("logs/a", bucket=bucket))


def test_a_mapping_without_a_bucket_maps_no_bucket() -> None:
    with pytest.raises(RouteError):
        find_mapping(config(mappings=(maps("", bucket=""),)), ref("logs/a"))


def test_only_mapped_prefixes_are_read() -> None:
    with pytest.raises(RouteError, match=r"bucket_mapping\.logs"):
        find_mapping(config(mappings=(maps("a/"),)), ref("b/x"))
