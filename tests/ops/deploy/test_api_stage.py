"""The REST API's access log and throttle: stage settings of API Gateway that Chalice does not know."""

from __future__ import annotations

import dataclasses
import json
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.deploy import packaging
from slips.ops.deploy.account import current_account
from slips.ops.deploy.api_stage import FORMAT, api_changes, check_access_log
from slips.ops.deploy.package_templates import merge_template, terraform_files
from slips.ops.deploy.removal import list_stores
from slips.ops.deploy.stage import DeploymentStage, read_stage

_number = count(1)
BOTH = {"access_log": True, "throttle": {"rate": 10, "burst": 20}}
LOGS = "arn:aws:logs:eu-central-1:123456789012:log-group:"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / ".chalice").mkdir()
    app = f"api-{next(_number)}"
    stages = {"dev": {"api_gateway_stage": "v1"}}
    (tmp_path / ".chalice" / "config.json").write_text(json.dumps({"app_name": app, "stages": stages}))
    return tmp_path


def read(project: Path, **api: object) -> DeploymentStage:
    (project / "slips.yml").write_text(json.dumps({"stack_name": "slips", "api": api}))
    return read_stage("dev", project=project)


def make_api(stage: DeploymentStage) -> str:
    """The function and its API, as Chalice makes them."""
    gateway, functions = aws.client("apigateway"), aws.client("lambda")
    name = stage.function_name("api_handler")
    role = aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    code = {"ZipFile": b"x"}
    functions.create_function(FunctionName=name, Role=role, Code=code, Handler="a.b", Runtime="python3.12")
    api = str(gateway.create_rest_api(name=stage.app_name)["id"])
    root = gateway.get_resources(restApiId=api)["items"][0]["id"]
    gateway.put_method(restApiId=api, resourceId=root, httpMethod="GET", authorizationType="NONE")
    gateway.put_integration(restApiId=api, resourceId=root, httpMethod="GET", type="MOCK")
    gateway.create_deployment(restApiId=api, stageName="v1")
    functions.add_permission(
        FunctionName=name, StatementId="s", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com",
        SourceArn=f"arn:aws:execute-api:eu-central-1:123456789012:{api}/*",
    )  # fmt: skip
    return api


def changes(stage: DeploymentStage) -> list[Any]:
    return list(api_changes(stage, current_account()))


def change_log(api: str, setting: str, value: str) -> None:
    operation = {"op": "replace", "path": f"/accessLogSettings/{setting}", "value": value}
    aws.client("apigateway").update_stage(restApiId=api, stageName="v1", patchOperations=[operation])


def test_both_are_set_and_then_as_slips_yml_says(project: Path) -> None:
    stage = read(project, **BOTH)
    api = make_api(stage)
    group = f"/aws/apigateway/{stage.app_name}-dev"
    assert [str(change) for change in changes(stage)] == [
        f"{group}: days kept: none -> 30",
        f"REST API {api}: access log: none -> {LOGS}{group}",
        f"REST API {api}: throttle: none -> 10 requests a second, 20 at once",
    ]
    for change in changes(stage):
        change.apply()
    settings = aws.client("apigateway").get_stage(restApiId=api, stageName="v1")
    assert settings["accessLogSettings"] == {"destinationArn": f"{LOGS}{group}", "format": FORMAT}
    methods = settings["methodSettings"]["*/*"]
    assert (methods["throttlingRateLimit"], methods["throttlingBurstLimit"]) == (10, 20)
    assert changes(stage) == []
    (change,) = changes(read(project, throttle={"rate": 10, "burst": 30}))
    assert str(change) == (
        f"REST API {api}: throttle: 10 requests a second, 20 at once -> 10 requests a second, 30 at once"
    )


@pytest.mark.parametrize(("setting", "value"), [("destinationArn", f"{LOGS}mine"), ("format", "mine")])
def test_another_log_or_format_is_replaced(project: Path, setting: str, value: str) -> None:
    stage = read(project, access_log=True)
    api = make_api(stage)
    for change in changes(stage):
        change.apply()
    change_log(api, setting, value)
    (change,) = changes(stage)
    change.apply()
    assert changes(stage) == []


def test_what_slips_yml_leaves_out_stays(project: Path) -> None:
    make_api(read(project))
    for change in changes(read(project, **BOTH)):
        change.apply()
    assert changes(read(project)) == []


def test_the_arn_that_cloudformation_writes_is_the_same_log(project: Path) -> None:
    stage = read(project, access_log=True)
    api = make_api(stage)
    packaged = dataclasses.replace(stage, packaged_by="functions-stack")
    for change in changes(packaged):
        change.apply()
    change_log(api, "destinationArn", f"{LOGS}/aws/apigateway/functions-stack:*")
    assert changes(packaged) == []


def test_without_an_api_there_is_nothing_to_set(project: Path) -> None:
    stage = read(project, throttle={"rate": 1, "burst": 1})
    function = stage.function_name("api_handler")
    message = f"no REST API with the stage v1 calls the function {function}; run: slips deploy"
    with pytest.raises(DeploymentError, match=message):
        changes(stage)
    api = make_api(stage)
    aws.client("apigateway").delete_stage(restApiId=api, stageName="v1")
    with pytest.raises(DeploymentError, match=message):
        changes(stage)


def test_an_api_that_was_deleted_is_passed_over(project: Path) -> None:
    """Its permission to call the function stays."""
    stage = read(project, throttle={"rate": 1, "burst": 1})
    api = make_api(stage)
    permission = json.loads(aws.client("lambda").get_policy(FunctionName=stage.function_name("api_handler"))["Policy"])
    (statement,) = permission["Statement"]
    statements = [json.dumps(statement).replace(api, "deleted123"), json.dumps(statement)]
    text = f'{{"Statement": [{", ".join(statements)}]}}'
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(aws.client("lambda"), "get_policy", lambda **_: {"Policy": text})
        (change,) = changes(stage)
    assert change.what == f"REST API {api}: throttle"


def test_an_access_log_needs_the_role_of_the_account(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All APIs of the account share it: SLIPS names what is missing, before anything is changed."""
    gateway = aws.client("apigateway")
    monkeypatch.setattr(gateway, "get_account", dict)
    check_access_log(read(project, throttle={"rate": 1, "burst": 1}))
    with pytest.raises(DeploymentError, match=r"API Gateway has no role .* nothing was changed") as refused:
        check_access_log(read(project, access_log=True))
    assert "aws apigateway update-account --patch-operations op=replace,path=/cloudwatchRoleArn" in str(refused.value)
    monkeypatch.setattr(gateway, "get_account", lambda: {"cloudwatchRoleArn": "arn:aws:iam::123456789012:role/logs"})
    check_access_log(read(project, access_log=True))


def test_a_line_of_the_log_is_json_on_one_line() -> None:
    assert {"ip", "caller", "method", "path", "status"} <= set(json.loads(FORMAT))
    assert "\n" not in FORMAT


def test_a_removal_knows_the_log(project: Path) -> None:
    stage = read(project)
    assert ("log group", f"/aws/apigateway/{stage.app_name}-dev") in list(list_stores(stage))


def test_the_merged_template_holds_both(project: Path) -> None:
    resources = merge_template(read(project, **BOTH))["Resources"]
    properties = resources["RestAPI"]["Properties"]
    arn = {"Fn::GetAtt": ["ApiAccessLogGroup", "Arn"]}
    assert properties["AccessLogSetting"] == {"DestinationArn": arn, "Format": FORMAT}
    assert properties["MethodSettings"] == [
        {"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 10, "ThrottlingBurstLimit": 20}
    ]
    group = resources["ApiAccessLogGroup"]["Properties"]
    assert group == {"LogGroupName": {"Fn::Sub": "/aws/apigateway/${AWS::StackName}"}, "RetentionInDays": 30}
    assert "RestAPI" not in merge_template(read(project))["Resources"]


def test_terraform_holds_the_throttle(project: Path) -> None:
    resources = terraform_files(read(project, **BOTH))["slips.tf.json"]["resource"]
    settings = resources["aws_api_gateway_method_settings"]["slips"]
    assert (settings["stage_name"], settings["method_path"]) == ("v1", "*/*")
    assert settings["settings"] == {"throttling_rate_limit": 10, "throttling_burst_limit": 20}
    assert "aws_api_gateway_method_settings" not in terraform_files(read(project))["slips.tf.json"]["resource"]


def test_a_package_for_terraform_says_that_it_holds_no_access_log(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("check_packaged", "check_lock", "run_packaging"):
        monkeypatch.setattr(packaging, name, lambda *_: None)
    monkeypatch.setattr(packaging, "prepare_package", lambda stage: ())
    said: list[str] = []
    line = "api.access_log: Terraform cannot set it, since Chalice's file makes no stage of its own"
    packaging.write_package(read(project, **BOTH), project, "terraform", said.append)
    assert line in said
    said.clear()
    packaging.write_package(read(project, throttle=BOTH["throttle"]), project, "terraform", said.append)
    packaging.write_package(read(project, **BOTH), project, "cloudformation", said.append)
    assert line not in said
