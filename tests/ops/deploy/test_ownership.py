"""Whose functions a stage changes and deletes: never those of another project in the account."""

from __future__ import annotations

import io
import json
import zipfile
from itertools import count
from pathlib import Path

import pytest

from slips import aws
from slips.errors import DeploymentError
from slips.ops.cli.check import stage_warnings, unequal_app_names
from slips.ops.deploy.account import current_account
from slips.ops.deploy.chalice_notes import read_notes
from slips.ops.deploy.deploy import plan_deployment, plan_removal
from slips.ops.deploy.ownership import check_deletable, check_deployable
from slips.ops.deploy.policies import write_files
from slips.ops.deploy.stage import DeploymentStage, read_stage
from slips.ops.develop.project import load_project

_number = count(1)


@pytest.fixture
def name() -> str:
    """A name that nothing in the account has."""
    return f"owner-{next(_number)}"


def make_project(folder: Path, app_name: str, stack: str) -> DeploymentStage:
    """A project of which nothing is deployed."""
    (folder / ".chalice" / "deployed").mkdir(parents=True, exist_ok=True)
    (folder / ".chalice" / "config.json").write_text(json.dumps({"app_name": app_name, "stages": {"dev": {}}}))
    (folder / "slips.yml").write_text(f"stack_name: {stack}\n")
    return read_stage("dev", project=folder)


def create_function(name: str, stack: str = "") -> str:
    """A function with the tag of a stack, or without one; its ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("app.py", "")
    iam = aws.client("iam")
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    tags = {"slips:stack": stack} if stack else {}
    created = aws.client("lambda").create_function(
        FunctionName=name,
        Role=role,
        Runtime="python3.12",
        Handler="app.f",
        Code={"ZipFile": packed.getvalue()},
        Tags=tags,
    )
    return str(created["FunctionArn"])


def note(stage: DeploymentStage, arn: str, name: str = "report") -> None:
    """Note a function as Chalice does."""
    resource = {"name": name, "resource_type": "lambda_function", "lambda_arn": arn}
    file = stage.project / read_notes(stage.project, stage.name).file
    file.write_text(json.dumps({"resources": [resource], "schema_version": "2.0"}))


def refused(stage: DeploymentStage) -> str:
    """The reason for which both a deployment and a removal are refused."""
    with pytest.raises(DeploymentError) as deployment:
        plan_deployment(stage_with_link(stage), current_account())
    with pytest.raises(DeploymentError) as removal:
        plan_removal(stage, current_account())
    reason, _, changed = str(deployment.value).rpartition("; ")
    assert changed == "nothing was changed"
    assert str(removal.value) == f"{reason}; nothing was removed"
    return reason


def stage_with_link(stage: DeploymentStage) -> DeploymentStage:
    (stage.project / "vendor").mkdir(exist_ok=True)
    if not (stage.project / "vendor" / "slips.yml").is_symlink():
        (stage.project / "vendor" / "slips.yml").symlink_to("../slips.yml")
    return stage


class TestFunctionsOfAnotherProject:
    def test_of_the_same_app_name_are_neither_changed_nor_removed(self, tmp_path: Path, name: str) -> None:
        create_function(f"{name}-dev-report", stack="theirs")
        reason = refused(make_project(tmp_path, name, f"{name}-mine"))
        assert reason.startswith(
            f"{name}-dev-report: are functions of the stack theirs, and stack_name of slips.yml is"
        )
        assert f'write another app_name, such as "{name}-mine", into .chalice/config.json and app.py' in reason

    def test_that_have_no_tag_and_are_not_noted_are_left_alone(self, tmp_path: Path, name: str) -> None:
        arn = create_function(f"{name}-dev")
        reason = refused(make_project(tmp_path, name, name))
        assert reason.startswith(f"{name}-dev: exist, without the tag slips:stack, and .chalice/deployed/dev.json")
        assert reason.endswith(f"aws lambda tag-resource --tags slips:stack={name} --resource {arn}")

    def test_are_left_alone_also_where_the_notes_of_a_removal_are_here(self, tmp_path: Path, name: str) -> None:
        """`chalice delete` leaves a file without resources."""
        stage = make_project(tmp_path, name, name)
        (tmp_path / ".chalice" / "deployed" / "dev.json").write_text('{"resources": []}')
        create_function(f"{name}-dev")
        assert "exist, without the tag slips:stack" in refused(stage)

    @pytest.mark.parametrize("renamed", [False, True], ids=["same app_name", "own app_name"])
    def test_whose_notes_came_with_a_copy_are_left_alone(self, tmp_path: Path, name: str, renamed: bool) -> None:
        """With an app_name of its own, Chalice would still take over the REST API, and end the subscriptions."""
        stage = make_project(tmp_path, f"{name}-fork" if renamed else name, f"{name}-fork")
        note(stage, create_function(f"{name}-dev-report", stack=name))
        reason = refused(stage)
        assert reason.startswith(f"{name}-dev-report: are functions of the stack {name}, and stack_name")
        assert f"If you renamed it, write {name} again" in reason
        assert "remove .chalice/deployed/dev.json, which came with it" in reason


class TestFunctionsOfOurs:
    def test_are_deployed_again_after_a_first_deployment_that_was_killed(self, tmp_path: Path, name: str) -> None:
        """Chalice notes nothing before its end."""
        create_function(f"{name}-dev-report", stack=name)
        stage = make_project(tmp_path, name, name)
        check_deployable(stage, current_account())
        with pytest.raises(DeploymentError, match="which Chalice notes what it made, does not name them"):
            check_deletable(stage, current_account())

    @pytest.mark.parametrize("tagged", [True, False])
    def test_that_are_noted_are_changed_and_removed(self, tmp_path: Path, name: str, tagged: bool) -> None:
        """SLIPS before the tag deployed some without it."""
        stage = make_project(tmp_path, name, name)
        note(stage, create_function(f"{name}-dev-report", stack=name if tagged else ""))
        check_deployable(stage, current_account())
        check_deletable(stage, current_account())

    def test_stay_whose_topic_is_removed_from_slips_yml(self, tmp_path: Path, name: str) -> None:
        stage = make_project(tmp_path, name, name)
        note(stage, create_function(f"{name}-dev-uploads", stack=name), name="uploads")
        check_deployable(stage, current_account())

    @pytest.mark.parametrize("tagged", [True, False])
    def test_are_not_orphaned_by_another_app_name(self, tmp_path: Path, name: str, tagged: bool) -> None:
        """Chalice would create new functions, and leave the event sources with the old ones."""
        stage = make_project(tmp_path, f"{name}-new", name)
        note(stage, create_function(f"{name}-dev-report", stack=name if tagged else ""))
        reason = refused(stage)
        assert reason.startswith(
            f".chalice/deployed/dev.json notes {name}-dev-report, which no longer begin with app_name"
        )
        assert "write the earlier app_name" in reason

    def test_that_no_longer_exist_are_in_nobodys_way(self, tmp_path: Path, name: str) -> None:
        stage = make_project(tmp_path, f"{name}-new", name)
        note(stage, current_account().arn("lambda", f"function:{name}-dev-report"))
        check_deployable(stage, current_account())

    @pytest.mark.parametrize("place", ["eu-central-1:111122223333", "us-east-1:123456789012"])
    def test_of_another_account_or_region_are_not_forgotten(self, tmp_path: Path, name: str, place: str) -> None:
        """Chalice would write its notes anew, and could never remove them."""
        stage = make_project(tmp_path, name, name)
        note(stage, f"arn:aws:lambda:{place}:function:{name}-dev-report")
        reason = refused(stage)
        region, account = place.split(":")
        assert reason.startswith(f".chalice/deployed/dev.json notes functions of account {account}, region {region}")


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"resources": [1]}', '{"resources": null}'])
def test_notes_that_are_broken_are_named(tmp_path: Path, text: str) -> None:
    stage = make_project(tmp_path, "app", "app")
    (tmp_path / ".chalice" / "deployed" / "dev.json").write_text(text)
    with pytest.raises(DeploymentError, match=r"\.chalice/deployed/dev\.json: is not what Chalice writes"):
        check_deployable(stage, current_account())


def test_config_json_gives_the_functions_the_tag_of_their_stack(tmp_path: Path) -> None:
    make_project(tmp_path, "app", "one")
    write_files(tmp_path)
    assert tags_of(tmp_path) == [{"slips:stack": "one"}] * 5
    (tmp_path / "slips.yml").write_text("stack_name: two\n")
    assert ".chalice/config.json: is out of date; run: slips provision --policies" in stage_warnings(tmp_path)
    write_files(tmp_path)
    assert tags_of(tmp_path) == [{"slips:stack": "two"}] * 5


def tags_of(project: Path) -> list[dict[str, str]]:
    """The tags of each function."""
    settings = json.loads((project / ".chalice" / "config.json").read_text())
    return [each["tags"] for each in settings["stages"]["dev"]["lambda_functions"].values()]


class TestTheAppName:
    def warnings(self, project: Path) -> list[str]:
        return [line for line in stage_warnings(project) if "app_name" in line]

    @pytest.mark.parametrize(("app_name", "stack"), [("slips", "slips"), ("slips", "slips-prod"), ("mine", "other")])
    def test_of_ones_own_is_no_warning(self, tmp_path: Path, app_name: str, stack: str) -> None:
        make_project(tmp_path, app_name, stack)
        assert self.warnings(tmp_path) == []

    @pytest.mark.parametrize("stack", ["acme-logs", "slipstream"])
    def test_of_every_clone_beside_a_stack_of_ones_own_is_a_warning(self, tmp_path: Path, stack: str) -> None:
        stage = make_project(tmp_path, "slips", stack)
        (line,) = self.warnings(tmp_path)
        assert line.startswith('.chalice/config.json: app_name is "slips", as in every clone')
        assert line.endswith(f'write "{stack}" there and in app.py: Chalice(app_name="{stack}")')
        note(stage, "arn:aws:lambda:eu-central-1:123456789012:function:slips-dev-report")
        assert self.warnings(tmp_path) == []  # Deployed already: another name would orphan the functions.

    def test_of_app_py_is_that_of_config_json(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        make_project(tmp_path, "functions", "one")
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("SLIPS_CONFIG", "slips.yml")
        wiring = (
            "from chalice import Chalice\nfrom slips import Slips\napp = Chalice(app_name={!r})\nslips = Slips(app)\n"
        )
        Path("app.py").write_text(wiring.format("gateway"))
        (line,) = unequal_app_names(load_project("slips.yml"))
        assert line.startswith('app.py: Chalice(app_name="gateway") names the REST API, and .chalice/config.json the')
        assert line.endswith('functions: "functions"; write the same name into both')
        Path("app.py").write_text(wiring.format("functions"))
        assert unequal_app_names(load_project("slips.yml")) == []
