"""What would be read again and again: `slips check`, and `slips check --deployed`."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import aws
from slips.config import load
from slips.config.settings import Config, Handler, Mapping, Policy, Rule
from slips.ops.deploy import drift
from slips.ops.deploy.account import current_account
from slips.ops.deploy.loops import account_loops, policy_loops
from slips.ops.deploy.stage import DeploymentStage

from ...builders import config

_number = count(1)


def mapped(*places: str, rules: tuple[Rule, ...] = (), **statement: Any) -> Config:
    mappings = tuple(
        Mapping(bucket=bucket, prefix=prefix, chain=("json",), path=f"bucket_mapping.{bucket}[{number}]")
        for number, (bucket, _, prefix) in enumerate(place.partition("/") for place in places)
    )
    statements = ({"Effect": "Allow", **statement},) if statement else ()
    return config(mappings=mappings, routing=rules, handler=Handler(policy=Policy(statements=statements)))


class TestAStatementOfTheFunctions:
    @pytest.mark.parametrize("action", ["s3:PutObject", "s3:putobject", "s3:Put*", "s3:*", "*"])
    @pytest.mark.parametrize(
        "resource",
        [
            "*",
            "arn:aws:s3:::*",
            "arn:aws:s3:::logs/*",
            "arn:*:s3:::lo?s/in/*",
            "arn:aws:s3:::logs/in/results/x",
            "arn:aws:s3:::logs/i*",
            "arn:aws:s3:::logs/in/${aws:userid}",
        ],
    )
    def test_that_lets_them_write_where_they_read_is_named(self, action: str, resource: str) -> None:
        settings = mapped("other/", "logs/in/*/a/", "logs/in/", Action=[action], Resource=[resource])
        [line] = policy_loops(settings)
        assert line.startswith(f"handler.policy: statement 1 lets functions write to {resource}, and bucket_mapping.")

    @pytest.mark.parametrize(
        "statement",
        [
            {"Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::logs/out/*"]},
            {"Action": ["s3:PutObject"], "Resource": ["arn:aws:s3:::results/*", "arn:aws:s3:::logs"]},
            {"Action": ["s3:PutObject"], "Resource": ["arn:aws:sqs:*:*:logs/in/*"]},
            {"Action": ["s3:GetObject", "s3:PutObjectTagging"], "Resource": ["*"]},
            {"Action": ["s3:*"], "Resource": ["*"], "Effect": "Deny"},
            {"NotAction": ["s3:PutObject"], "Resource": ["*"]},
        ],
    )
    def test_of_anything_else_is_not(self, statement: dict[str, Any]) -> None:
        assert list(policy_loops(mapped("logs/in/", **statement))) == []

    @pytest.mark.parametrize(
        ("rules", "is_loop"),
        [
            ((Rule(dest="drop", prefix="in/results/"), Rule(dest="fast")), False),
            ((Rule(dest="drop", bucket="logs", prefix="in/*/"), Rule(dest="fast")), False),
            ((Rule(dest="slow", prefix="out/"), Rule(dest="drop", prefix="in/results/")), False),
            ((Rule(dest="fast", prefix="in/results/1/"), Rule(dest="drop", prefix="in/results/")), True),
            ((Rule(dest="drop", prefix="in/results/1/"), Rule(dest="fast")), True),
            ((Rule(dest="drop", prefix="in/results/", suffix=".gz"), Rule(dest="fast")), True),
            ((Rule(dest="drop", event="*:Copy"), Rule(dest="fast")), True),
            ((Rule(dest="drop", bucket="other"), Rule(dest="fast")), True),
        ],
    )
    def test_is_no_matter_where_a_rule_drops_all_of_it(self, rules: tuple[Rule, ...], is_loop: bool) -> None:
        settings = mapped("logs/in/", rules=rules, Action=["s3:PutObject"], Resource=["arn:aws:s3:::logs/in/results/*"])
        assert bool(list(policy_loops(settings))) is is_loop


def refuse(**_: Any) -> None:
    raise ClientError({"Error": {"Code": "AccessDeniedException", "Message": "no"}}, "DescribeTrails")


@pytest.fixture
def bucket() -> str:
    return make_bucket()


def make_bucket() -> str:
    name = f"loops-{next(_number)}"
    place: Any = {"LocationConstraint": "eu-central-1"}
    aws.client("s3").create_bucket(Bucket=name, CreateBucketConfiguration=place)
    return name


def log_to(bucket: str, target: str, prefix: str) -> None:
    """Set the server access log of the bucket."""
    grant = {"Grantee": {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/s3/LogDelivery"}}
    grants = [{**grant, "Permission": permission} for permission in ("WRITE", "READ_ACP")]
    client = aws.client("s3")
    owner = client.get_bucket_acl(Bucket=target)["Owner"]
    client.put_bucket_acl(Bucket=target, AccessControlPolicy={"Grants": grants, "Owner": owner})  # type: ignore[typeddict-item]
    enabled: Any = {"LoggingEnabled": {"TargetBucket": target, "TargetPrefix": prefix}}
    client.put_bucket_logging(Bucket=bucket, BucketLoggingStatus=enabled)


class TestTheAccessLogOfABucket:
    @pytest.mark.parametrize(("prefix", "is_loop"), [("in/access/", True), ("access/", False), ("in", True)])
    def test_below_what_is_read_there_is_named(self, bucket: str, prefix: str, is_loop: bool) -> None:
        log_to(bucket, bucket, prefix)
        lines = list(account_loops(mapped(f"{bucket}/in/")))
        expected = f"s3://{bucket} logs its requests to s3://{bucket}/{prefix}, which bucket_mapping.{bucket}[0] maps: "
        assert [line.startswith(expected) for line in lines] == [True] * is_loop

    def test_in_a_second_bucket_is_none_unless_that_leads_back(self, bucket: str) -> None:
        other = make_bucket()
        log_to(bucket, other, "logs/")
        assert list(account_loops(mapped(f"{bucket}/", f"{other}/"))) == []
        log_to(other, bucket, "logs/")
        assert [line.split()[0] for line in account_loops(mapped(f"{bucket}/", f"{other}/"))] == [
            f"s3://{bucket}", f"s3://{other}",
        ]  # fmt: skip

    def test_of_a_bucket_that_does_not_exist_is_none(self) -> None:
        assert list(account_loops(mapped("loops-none/"))) == []

    def test_that_cannot_be_looked_up_is_named(self, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(aws.client("s3"), "get_bucket_logging", refuse)
        [line] = account_loops(mapped(f"{bucket}/"))
        assert line.startswith(f"the server access log of the bucket {bucket}: these credentials may not call Describe")


class TestADeliveryStream:
    def lines(self, config: Config, bucket: str, prefix: str | None, statements: list[dict[str, Any]]) -> list[str]:
        place: Any = {"RoleARN": "arn:aws:iam::123456789012:role/firehose", "BucketARN": f"arn:aws:s3:::{bucket}"}
        aws.client("firehose").create_delivery_stream(
            DeliveryStreamName=bucket,
            ExtendedS3DestinationConfiguration=place if prefix is None else {**place, "Prefix": prefix},
        )
        return [line.partition(", which")[0] for line in account_loops(config, statements)]

    @pytest.mark.parametrize(
        ("prefix", "is_loop"),
        [
            ("in/", True),
            ("in/!{timestamp:yyyy}/", True),
            ("!{partitionKeyFromQuery:team}/", True),
            (None, True),
            ("out/", False),
        ],
    )
    def test_of_a_sink_that_delivers_to_what_is_read_is_named(
        self, bucket: str, prefix: str | None, is_loop: bool
    ) -> None:
        statements = [
            {"Action": ["firehose:PutRecordBatch"], "Resource": [f"arn:*:firehose:*:*:deliverystream/{bucket}"]}
        ]
        lines = self.lines(mapped(f"{bucket}/in/"), bucket, prefix, statements)
        assert [line.split(":")[0] for line in lines] == [f"delivery stream {bucket}"] * is_loop

    def test_of_the_functions_own_is_named_too(self, bucket: str) -> None:
        arn = f"arn:aws:firehose:eu-central-1:123456789012:deliverystream/{bucket}"
        settings = mapped(f"{bucket}/in/", Action=["firehose:PutRecord"], Resource=[arn])
        assert len(self.lines(settings, bucket, "in/", [])) == 1

    @pytest.mark.parametrize("name", ["none-such", "any-*", "*"])
    def test_that_does_not_exist_or_has_no_name_is_none(self, bucket: str, name: str) -> None:
        statement = {"Action": ["firehose:*"], "Resource": [f"arn:aws:firehose:*:*:deliverystream/{name}"]}
        assert list(account_loops(mapped(f"{bucket}/in/"), [statement])) == []


def test_check_deployed_names_them(bucket: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Also where functions are missing, of which it says more."""
    log_to(bucket, bucket, "")
    (tmp_path / "slips.yml").write_text(f"stack_name: {bucket}\nbucket_mapping: {{{bucket}: [{{format: json}}]}}\n")
    for name in ("stack_drift", "storage_drift", "topic_drift", "tag_drift", "function_drift", "role_problems"):
        monkeypatch.setattr(drift, name, lambda *_: ())
    stage = DeploymentStage("dev", "mine", tmp_path, load(tmp_path / "slips.yml"), "slips.yml", {})
    assert [line.split()[0] for line in drift.find_drift(stage, current_account())] == [f"s3://{bucket}"]


DATA = {"Field": "eventCategory", "Equals": ["Data"]}
OF_S3 = {"Field": "resources.type", "Equals": ["AWS::S3::Object"]}
BASIC: list[tuple[dict[str, Any], bool]] = [
    ({}, False),
    ({"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}, True),
    ({"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::BUCKET/"]}, True),
    ({"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::BUCKET/AWSLogs/1/"]}, True),
    ({"Type": "AWS::S3::Object", "Values": ["arn:aws:s3:::other/"]}, False),
    ({"Type": "AWS::Lambda::Function", "Values": ["arn:aws:lambda"]}, False),
]
ADVANCED: list[tuple[list[dict[str, Any]], bool]] = [
    ([DATA, OF_S3], True),
    ([{"Field": "eventCategory", "Equals": ["Management"]}], False),
    ([DATA, {"Field": "resources.type", "Equals": ["AWS::DynamoDB::Table"]}], False),
    ([DATA, OF_S3, {"Field": "readOnly", "Equals": ["false"]}], False),
    ([DATA, OF_S3, {"Field": "readOnly", "Equals": ["true"]}], True),
    ([DATA, OF_S3, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::BUCKET/"]}], True),
    ([DATA, OF_S3, {"Field": "resources.ARN", "StartsWith": ["arn:aws:s3:::other/"]}], False),
    ([DATA, OF_S3, {"Field": "resources.ARN", "NotStartsWith": ["arn:aws:s3:::BUCKET/"]}], False),
    ([DATA, OF_S3, {"Field": "userIdentity.arn", "NotStartsWith": ["arn:aws:sts::1:assumed-role/slips-"]}], False),
]


class TestATrail:
    @pytest.fixture(autouse=True)
    def trails(self) -> Iterator[None]:
        """None of the tests before."""
        yield
        client = aws.client("cloudtrail")
        for trail in client.describe_trails()["trailList"]:
            client.delete_trail(Name=trail["Name"])

    def lines(self, bucket: str, prefix: str = "AWSLogs/", **selectors: Any) -> list[bool]:
        client = aws.client("cloudtrail")
        if not client.describe_trails()["trailList"]:
            client.create_trail(Name="audit", S3BucketName=bucket)
        if selectors:
            client.put_event_selectors(TrailName="audit", **selectors)
        lines = list(account_loops(mapped(f"{bucket}/{prefix}")))
        return [line.startswith(f"trail audit: logs each read of an object in s3://{bucket}, ") for line in lines]

    @pytest.mark.parametrize(("resource", "is_loop"), BASIC)
    @pytest.mark.parametrize("kind", ["All", "WriteOnly"])
    def test_with_data_events_of_its_own_bucket_is_named(
        self, bucket: str, resource: dict[str, Any], is_loop: bool, kind: str
    ) -> None:
        values = [value.replace("BUCKET", bucket) for value in resource.get("Values", ())]
        resources = [{**resource, "Values": values}] if resource else []
        selector = {"ReadWriteType": kind, "IncludeManagementEvents": True, "DataResources": resources}
        assert self.lines(bucket, EventSelectors=[selector]) == [True] * (is_loop and kind == "All")

    @pytest.mark.parametrize(("fields", "is_loop"), ADVANCED)
    def test_with_advanced_selectors_of_its_own_bucket_is_named(
        self, bucket: str, fields: list[dict[str, Any]], is_loop: bool
    ) -> None:
        chosen = [
            {name: value if name == "Field" else [each.replace("BUCKET", bucket) for each in value]
             for name, value in field.items()}
            for field in fields
        ]  # fmt: skip
        selector = {"Name": "data", "FieldSelectors": chosen}
        assert self.lines(bucket, AdvancedEventSelectors=[selector]) == [True] * is_loop

    def test_whose_logs_are_not_read_is_no_matter(self, bucket: str) -> None:
        resources = [{"Type": "AWS::S3::Object", "Values": ["arn:aws:s3"]}]
        selector = {"ReadWriteType": "All", "IncludeManagementEvents": True, "DataResources": resources}
        assert self.lines(bucket, "other/", EventSelectors=[selector]) == []
        assert self.lines(bucket, "AWSLogs/", EventSelectors=[selector]) == [True]

    def test_that_cannot_be_looked_up_is_named(self, bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(aws.client("cloudtrail"), "describe_trails", refuse)
        [line] = account_loops(mapped(f"{bucket}/"))
        assert line.startswith("the trails of this region: these credentials may not call DescribeTrails")
