"""The policy of each function: the least it needs."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest

from slips.config import Config, LaneConfig, Topic
from slips.config.policy import OWN_SIDS
from slips.config.settings import Bucket, Handler, Mapping, Policy, Roles
from slips.errors import ConfigError
from slips.ops.deploy.policies import (
    managed_policies,
    policy_documents,
    stage_policies,
    widened_policies,
    write_files,
)
from slips.ops.deploy.policy_size import LARGEST, policy_size
from slips.ops.deploy.stage import DeploymentStage

from .. import builders
from .access import allowed
from .project import ROOT, copy_project

ACCOUNT = "eu-west-1:123456789012"
FILES = {"dispatch", "process_fast", "process_slow", "report", "retry", "api_handler"}


def config(**fields: Any) -> Config:
    return builders.config(**{"topics": (Topic("dispatch", "slips-dispatch"),), **fields})


def may(function: str, action: str, resource: str, config: Config) -> bool:
    return allowed([policy_documents(config)[f"policy-dev-{function}.json"]], action, resource)


def with_args(**args: Any) -> Config:
    return config(handler=Handler(args=args))


def mapped(bucket: str, prefix: str = "") -> Config:
    return config(mappings=(Mapping(bucket=bucket, prefix=prefix, chain=("s3-lines", "raw")),))


def test_each_topic_has_a_function_of_its_own() -> None:
    two = config(topics=(Topic("uploads", "slips-uploads"), Topic("others", "slips-others")))
    functions = {name.removeprefix("policy-dev-").removesuffix(".json") for name in policy_documents(two)}
    assert functions == (FILES - {"dispatch"}) | {"uploads", "others"}


def test_a_function_whose_role_is_given_gets_no_policy() -> None:
    role = "arn:aws:iam::123456789012:role/mine"
    roles = Roles(event_pusher=role, dispatcher=role, reporter=role, drain=role)
    assert policy_documents(config(roles=roles)) == {}
    assert "policy-dev-process_fast.json" not in policy_documents(config(handler=Handler(role_arn=role)))


class TestLogs:
    @pytest.mark.parametrize("other", ["slips-dev-dispatch", "slips-dev-report-2", "any-stack-Report-1B2C3D"])
    def test_go_to_the_functions_own_group(self, other: str) -> None:
        stream = f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/{{}}:log-stream:1"
        assert may("report", "logs:PutLogEvents", stream.format("slips-dev-report"), config())
        assert not may("report", "logs:PutLogEvents", stream.format(other), config())

    def test_of_the_api_go_to_the_group_without_a_name(self) -> None:
        group = f"arn:aws:logs:{ACCOUNT}:log-group:/aws/lambda/slips-prod:log-stream:1"
        assert allowed(
            [policy_documents(config(), "slips", "prod")["policy-prod-api_handler.json"]], "logs:PutLogEvents", group
        )


class TestLanes:
    STREAM = f"arn:aws:kinesis:{ACCOUNT}:stream/"

    @pytest.mark.parametrize(
        ("function", "lanes"),
        [
            ("dispatch", {"fast", "slow"}),
            ("api_handler", {"fast", "slow"}),
            ("process_fast", {"fast"}),
            ("process_slow", {"slow"}),
            ("report", set()),
        ],
    )
    def test_are_written_by_the_functions_that_enqueue_work(self, function: str, lanes: set[str]) -> None:
        writable = {
            lane
            for lane in ("fast", "slow")
            if may(function, "kinesis:PutRecords", self.STREAM + f"slips-{lane}", config())
        }
        assert writable == lanes

    def test_are_read_only_by_their_own_function(self) -> None:
        readers = {each for each in FILES if may(each, "kinesis:GetRecords", self.STREAM + "slips-fast", config())}
        assert readers == {"process_fast", "report"}

    def test_are_named_by_their_arn_where_it_is_given(self) -> None:
        lane = LaneConfig(name="fast", stream="up", stream_arn=self.STREAM + "up")
        assert may("dispatch", "kinesis:PutRecords", self.STREAM + "up", config(fast=lane))
        assert not may("dispatch", "kinesis:PutRecords", self.STREAM.replace("west", "east") + "up", config(fast=lane))


class TestTables:
    TABLE = f"arn:aws:dynamodb:{ACCOUNT}:table/"

    @pytest.mark.parametrize("function", sorted(FILES - {"api_handler", "retry"}))
    def test_take_error_items_of_all(self, function: str) -> None:
        assert may(function, "dynamodb:BatchWriteItem", self.TABLE + "slips-errors", config())
        # What waits for a restored object is drained by the function that hears of it.
        is_draining = function == "dispatch"
        assert may(function, "dynamodb:DeleteItem", self.TABLE + "slips-errors", config()) == is_draining
        assert may(function, "dynamodb:Query", self.TABLE + "slips-errors/index/due", config()) == is_draining

    @pytest.mark.parametrize("function", ["process_fast", "process_slow"])
    def test_let_what_was_begun_before_be_read_by_the_functions_of_the_lanes(self, function: str) -> None:
        for action in ("GetItem", "UpdateItem"):
            assert may(function, f"dynamodb:{action}", self.TABLE + "slips-ledger", config())

    def test_are_listed_by_the_api_through_their_indexes(self) -> None:
        for index in ("slips-errors/index/newest", "slips-errors/index/due", "slips-ledger/index/of_object"):
            assert may("api_handler", "dynamodb:Query", self.TABLE + index, config())

    def test_give_what_waits_to_the_function_that_tries_it_again(self) -> None:
        for action in ("DeleteItem", "GetItem", "UpdateItem"):
            assert may("retry", f"dynamodb:{action}", self.TABLE + "slips-errors", config())
        assert may("retry", "dynamodb:Query", self.TABLE + "slips-errors/index/due", config())
        assert may("retry", "dynamodb:BatchGetItem", self.TABLE + "slips-ledger", config())
        assert not may("retry", "dynamodb:UpdateItem", self.TABLE + "slips-ledger", config())

    def test_are_scanned_by_the_api_only_where_the_class_based_slips_may_write_to_them(self) -> None:
        shared = config(error_table="failed", error_table_arn=self.TABLE + "failed")
        assert may("api_handler", "dynamodb:Scan", self.TABLE + "failed", shared)
        assert not may("api_handler", "dynamodb:Scan", self.TABLE + "slips-errors", config())
        assert not [
            each for each in FILES - {"api_handler"} if may(each, "dynamodb:Scan", self.TABLE + "failed", shared)
        ]

    def test_keep_the_books_of_the_lanes(self) -> None:
        assert self.writers("0123abcd") == {"process_fast", "process_slow"}

    @pytest.mark.parametrize("function", ["process_fast", "process_slow"])
    def test_say_why_work_is_not_begun(self, function: str) -> None:
        """Is it done, or is another at work on it? Without an answer the batch would come again for ever."""
        assert may(function, "dynamodb:GetItem", self.TABLE + "slips-ledger", config())

    def test_note_the_causes_of_all_that_record_errors(self) -> None:
        # The API mutes causes.
        assert self.writers("slips:cause:0123") == FILES - {"retry"}
        assert self.writers("slips:audit:0123") == {"api_handler", "process_fast", "process_slow"}
        assert self.writers("slips:counts:0123") == {"process_fast", "process_slow"}

    def writers(self, key: str) -> set[str]:
        """The functions that may write this item of the ledger."""
        documents, context = policy_documents(config()), {"dynamodb:LeadingKeys": key}
        table = self.TABLE + "slips-ledger"
        return {
            each
            for each in FILES
            for action in ("UpdateItem", "PartiQLInsert", "PartiQLUpdate")
            if allowed([documents[f"policy-dev-{each}.json"]], f"dynamodb:{action}", table, context)
        }

    @pytest.mark.parametrize("action", ["PartiQLInsert", "PartiQLUpdate"])
    def test_are_written_for_many_objects_at_once(self, action: str) -> None:
        assert may("process_fast", f"dynamodb:{action}", self.TABLE + "slips-ledger", config())

    def test_are_named_by_their_arn_where_it_is_given(self) -> None:
        settings = config(error_table="failed", error_table_arn=self.TABLE + "failed")
        assert may("report", "dynamodb:BatchWriteItem", self.TABLE + "failed", settings)
        assert not may("report", "dynamodb:BatchWriteItem", self.TABLE.replace("1234", "9") + "failed", settings)


class TestObjects:
    @pytest.mark.parametrize("action", ["s3:GetObject", "s3:GetObjectVersion"])
    def test_are_read_below_the_mapped_prefixes(self, action: str) -> None:
        one = mapped("logs", "app/")
        assert may("process_slow", action, "arn:aws:s3:::logs/app/2026/a.gz", one)
        assert not may("process_slow", action, "arn:aws:s3:::logs/secret/a.gz", one)
        assert not may("process_slow", action, "arn:aws:s3:::others/app/a.gz", one)

    def test_are_read_by_nobody_else(self) -> None:
        readers = {each for each in FILES if may(each, "s3:GetObject", "arn:aws:s3:::logs/a", mapped("logs"))}
        assert readers == {"process_fast", "process_slow"}

    def test_that_do_not_exist_differ_from_those_denied(self) -> None:
        assert may("process_fast", "s3:ListBucket", "arn:aws:s3:::logs", mapped("logs", "app/"))

    def test_under_a_prefix_with_a_star_are_those_with_a_star(self) -> None:
        assert may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/a*b$?/c", mapped("logs", "a*b$?/"))
        assert not may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/axxb$?/c", mapped("logs", "a*b$?/"))

    def test_under_a_prefix_with_a_star_for_a_segment_are_those_of_any_segment(self) -> None:
        one = mapped("logs", "AWSLogs/*/a$b/")
        assert may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/AWSLogs/1/a$b/x", one)
        assert not may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/AWSLogs/1/c/x", one)
        assert not may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/AWSLogs/1/axb/x", one)

    def test_of_a_thousand_prefixes_are_those_of_wider_ones(self, tmp_path: Path) -> None:
        """IAM would refuse the policy half-way through the deployment. Too wide is nothing else."""
        folders = [f"o/AWSLogs/{account:012d}/vpcflowlogs/" for account in range(1000)]
        mappings = [*folders, "o/audit/2026/", "o/audit/2025/x", "badges/"]
        many = config(mappings=tuple(Mapping(bucket="logs", prefix=each, chain=("json",)) for each in mappings))
        stage = DeploymentStage("dev", "slips", tmp_path, many, "slips.yml", {})
        policy = stage_policies(stage)["policy-dev-process_slow.json"]
        [readable] = [each["Resource"] for each in policy["Statement"] if each["Sid"] == "ReadObjects"]
        assert readable == [
            f"arn:*:s3:::logs/{each}*"
            for each in ("badges/", "o/AWSLogs/*/vpcflowlogs/", "o/audit/2025/x", "o/audit/2026/")
        ]
        assert policy_size(policy) <= LARGEST
        (tmp_path / ".chalice").mkdir()
        file = tmp_path / ".chalice" / "policy-dev-process_slow.json"
        file.write_text(json.dumps(policy))
        assert list(widened_policies(stage)) == [(file, ["arn:*:s3:::logs/o/AWSLogs/*/vpcflowlogs/*"])]

    @pytest.mark.parametrize("text", ["{", "[]", "{}", '{"Statement": [1]}', '{"Statement": [{"Sid": "ReadObjects"}]}'])
    def test_of_a_broken_file_are_none(self, tmp_path: Path, text: str) -> None:
        (tmp_path / ".chalice").mkdir()
        (tmp_path / ".chalice" / "policy-dev-process_fast.json").write_text(text)
        assert list(widened_policies(DeploymentStage("dev", "slips", tmp_path, config(), "slips.yml", {}))) == []

    @pytest.mark.parametrize("number", [0, 1, 50])
    def test_are_those_of_the_mapped_prefixes_while_iam_takes_them(self, number: int) -> None:
        folders = tuple(
            Mapping(bucket="logs", prefix=f"AWSLogs/{each:012d}/x/", chain=("json",)) for each in range(number)
        )
        policy = stage_policies(DeploymentStage("dev", "slips", ROOT, config(mappings=folders), "slips.yml", {}))
        assert json.dumps(policy["policy-dev-process_fast.json"]).count("arn:*:s3:::logs/AWSLogs/0") == number

    def test_below_two_mapped_prefixes_are_named_once(self) -> None:
        both = config(mappings=(*mapped("logs", "app/web/").mappings, *mapped("logs", "app/").mappings))
        policy = json.dumps(policy_documents(both)["policy-dev-process_fast.json"])
        assert policy.count("arn:*:s3:::logs/app/") == 1
        assert may("process_fast", "s3:GetObject", "arn:aws:s3:::logs/app/api/a", both)

    def test_are_readable_by_no_function_where_nothing_is_mapped(self) -> None:
        assert "s3:" not in json.dumps(policy_documents(config(mappings=())))


KEY = "arn:aws:kms:eu-west-1:123456789012:key/{}"
READER = "arn:aws:iam::111122223333:role/reader"


def with_buckets(**buckets: Bucket) -> Config:
    """A config that maps all of the buckets."""
    return config(mappings=tuple(Mapping(bucket=name, chain=("s3-lines", "raw")) for name in buckets), buckets=buckets)


def statements(settings: Config, function: str = "process_fast") -> dict[str, Any]:
    return {each["Sid"]: each for each in policy_documents(settings)[f"policy-dev-{function}.json"]["Statement"]}


class TestBuckets:
    def test_with_a_key_are_decrypted_through_s3_alone(self) -> None:
        keys = {name: Bucket(kms_key=KEY.format(name)) for name in ("a", "b")}
        decrypt = statements(with_buckets(**keys, c=Bucket()))["DecryptObjects"]
        assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], [KEY.format("a"), KEY.format("b")])
        assert decrypt["Condition"] == {"StringEquals": {"kms:ViaService": ["s3.eu-west-1.amazonaws.com"]}}

    def test_of_china_have_its_domain(self) -> None:
        key = "arn:aws-cn:kms:cn-north-1:123456789012:key/a"
        decrypt = statements(with_buckets(a=Bucket(kms_key=key)))["DecryptObjects"]
        assert decrypt["Condition"]["StringEquals"]["kms:ViaService"] == ["s3.cn-north-1.amazonaws.com.cn"]

    def test_with_a_role_are_read_as_that_role(self) -> None:
        settings = with_buckets(logs=Bucket(), theirs=Bucket(role_arn=READER, kms_key=KEY.format("a")))
        assert statements(settings)["AssumeRoles"]["Resource"] == [READER]
        assert statements(settings)["ReadObjects"]["Resource"] == ["arn:*:s3:::logs/*"]
        assert statements(settings)["TellMissingObjects"]["Resource"] == ["arn:*:s3:::logs"]
        assert "DecryptObjects" not in statements(settings)
        assert "ReadObjects" not in statements(with_buckets(theirs=Bucket(role_arn=READER)))

    def test_are_the_business_of_the_functions_that_read(self) -> None:
        settings = with_buckets(a=Bucket(kms_key=KEY.format("a")), b=Bucket(role_arn=READER))
        for sid in ("DecryptObjects", "AssumeRoles"):
            assert {each for each in FILES if sid in statements(settings, each)} == {"process_fast", "process_slow"}

    def test_that_need_nothing_get_nothing(self) -> None:
        plain = with_buckets(a=Bucket(requester_pays=True, expected_owner="123456789012"))
        assert policy_documents(plain) == policy_documents(with_buckets(a=Bucket()))

    def test_that_nothing_maps_get_nothing(self) -> None:
        unmapped = msgspec.structs.replace(
            mapped("logs"), buckets={"x": Bucket(kms_key=KEY), "y": Bucket(role_arn=READER)}
        )
        assert policy_documents(unmapped) == policy_documents(mapped("logs"))


class TestTheKey:
    KEYS = ("arn:aws:kms:eu-west-1:123456789012:key/new", "arn:aws:kms:eu-west-1:123456789012:key/old")

    def test_of_slips_yml_is_used_through_the_services_alone(self) -> None:
        for function in FILES:
            use = statements(config(kms_keys=self.KEYS), function)["UseKey"]
            assert (use["Action"], use["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey*"], list(self.KEYS))
            services = {name.partition(".")[0] for name in use["Condition"]["StringEquals"]["kms:ViaService"]}
            sends = function in ("dispatch", "process_fast", "process_slow")
            last = ["sqs"] if function == "report" else []
            assert services == {"dynamodb", "kinesis", *(["sns"] if sends else []), *last}

    def test_that_encrypted_before_is_used_still(self) -> None:
        assert statements(config(kms_keys=("", self.KEYS[1])))["UseKey"]["Resource"] == [self.KEYS[1]]

    def test_of_aws_needs_no_permission(self) -> None:
        for keys in ((), ("",)):
            assert policy_documents(config(kms_keys=keys)) == policy_documents(config())
        assert "kms:" not in json.dumps(policy_documents(config()))


class TestSecrets:
    @pytest.mark.parametrize("value", ["ssm:/slips/hook", "ssm:slips/hook"])
    def test_are_read_by_the_functions_that_run_user_code(self, value: str) -> None:
        parameter = f"arn:aws:ssm:{ACCOUNT}:parameter/slips/hook"
        settings = with_args(hooks=[{"url": value}])
        assert may("process_fast", "ssm:GetParameter", parameter, settings)
        assert not may("process_fast", "ssm:GetParameter", parameter + "2", settings)
        assert not may("dispatch", "ssm:GetParameter", parameter, settings)

    def test_are_named_without_their_key(self) -> None:
        secret = f"arn:aws:secretsmanager:{ACCOUNT}:secret:slips/db-a1B2c3"
        assert may("process_slow", "secretsmanager:GetSecretValue", secret, with_args(db="secretsmanager:slips/db#pw"))

    @pytest.mark.parametrize("scheme", ["ssm:", "secretsmanager:"])
    def test_may_be_named_by_their_arn(self, scheme: str) -> None:
        arn = f"arn:aws:{scheme}{ACCOUNT}:secret-or-parameter"
        assert arn in json.dumps(policy_documents(with_args(key=scheme + arn)))

    def test_are_not_readable_where_none_is_named(self) -> None:
        documents = json.dumps(policy_documents(with_args(office="192.0.2.0/24", limit=3)))
        assert "ssm:" not in documents
        assert "secretsmanager:" not in documents

    def test_of_the_api_are_its_token(self) -> None:
        token = f"arn:aws:ssm:{ACCOUNT}:parameter/slips/api-token-sha256"
        assert may("api_handler", "ssm:GetParameter", token, config(api_auth="token"))
        assert not may("api_handler", "ssm:GetParameter", token, config(api_auth="iam"))


OWN = {"Sid": "Alert", "Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:*:*:alerts"]}


class TestTheUsersStatements:
    QUEUE = "arn:aws:sqs:eu-west-1:123456789012:alerts"

    def with_policy(self, **fields: Any) -> Config:
        return config(handler=Handler(policy=Policy(**fields)))

    def test_are_those_of_the_functions_that_run_user_code(self) -> None:
        settings = self.with_policy(statements=(OWN,))
        senders = {each for each in FILES if may(each, "sqs:SendMessage", self.QUEUE, settings)}
        assert senders == {"process_fast", "process_slow"}
        assert policy_documents(settings)["policy-dev-process_fast.json"]["Statement"][-1] == OWN

    def test_a_managed_policy_is_not_one_of_them(self) -> None:
        """It is attached to the role."""
        settings = self.with_policy(managed=("arn:aws:iam::aws:policy/AmazonSNSFullAccess",))
        assert policy_documents(settings) == policy_documents(config())
        assert {name for name in FILES if managed_policies(settings, name)} == {"process_fast", "process_slow"}

    def test_have_no_sid_of_ours(self) -> None:
        """IAM refuses a policy with two statements of one Sid; slips.yml reserves ours."""
        buckets = {"logs": Bucket(kms_key=KEY), "theirs": Bucket(role_arn=READER)}
        everything = msgspec.structs.replace(
            with_buckets(**buckets),
            kms_keys=(KEY,),
            handler=Handler(
                args={"a": "ssm:/a", "b": "secretsmanager:b"},
                subnet_ids=("subnet-0123abcd",),
                security_group_ids=("sg-0123abcd",),
            ),
        )
        stage = DeploymentStage("dev", "slips", ROOT, everything, "slips.yml", {"xray": True})
        policies = stage_policies(stage)
        sids = {
            each["Sid"]
            for name in ("fast", "slow")
            for each in policies[f"policy-dev-process_{name}.json"]["Statement"]
        }
        assert {sid for sid in sids if not re.fullmatch(r"Sink\d+", sid)} == OWN_SIDS

    def test_that_make_a_policy_too_large_for_iam_are_a_fault(self) -> None:
        def policies(number: int) -> dict[str, Any]:
            resources = [f"arn:aws:sqs:*:*:{each:0100}" for each in range(number)]
            settings = self.with_policy(statements=({**OWN, "Resource": resources},))
            return stage_policies(DeploymentStage("dev", "slips", ROOT, settings, "slips.yml", {}))

        assert len(policies(70)) == len(FILES)
        with pytest.raises(
            ConfigError,
            match=r"policy-dev-process_fast.json: the policy has 1\d,\d{3} characters, and IAM takes 10,240",
        ):
            policies(90)


def test_dead_letters_may_be_sent_by_functions_with_a_destination() -> None:
    topic = f"arn:aws:sns:{ACCOUNT}:slips-dead-letters"
    assert {each for each in FILES if may(each, "sns:Publish", topic, config())} == {
        "dispatch",
        "process_fast",
        "process_slow",
    }


def test_what_report_fails_on_may_be_sent_into_the_redrive_queue_by_report_alone() -> None:
    queue = f"arn:aws:sqs:{ACCOUNT}:slips-redrive"
    assert {each for each in FILES if may(each, "sqs:SendMessage", queue, config())} == {"report"}
    assert not may("report", "sqs:SendMessage", queue.replace("slips-", "other-"), config())


def test_the_redrive_queue_and_who_has_it_are_seen_by_the_api_alone() -> None:
    queue, topic = f"arn:aws:sqs:{ACCOUNT}:slips-redrive", f"arn:aws:sns:{ACCOUNT}:{{}}"
    assert {each for each in FILES if may(each, "sqs:GetQueueAttributes", queue, config())} == {"api_handler"}
    for name, allowed_ in (("slips-dispatch", True), ("slips-dead-letters", True), ("others", False)):
        assert may("api_handler", "sns:ListSubscriptionsByTopic", topic.format(name), config()) is allowed_
    assert not may("api_handler", "sqs:ReceiveMessage", queue, config())
    assert {each for each in FILES if may(each, "cloudwatch:GetMetricStatistics", "*", config())} == {"api_handler"}
    assert not may("api_handler", "cloudwatch:GetMetricData", "*", config())  # It also searches.


def test_a_vpc_is_joined_where_subnets_are_given() -> None:
    inside = config(handler=Handler(subnet_ids=("subnet-0123abcd",), security_group_ids=("sg-0123abcd",)))
    assert may("process_fast", "ec2:CreateNetworkInterface", "*", inside)
    assert "ec2:" not in json.dumps(policy_documents(config()))


def test_writing_them_returns_the_files_that_changed(tmp_path: Path) -> None:
    """Each stage has the slips.yml that its SLIPS_CONFIG names."""
    prod = {"environment_variables": {"SLIPS_CONFIG": "prod.yml"}}
    (tmp_path / ".chalice").mkdir()
    (tmp_path / ".chalice" / "config.json").write_text(
        json.dumps({"app_name": "logs", "stages": {"dev": {}, "prod": prod}})
    )
    (tmp_path / "slips.yml").write_text("stack_name: one\n")
    (tmp_path / "prod.yml").write_text("stack_name: two\n")
    (tmp_path / "app.py").write_text("retry = app.schedule('rate(1 minute)')(slips.retry)\n")
    assert len(write_files(tmp_path)) == 2 * len(FILES) + 1  # And config.json, which names them.
    assert write_files(tmp_path) == []
    text = (tmp_path / ".chalice" / "policy-prod-report.json").read_text()
    assert "table/two-errors" in text
    assert "/aws/lambda/logs-prod-report:" in text
    (tmp_path / "prod.yml").write_text("stack_name: three\n")
    policies = {f"policy-prod-{name}.json" for name in FILES}
    assert {path.name for path in write_files(tmp_path)} == {*policies, "config.json"}  # With the tag of the stack.
    assert (
        msgspec.json.decode((tmp_path / ".chalice" / "policy-prod-report.json").read_bytes())["Version"] == "2012-10-17"
    )


SERVICES = ("cloudwatch", "dynamodb", "kinesis", "s3", "secretsmanager", "sns", "sqs", "ssm")
BY_LAMBDA = {
    *(f"kinesis:{each}" for each in ("DescribeStream", "DescribeStreamSummary", "ListShards")),
    *(f"logs:{each}" for each in ("CreateLogGroup", "CreateLogStream", "PutLogEvents")),
    *("sns:Publish", "sqs:SendMessage", "s3:ListBucket", "s3:GetObjectVersion"),
}
"""What Lambda itself does with a function's role, and what S3 needs for GetObject besides it."""


def called_actions() -> set[str]:
    """The actions of all calls to AWS in the package: methods of boto3 clients, called or passed on, by name."""
    actions: dict[str, set[str]] = {}
    for service in SERVICES:
        client = boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload]
        for method, operation in client.meta.method_to_api_mapping.items():
            actions.setdefault(method, set()).add(f"{service}:{operation}")
    actions["batch_execute_statement"] = {"dynamodb:PartiQLInsert", "dynamodb:PartiQLUpdate"}
    calls = set()
    for path in (ROOT / "chalicelib" / "slips").rglob("*.py"):
        # Commands have the rights of who calls them; sinks say themselves what they need (tests/sinks).
        if {"ops", "sinks"} & {*path.relative_to(ROOT / "chalicelib" / "slips").parts}:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Attribute) and is_client(node.value):
                calls |= actions.get(node.attr, set())
    return calls


def is_client(node: ast.expr) -> bool:
    """`client`, `self._client`, `dynamodb`, `ssm`, `access.client(…)`, …: the names of clients in this project."""
    if isinstance(node, ast.Call):
        return is_client(node.func)
    name = node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""
    return name.lstrip("_") in {"client", "client_of_attempts", "manager", *SERVICES}


def test_what_the_code_calls_is_what_the_policies_allow() -> None:
    """Both ways: a call that no policy allows fails only in production, and what nobody calls need not be allowed."""
    table = f"arn:aws:dynamodb:{ACCOUNT}:table/failed"
    args = Handler(args={"a": "ssm:/a", "b": "secretsmanager:b"})
    settings = config(api_auth="token", handler=args, error_table="failed", error_table_arn=table)
    policies = policy_documents(settings).values()
    allowed_ = {action for policy in policies for each in policy["Statement"] for action in each["Action"]}
    assert called_actions() - allowed_ == set()
    assert allowed_ - called_actions() - BY_LAMBDA == set()


def test_the_project_of_the_tests_has_the_policies_that_its_slips_yml_asks_for(tmp_path: Path) -> None:
    """Its app.py is imported for its sinks, with the SLIPS that it brings."""
    project = copy_project(tmp_path / "project")
    assert write_files(project) == []
