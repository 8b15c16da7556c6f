"""`kms_key` of slips.yml: what is encrypted with it, who may use it, and what would be lost with the old one."""

from __future__ import annotations

import json
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import given_arns
from slips.ops.deploy.account import current_account
from slips.ops.deploy.deploy import DeploymentPlan
from slips.ops.deploy.drift.storage import storage_drift
from slips.ops.deploy.drift.topics import topic_drift
from slips.ops.deploy.log_groups import group_changes
from slips.ops.deploy.package_templates import merge_template, terraform_files
from slips.ops.deploy.policies import stage_policies
from slips.ops.deploy.provision import plan_provision
from slips.ops.deploy.roles import allow_keys
from slips.ops.deploy.stack import template
from slips.ops.deploy.stage import DeploymentStage, read_stage

from ...builders import config
from ...config.written import KEY

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
DOCS = Path(__file__).resolve().parents[3] / "docs" / "deployment.md"
SERVICES = ("s3.amazonaws.com", "sns.amazonaws.com", "cloudwatch.amazonaws.com", "logs.eu-central-1.amazonaws.com")


def documented_policy() -> Any:
    """The policy of a key in docs/deployment.md, filled in."""
    (block,) = re.findall(r"```json\n(\{\n  \"Version\".*?)```", DOCS.read_text(), re.DOTALL)
    return json.loads(block.replace("ACCOUNT", "123456789012").replace("REGION", "eu-central-1"))


def make_key() -> str:
    return str(aws.client("kms").create_key(Policy=json.dumps(documented_policy()))["KeyMetadata"]["Arn"])


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    app = f"keys-{next(_number)}"
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": app, "stages": {"dev": {}}}))
    return tmp_path


def read(project: Path, key: object = None, **keys: object) -> DeploymentStage:
    app = json.loads((project / ".chalice" / "config.json").read_text())["app_name"]
    (project / "slips.yml").write_text(json.dumps({"stack_name": f"{app}-stack", "kms_key": key, **keys}))
    return read_stage("dev", project=project)


def provision(stage: DeploymentStage) -> None:
    plan_provision(stage, current_account()).execute(lambda line: None)


def problems(stage: DeploymentStage) -> list[str]:
    return list(given_arns.check(stage.config, current_account()))


class TestTheTemplate:
    def test_encrypts_streams_tables_and_topics(self) -> None:
        resources = {name: each["Properties"] for name, each in template(config(kms_keys=(KEY,)))["Resources"].items()}
        for lane in ("FastLane", "SlowLane"):
            assert resources[lane]["StreamEncryption"] == {"EncryptionType": "KMS", "KeyId": KEY}
        for table in ("ErrorTable", "LedgerTable"):
            assert resources[table]["SSESpecification"] == {"SSEEnabled": True, "SSEType": "KMS", "KMSMasterKeyId": KEY}
        for topic in ("TopicS3", "DeadLetters", "Alarms"):
            assert resources[topic]["KmsMasterKeyId"] == KEY

    @pytest.mark.parametrize("keys", [(), ("", KEY)])
    def test_leaves_them_to_the_keys_of_aws(self, keys: tuple[str, ...]) -> None:
        assert template(config(kms_keys=keys)) == template(config())
        assert "arn:aws:kms" not in json.dumps(template(config()))

    def test_of_the_functions_encrypts_their_logs(self, project: Path) -> None:
        stage = read(project, KEY)
        groups = [each for each in merge_template(stage)["Resources"].values() if "LogGroup" in each.get("Type", "")]
        assert [each["Properties"]["KmsKeyId"] for each in groups] == [KEY] * 5
        groups = terraform_files(stage)["slips.tf.json"]["resource"]["aws_cloudwatch_log_group"].values()
        assert [each["kms_key_id"] for each in groups] == [KEY] * 5
        plain = read(project)
        assert "kms" not in json.dumps([merge_template(plain), terraform_files(plain)]).lower()


class TestTheKey:
    @pytest.fixture
    def policy(self, monkeypatch: pytest.MonkeyPatch) -> Any:
        """The policy that the key has from now on; moto takes only some of those that AWS does."""
        policy = documented_policy()
        monkeypatch.setattr("slips.ops.deploy.kms_keys.find_key_policy", lambda arn: json.dumps(policy))
        return policy

    def test_with_the_documented_policy_can_be_used(self, project: Path) -> None:
        assert problems(read(project, make_key())) == []

    @pytest.mark.parametrize("service", SERVICES)
    def test_must_let_each_service_use_it(self, project: Path, policy: Any, service: str) -> None:
        """S3 would lose notifications silently."""
        for statement in policy["Statement"]:
            if isinstance(named := statement["Principal"].get("Service"), list):
                named[:] = {*named} - {service}
            elif named == service:
                statement["Principal"] = {}
        key = make_key()
        assert problems(read(project, key)) == [
            f"kms_key: the policy of {key} does not let {service} use it; docs/deployment.md shows the policy of a key"
        ]

    @pytest.mark.parametrize("change", [{"Effect": "Deny"}, {"Action": ["kms:Decrypt"]}, {"Action": "kms:DescribeKey"}])
    def test_must_let_them_decrypt_and_make_data_keys(self, project: Path, policy: Any, change: Any) -> None:
        for statement in policy["Statement"]:
            statement |= change if "Service" in statement["Principal"] else {}
        assert len(problems(read(project, make_key()))) == len(SERVICES)

    @pytest.mark.parametrize(
        ("principal", "count"), [("*", 0), ({"Service": list(SERVICES)}, 0), ({"Service": SERVICES[0]}, 3)]
    )
    def test_may_name_them_in_every_form_of_iam(self, project: Path, policy: Any, principal: Any, count: int) -> None:
        policy["Statement"] = {"Effect": "Allow", "Principal": principal, "Action": "KMS:*", "Resource": "*"}
        assert len(problems(read(project, make_key()))) == count

    def test_need_not_let_s3_use_it_where_no_topic_is_ours(self, project: Path, policy: Any) -> None:
        policy["Statement"][1]["Principal"] = {"Service": "cloudwatch.amazonaws.com"}
        topic = aws.client("sns").create_topic(Name=f"given-{next(_number)}")["TopicArn"]
        assert problems(read(project, make_key(), backend={"sns_topics": [{"name": "a", "arn": topic}]})) == []

    def test_must_exist_be_enabled_and_encrypt_here(self, project: Path) -> None:
        kms, there = aws.client("kms"), KEY.replace("eu-west-1", "eu-central-1")
        assert problems(read(project, there)) == [f"kms_key: there is no {there}; correct the ARN, or create it first"]
        assert problems(read(project, KEY)) == [
            f"kms_key: {KEY} is not in region eu-central-1, where the deployment is"
        ]
        key = make_key()
        kms.disable_key(KeyId=key.rpartition("/")[2])
        assert problems(read(project, [make_key(), key])) == [f"kms_key: {key} is Disabled; enable it first"]
        signing = kms.create_key(KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["Arn"]
        assert problems(read(project, signing)) == [
            f"kms_key: {signing} is not an encryption key; name a symmetric encryption key"
        ]

    def test_of_another_account_shows_its_policy_to_nobody(
        self, project: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        key = "arn:aws:kms:eu-central-1:111122223333:key/abc"
        described = {"KeyState": "Enabled", "KeySpec": "SYMMETRIC_DEFAULT"}
        monkeypatch.setattr("slips.ops.deploy.kms_keys.find_key", lambda arn: described)
        assert problems(read(project, key)) == []


class TestAChangeOfTheKey:
    def test_leaves_nobody_without_what_waits_in_a_lane(self, project: Path) -> None:
        """Records stay encrypted with the key of their time."""
        old, new = make_key(), make_key()
        stage = read(project, old)
        provision(stage)
        stack = stage.config.stack_name
        for key, first in ((new, new), (None, "aws")):
            assert problems(read(project, key)) == [
                f"kms_key: records of the stream {stack}-{lane} are encrypted with {old}, and the functions could no "
                f"longer read them; write kms_key: [{first}, {old}] until the stream has dropped them (a week)"
                for lane in ("fast", "slow")
            ]
            assert problems(read(project, [first, old])) == []

    def test_minds_no_key_of_aws(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        stage = read(project)
        provision(stage)
        assert problems(read(project, key := make_key())) == []
        managed = make_key()
        for lane in ("fast", "slow"):
            aws.client("kinesis").start_stream_encryption(
                StreamName=f"{stage.config.stack_name}-{lane}", EncryptionType="KMS", KeyId=managed
            )
        assert len(problems(stage)) == 2

        def find(arn: str) -> Any:
            described = aws.client("kms").describe_key(KeyId=arn)["KeyMetadata"]
            return {**described, "KeyManager": "AWS" if arn == managed else "CUSTOMER"}

        monkeypatch.setattr("slips.ops.deploy.kms_keys.find_key", find)
        assert problems(stage) == problems(read(project, key)) == []


class TestTheFunctions:
    def make_roles(self, stage: DeploymentStage) -> None:
        for function in stage.functions:
            role, iam = stage.role_name(function), aws.client("iam")
            iam.create_role(RoleName=role, AssumeRolePolicyDocument="{}")
            document = json.dumps(stage_policies(stage)[f"policy-dev-{function}.json"])
            iam.put_role_policy(RoleName=role, PolicyName=role, PolicyDocument=document)
            aws.client("lambda").create_function(
                FunctionName=stage.function_name(function), Role=f"arn:aws:iam::123456789012:role/{role}",
                Code={"ZipFile": b"x"}, Handler="a.b", Runtime="python3.12",
            )  # fmt: skip

    def statements(self, role: str) -> list[Any]:
        document = aws.client("iam").get_role_policy(RoleName=role, PolicyName=role)["PolicyDocument"]
        return list(document["Statement"])

    def test_may_use_it_before_the_stack_encrypts_with_it(self, project: Path) -> None:
        before = read(project)
        self.make_roles(before)
        stage = read(project, key := make_key())
        roles = [stage.role_name(function) for function in stage.functions]
        old = {role: self.statements(role) for role in roles}
        assert list(allow_keys(stage)) == [f"role {role}: may use {key}" for role in roles]
        for role in roles:
            *others, use = self.statements(role)
            assert (others, use["Sid"], use["Resource"]) == (old[role], "UseKey", [key])
        assert list(allow_keys(stage)) == []
        stage = read(project, [second := make_key(), key])
        assert len(list(allow_keys(stage))) == 5
        uses = [each for each in self.statements(roles[0]) if each["Sid"] == "UseKey"]
        assert [sorted(each["Resource"]) for each in uses] == [sorted([key, second])]

    def test_that_do_not_exist_need_nothing(self, project: Path) -> None:
        assert list(allow_keys(read(project, make_key()))) == []

    def test_get_it_in_a_deployment_after_the_question(self, project: Path) -> None:
        self.make_roles(read(project))
        stage = read(project, make_key())
        plan = plan_provision(stage, current_account(), deploys=True)
        steps: list[str] = []
        deployment = DeploymentPlan(stage, current_account(), plan, {}, (), ())

        def answer_no(question: str) -> None:
            raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            deployment.execute(steps.append, answer_no)
        assert len(list(allow_keys(stage))) == 5

    def test_are_asked_for_first_where_only_the_stack_is_changed(self, project: Path) -> None:
        self.make_roles(read(project))
        stage = read(project, key := make_key())
        with pytest.raises(DeploymentError) as refused:
            plan_provision(stage, current_account())
        assert str(refused.value) == (
            f"kms_key: the function {stage.function_name('dispatch')} may not use {key} yet; run: slips deploy --stage "
            "dev (then run this command again); nothing was changed"
        )
        list(allow_keys(stage))
        plan_provision(stage, current_account()).discard()


class TestTheCheck:
    def test_names_what_has_another_key(self, project: Path) -> None:
        provision(read(project))
        stage, account = read(project, key := make_key()), current_account()
        stack = stage.config.stack_name
        lines = [line for line in storage_drift(stage) if " key is " in line]
        put_it_back = "if slips provision finds nothing to change, restore it: aws"
        start = f"{put_it_back} kinesis start-stream-encryption"
        assert lines[:2] == [
            f"stream {stack}-{lane}: key is alias/aws/kinesis, should be {key}; {start}" for lane in ("fast", "slow")
        ]
        for table, line in zip(("ledger", "errors"), lines[2:4], strict=True):
            assert line.startswith(f"table {stack}-{table}: SSE key is ")
            assert line.endswith(f", should be {key}; {put_it_back} dynamodb update-table --sse-specification")
        queue = f"queue {stack}-redrive: master key is None, should be {key}; {put_it_back} sqs set-queue-attributes"
        assert lines[4:] == [queue]
        assert list(topic_drift(stage, account)) == [
            f"topic {stack}-{name}: KmsMasterKeyId is None, should be {key}; {put_it_back} sns set-topic-attributes"
            for name in ("dispatch", "dead-letters", "alarms")
        ]
        provision(stage)
        assert [line for line in storage_drift(stage) if " key is " in line] == []
        assert list(topic_drift(stage, account)) == []

    def test_minds_no_key_without_one_of_your_own(self, project: Path) -> None:
        provision(read(project, make_key()))
        stage = read(project)
        assert [line for line in storage_drift(stage) if " key is " in line] == []
        assert list(topic_drift(stage, current_account())) == []


class TestALogGroup:
    def test_is_created_with_it(self, project: Path) -> None:
        name, key = f"/aws/lambda/{project.name}", make_key()
        (change,) = group_changes(read(project, key), name)
        change.apply()
        (group,) = aws.client("logs").describe_log_groups(logGroupNamePrefix=name)["logGroups"]
        assert group["kmsKeyId"] == key
        assert list(group_changes(read(project, key), name)) == []

    def test_gets_it(self, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        name, key = f"/aws/lambda/{project.name}", make_key()
        (change,) = group_changes(read(project), name)
        change.apply()
        (change,) = group_changes(read(project, key), name)
        assert str(change) == f"{name}: key: none -> {key}"
        requests: list[Any] = []
        # moto does not know the call.
        monkeypatch.setattr(aws.client("logs"), "associate_kms_key", lambda **request: requests.append(request))
        change.apply()
        assert requests == [{"logGroupName": name, "kmsKeyId": key}]

    def test_keeps_that_of_somebody_else(self, project: Path) -> None:
        name = f"/aws/lambda/{project.name}"
        (change,) = group_changes(read(project, make_key()), name)
        change.apply()
        assert list(group_changes(read(project), name)) == []
