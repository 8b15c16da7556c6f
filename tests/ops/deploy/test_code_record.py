"""Which code the functions run, and what keeps a topic from calling one."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.ops.deploy.account import AwsAccount, current_account
from slips.ops.deploy.account_resources import find_function
from slips.ops.deploy.code_record import code_drift, digest_sources, record_code
from slips.ops.deploy.stage import DeploymentStage, read_stage
from slips.ops.deploy.topic_calls import missing_calls

pytestmark = pytest.mark.usefixtures("clock")
_number = count(1)
SOURCES = ("app.py", "requirements.txt", "chalicelib/rules.py", "vendor/maps/ports.csv")


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    """A stage whose functions and topics exist; none calls another."""
    name = f"code-{next(_number)}"
    for file in (*SOURCES, ".chalice/config.json"):
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_text("")
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": name, "stages": {"dev": {}}}))
    (tmp_path / "slips.yml").write_text(f"stack_name: {name}\n")
    stage = read_stage("dev", project=tmp_path)
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    for function in map(stage.function_name, stage.functions):
        aws.client("lambda").create_function(
            FunctionName=function, Runtime="python3.12", Role=role, Handler="app.f", Code={"ZipFile": pack("")}
        )
    for topic in ("dispatch", "dead-letters"):
        aws.client("sns").create_topic(Name=f"{name}-{topic}")
    return stage


def pack(code: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", code)
    return packed.getvalue()


def drift_of(stage: DeploymentStage) -> list[str]:
    return list(code_drift(stage, {name: find_function(stage.function_name(name)) for name in stage.functions}))


def test_what_was_deployed_from_this_folder_is_as_it_was_deployed(stage: DeploymentStage) -> None:
    record_code(stage)
    assert drift_of(stage) == []


def test_code_that_was_changed_by_hand_is_named(stage: DeploymentStage) -> None:
    record_code(stage)
    function = stage.function_name("report")
    aws.client("lambda").update_function_code(FunctionName=function, ZipFile=pack("x=1"))
    assert drift_of(stage) == [f"function {function}: its code was changed by hand; run: slips deploy --stage dev"]
    record_code(stage)
    assert drift_of(stage) == []


def test_functions_without_a_record_are_named(stage: DeploymentStage) -> None:
    """`chalice deploy` on its own removes the tags."""
    lines = drift_of(stage)
    assert len(lines) == 5
    for name, line in zip(stage.functions, lines, strict=True):
        problem = "it is not known which code was deployed; run: slips deploy --stage dev"
        assert line == f"function {stage.function_name(name)}: {problem}"


def edit(file: str) -> Callable[[Path], Any]:
    return lambda project: (project / file).write_text("edited")


CHANGES: dict[str, Callable[[Path], Any]] = {
    **{f"{file} is edited": edit(file) for file in SOURCES},
    "requirements.txt is deleted": lambda project: (project / "requirements.txt").unlink(),
    "a module is renamed": lambda project: (project / "chalicelib/rules.py").rename(project / "chalicelib/other.py"),
    "a file is added": edit("vendor/new.csv"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_folder_whose_files_are_others_is_named(stage: DeploymentStage, change: Callable[[Path], Any]) -> None:
    record_code(stage)
    change(stage.project)
    (line,) = drift_of(stage)
    functions = ", ".join(map(stage.function_name, stage.functions))
    files = "app.py, requirements.txt, requirements.lock, chalicelib/"
    assert line.startswith(f"{functions}: their code differs from {files}")
    assert line.endswith("; run: slips deploy --stage dev")


def test_byte_code_and_what_is_not_packaged_change_nothing(stage: DeploymentStage) -> None:
    before = digest_sources(stage.project)
    (stage.project / "chalicelib" / "__pycache__").mkdir()
    (stage.project / "chalicelib" / "__pycache__" / "rules.pyc").write_text("")
    (stage.project / "README.md").write_text("")
    assert digest_sources(stage.project) == before


def test_files_behind_a_link_of_vendor_count(stage: DeploymentStage, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Chalice packages what lies behind them."""
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "table.csv").write_text("1")
    (stage.project / "vendor" / "linked").symlink_to(elsewhere)
    before = digest_sources(stage.project)
    (elsewhere / "table.csv").write_text("2")
    assert digest_sources(stage.project) != before


class TestTopics:
    @pytest.fixture
    def here(self) -> AwsAccount:
        return current_account()

    def test_that_call_nothing_are_named_and_put_right(self, stage: DeploymentStage, here: AwsAccount) -> None:
        name = stage.config.stack_name
        calls = list(missing_calls(stage, here))
        assert list(map(str, calls)) == [
            f"topic {name}-dispatch: does not call {name}-dev-dispatch",
            f"function {name}-dev-dispatch: does not let the topic {name}-dispatch call it",
            f"topic {name}-dead-letters: does not call {name}-dev-report",
            f"function {name}-dev-report: does not let the topic {name}-dead-letters call it",
        ]
        for call in calls:
            call.fix()
        assert list(missing_calls(stage, here)) == []

    def test_that_were_created_again_call_their_function_again(self, stage: DeploymentStage, here: AwsAccount) -> None:
        for call in missing_calls(stage, here):
            call.fix()
        aws.client("sns").delete_topic(TopicArn=here.arn("sns", f"{stage.config.stack_name}-dispatch"))
        aws.client("sns").create_topic(Name=f"{stage.config.stack_name}-dispatch")
        (call,) = missing_calls(stage, here)
        call.fix()
        assert list(missing_calls(stage, here)) == []

    def test_of_a_longer_name_give_no_permission(self, stage: DeploymentStage, here: AwsAccount) -> None:
        for call in missing_calls(stage, here):
            call.fix()
        client, function = aws.client("lambda"), stage.function_name("report")
        topic = here.arn("sns", f"{stage.config.stack_name}-dead-letters")
        client.remove_permission(FunctionName=function, StatementId=f"slips-{stage.config.stack_name}-dead-letters")
        client.add_permission(
            FunctionName=function, StatementId="other", Action="lambda:InvokeFunction", Principal="sns.amazonaws.com",
            SourceArn=f"{topic}-of-others",
        )  # fmt: skip
        assert [str(call) for call in missing_calls(stage, here)] == [
            f"function {function}: does not let the topic {stage.config.stack_name}-dead-letters call it"
        ]

    def test_of_another_account_are_not_looked_at(self, stage: DeploymentStage, here: AwsAccount) -> None:
        topic = "arn:aws:sns:eu-central-1:999999999999:landed"
        (stage.project / "slips.yml").write_text(
            f"stack_name: {stage.config.stack_name}\nbackend:\n  sns_topics: [{{name: landed, arn: '{topic}'}}]\n"
            f"  dlq_sns_arn: '{topic}-dead'\n"
        )
        assert list(missing_calls(read_stage("dev", project=stage.project), here)) == []
