"""What the sinks of app.py need is in the policies of the functions that send."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from slips.errors import ConfigError
from slips.ops.deploy.policies import policy_documents, stage_policies
from slips.ops.deploy.role_checks import role_policies
from slips.ops.deploy.sink_statements import read_sink_statements, statements_of
from slips.ops.deploy.stage import DeploymentStage
from slips.sinks import Firehose, Sink

from ...builders import config

APP = """
from chalice import Chalice
from slips import Slips
from slips.sinks import Firehose

print("an app.py may print")
app = Chalice(app_name="mine")
slips = Slips(app)
slips.send("json", to=Firehose("audit"))
slips.send("json", to=Firehose("audit"), name="again")
"""
YML = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: [s3-lines, json]}]}\n"


def project(folder: Path, app: str = APP) -> Path:
    (folder / "app.py").write_text(app)
    (folder / "slips.yml").write_text(YML)
    return folder


def firehose_of(document: Any) -> list[Any]:
    return [each for each in document["Statement"] if each["Action"] == ["firehose:PutRecordBatch"]]


def test_each_statement_is_read_once_and_has_a_name(tmp_path: Path) -> None:
    assert read_sink_statements(project(tmp_path), "slips.yml") == [
        {
            "Sid": "Sink1",
            "Effect": "Allow",
            "Action": ["firehose:PutRecordBatch"],
            "Resource": ["arn:*:firehose:*:*:deliverystream/audit"],
        }
    ]


def test_statements_of_several_sinks_have_names_of_their_own() -> None:
    statements = statements_of([Firehose("a"), Sink(), Firehose("a"), Firehose("b")])
    assert [each["Sid"] for each in statements] == ["Sink1", "Sink2"]


def test_a_project_without_sinks_is_not_imported(tmp_path: Path) -> None:
    assert read_sink_statements(project(tmp_path, "raise ValueError"), "slips.yml") == []


def test_a_sink_in_a_module_of_the_project_counts(tmp_path: Path) -> None:
    (tmp_path / "chalicelib").mkdir()
    (tmp_path / "chalicelib" / "__init__.py").write_text("")
    (tmp_path / "chalicelib" / "places.py").write_text("from slips import sinks\nAUDIT = sinks.Firehose('audit')\n")
    app = APP.replace("from slips.sinks import Firehose", "from chalicelib.places import AUDIT")
    app = app.replace('Firehose("audit")', "AUDIT")
    assert len(read_sink_statements(project(tmp_path, app), "slips.yml")) == 1


def test_an_app_py_that_cannot_be_imported_is_a_fault_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"app.py: SLIPS cannot write the policy of its sinks, .*boom"):
        read_sink_statements(project(tmp_path, APP + "raise ValueError('boom')"), "slips.yml")


@pytest.fixture
def stage(tmp_path: Path) -> DeploymentStage:
    return DeploymentStage("dev", "mine", project(tmp_path), config(), "slips.yml", {})


def test_only_the_functions_that_send_get_it(stage: DeploymentStage) -> None:
    having = {name for name, document in stage_policies(stage).items() if firehose_of(document)}
    assert having == {"policy-dev-process_fast.json", "policy-dev-process_slow.json"}


def test_it_stands_before_what_slips_yml_adds() -> None:
    own = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["*"]}
    from slips.config.settings import Handler, Policy

    settings = config(handler=Handler(policy=Policy(statements=(own,))))
    of_sinks = list(statements_of([Firehose("audit")]))
    document = policy_documents(settings, of_sinks=of_sinks)["policy-dev-process_fast.json"]
    assert document["Statement"][-2:] == [*of_sinks, own]


def test_a_given_role_needs_it_too(tmp_path: Path) -> None:
    from slips.config.settings import Handler

    role = "arn:aws:iam::123456789012:role/mine"
    settings = config(handler=Handler(role_arn=role))
    stage = DeploymentStage("dev", "mine", project(tmp_path), settings, "slips.yml", {"stages": {"dev": {}}})
    assert "firehose:PutRecordBatch" in json.dumps(role_policies(stage))
