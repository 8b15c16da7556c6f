"""`chalice deploy`: the real command, against an emulated account."""

from __future__ import annotations

import base64
import hashlib
import json
import platform
from typing import Any

import pytest

from .deployed import Deployment
from .package import Package
from .project import REGION

pytestmark = pytest.mark.slow

HANDLERS = {
    "slips-dev": "app.app",
    "slips-dev-dispatch": "app.dispatch",
    "slips-dev-process_fast": "app.process_fast",
    "slips-dev-process_slow": "app.process_slow",
    "slips-dev-report": "app.report",
    "slips-dev-retry": "app.retry",
}
ROUTES = {
    ("GET", "/errors"),
    ("GET", "/errors/{error_id}"),
    ("DELETE", "/errors/{error_id}"),
    ("POST", "/drain"),
    ("GET", "/objects"),
    ("GET", "/health"),
}


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:{REGION}:123456789012:{name}"


def functions(deployment: Deployment) -> dict[str, Any]:
    configurations = deployment.emulator.client("lambda").list_functions()["Functions"]
    return {each["FunctionName"]: each for each in configurations}


def event_sources(deployment: Deployment) -> dict[str, Any]:
    sources = deployment.emulator.client("lambda").list_event_source_mappings()["EventSourceMappings"]
    return {each["FunctionArn"]: each for each in sources}


def subscriptions(deployment: Deployment) -> dict[str, Any]:
    all_subscriptions = deployment.emulator.client("sns").list_subscriptions()["Subscriptions"]
    return {each["Endpoint"]: each for each in all_subscriptions}


def policies(deployment: Deployment) -> dict[str, Any]:
    iam = deployment.emulator.client("iam")
    return {
        role["RoleName"]: {
            name: iam.get_role_policy(RoleName=role["RoleName"], PolicyName=name)["PolicyDocument"]
            for name in iam.list_role_policies(RoleName=role["RoleName"])["PolicyNames"]
        }
        for role in iam.list_roles()["Roles"]
    }


def routes(deployment: Deployment) -> dict[str, set[tuple[str, str]]]:
    """By the id of the API."""
    gateway = deployment.emulator.client("apigateway")
    return {
        api["id"]: {
            (method, resource["path"])
            for resource in gateway.get_resources(restApiId=api["id"])["items"]
            for method in resource.get("resourceMethods", {})
        }
        for api in gateway.get_rest_apis()["items"]
    }


def everything(deployment: Deployment) -> dict[str, Any]:
    """What Chalice created in the account, without times."""
    volatile = ("LastModified", "RevisionId", "CreateDate")
    account = {
        "functions": functions(deployment),
        "event sources": event_sources(deployment),
        "subscriptions": subscriptions(deployment),
    }
    for rows in account.values():
        for each in rows.values():
            for name in volatile:
                each.pop(name, None)
    return {**account, "policies": policies(deployment), "routes": routes(deployment)}


class TestTheFunctions:
    def test_have_the_handlers_of_app_py(self, deployment: Deployment) -> None:
        assert {name: each["Handler"] for name, each in functions(deployment).items()} == HANDLERS

    def test_run_on_this_python(self, deployment: Deployment) -> None:
        major, minor, _ = platform.python_version_tuple()
        assert {each["Runtime"] for each in functions(deployment).values()} == {f"python{major}.{minor}"}

    def test_know_which_slips_yml_is_theirs_and_no_secret(self, deployment: Deployment) -> None:
        variables = [each["Environment"]["Variables"] for each in functions(deployment).values()]
        assert variables == [{"SLIPS_CONFIG": "slips.yml"}] * len(HANDLERS)

    def test_have_memory_and_time_of_their_own(self, deployment: Deployment) -> None:
        settings = json.loads((deployment.project / ".chalice" / "config.json").read_text())["lambda_functions"]
        for name, each in functions(deployment).items():
            expected = settings[name.removeprefix("slips-dev").removeprefix("-") or "api_handler"]
            assert each["MemorySize"] == expected["lambda_memory_size"], name
            assert each["Timeout"] == expected["lambda_timeout"], name

    def test_are_the_package(self, deployment: Deployment, package: Package) -> None:
        digest = base64.b64encode(hashlib.sha256(package.zip.read_bytes()).digest()).decode()
        assert {each["CodeSha256"] for each in functions(deployment).values()} == {digest}

    @pytest.mark.parametrize("function", sorted(HANDLERS))
    def test_may_do_what_their_policy_file_says_and_no_more(self, deployment: Deployment, function: str) -> None:
        short = function.removeprefix("slips-dev").removeprefix("-") or "api_handler"
        file = deployment.project / ".chalice" / f"policy-dev-{short}.json"
        role = functions(deployment)[function]["Role"].rpartition("/")[2]
        assert role == f"slips-dev-{short}"
        assert list(policies(deployment)[role].values()) == [json.loads(file.read_text())]


class TestTheWiring:
    def test_calls_dispatch_and_report_from_their_topics(self, deployment: Deployment) -> None:
        topics = {name: (each["Protocol"], each["TopicArn"]) for name, each in subscriptions(deployment).items()}
        assert topics == {
            arn("lambda", "function:slips-dev-dispatch"): ("lambda", arn("sns", "slips-dispatch")),
            arn("lambda", "function:slips-dev-report"): ("lambda", arn("sns", "slips-dead-letters")),
        }

    def test_calls_retry_each_minute(self, deployment: Deployment) -> None:
        events = deployment.emulator.client("events")
        [rule] = events.list_rules()["Rules"]
        assert (rule["ScheduleExpression"], rule["State"]) == ("rate(1 minute)", "ENABLED")
        [target] = events.list_targets_by_rule(Rule=rule["Name"])["Targets"]
        assert target["Arn"] == arn("lambda", "function:slips-dev-retry")

    @pytest.mark.parametrize("lane", ["fast", "slow"])
    def test_reads_each_lane_from_its_beginning(self, deployment: Deployment, lane: str) -> None:
        sources = event_sources(deployment)
        assert len(sources) == 2
        source = sources[arn("lambda", f"function:slips-dev-process_{lane}")]
        assert source["EventSourceArn"] == arn("kinesis", f"stream/slips-{lane}")
        assert source["StartingPosition"] == "TRIM_HORIZON"
        assert source["BatchSize"] == (deployment.config.fast if lane == "fast" else deployment.config.slow).batch_size

    @pytest.mark.parametrize(
        ("function", "service"),
        [
            ("slips-dev-dispatch", "sns"),
            ("slips-dev-report", "sns"),
            ("slips-dev-retry", "events"),
            ("slips-dev", "apigateway"),
        ],
    )
    def test_lets_only_its_caller_call_a_function(self, deployment: Deployment, function: str, service: str) -> None:
        policy = deployment.emulator.client("lambda").get_policy(FunctionName=function)["Policy"]
        allowed = [(each["Principal"]["Service"], each["Action"]) for each in json.loads(policy)["Statement"]]
        assert allowed == [(f"{service}.amazonaws.com", "lambda:InvokeFunction")]

    def test_serves_the_rest_api(self, deployment: Deployment) -> None:
        [(api, api_routes)] = routes(deployment).items()
        assert api_routes >= ROUTES
        gateway = deployment.emulator.client("apigateway")
        assert [stage["stageName"] for stage in gateway.get_stages(restApiId=api)["item"]] == ["api"]
        resource = next(each for each in gateway.get_resources(restApiId=api)["items"] if each["path"] == "/drain")
        called = gateway.get_integration(restApiId=api, resourceId=resource["id"], httpMethod="POST")
        assert called["type"].upper() == "AWS_PROXY"
        assert arn("lambda", "function:slips-dev/invocations") in called["uri"]


def test_a_second_deploy_changes_nothing(deployment: Deployment) -> None:
    """Nor does the plain `chalice deploy` in it, which would remove what it does not know."""
    before = everything(deployment)
    answer, printed = deployment.slips_json("deploy", "--yes", "--json")
    assert everything(deployment) == before
    assert {**answer, "url": ""} == {
        "stage": "dev", "stack_name": "slips", "app_name": "slips", "url": "", "silent": [],
    }  # fmt: skip
    assert answer["url"].endswith("/api/")
    assert "nothing to change" in printed
    assert "the policies are up to date" in printed
    assert "the settings match slips.yml" in printed
