"""`slips package`: the package is complete, holds nothing else, and is small."""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from importlib.metadata import PathDistribution
from importlib.util import MAGIC_NUMBER, cache_from_source, source_hash
from pathlib import Path

import pytest
from cfnlint.api import lint
from chalice.config import Config as ChaliceConfig

from .package import IAM, KEY, POLICY, STAGE, TAGS, THROTTLE, Package
from .project import REGION, ROOT, slips_json

pytestmark = pytest.mark.slow

MB = 1_000_000
FUNCTIONS = {
    "Dispatch": "app.dispatch",
    "ProcessFast": "app.process_fast",
    "ProcessSlow": "app.process_slow",
    "Report": "app.report",
    "Retry": "app.retry",
    "APIHandler": "app.app",
}


def distributions(package: Package) -> dict[str, PathDistribution]:
    folders = map(PathDistribution, package.root.glob("*.dist-info"))
    return {re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower(): each for each in folders}


def project_files(package: Package, below: str) -> set[str]:
    root = package.project
    return {str(path.relative_to(root)) for path in (root / below).rglob("*") if path.is_file()}


class TestTheZip:
    def test_holds_the_application(self, package: Package) -> None:
        assert {"app.py", "chalice/app.py"} | project_files(package, "chalicelib") <= package.names

    def test_holds_slips_yml_next_to_app_py(self, package: Package) -> None:
        """Chalice packages no file of the project's root but app.py; the link in vendor/ brings it."""
        assert (package.root / "slips.yml").read_bytes() == (package.project / "slips.yml").read_bytes()

    def test_holds_every_requirement(self, package: Package) -> None:
        """Chalice only prints what it could not find for Lambda's Linux, and continues without it."""
        assert "Could not install" not in package.output.read_text(), package.output.read_text()
        lines = (ROOT / "requirements.txt").read_text().splitlines()
        required = {match[0].lower().replace(".", "-") for line in lines if (match := re.match(r"[\w.-]+", line))}
        assert required <= set(distributions(package))

    def test_holds_what_was_locked(self, package: Package) -> None:
        lines = (package.project / "requirements.lock").read_text().splitlines()
        locked = {tuple(line.split()[0].split("==")) for line in lines if not line.startswith("#")}
        assert locked == {(each.metadata["Name"], each.version) for each in distributions(package).values()}

    def test_holds_only_what_runs_on_lambda(self, package: Package) -> None:
        for name, distribution in distributions(package).items():
            tags = re.findall(r"^Tag: .*-(\S+)$", distribution.read_text("WHEEL") or "", re.MULTILINE)
            assert any(tag == "any" or re.fullmatch(r"manylinux\w+_x86_64", tag) for tag in tags), (name, tags)

    def test_holds_nothing_else(self, package: Package) -> None:
        files = {f"{name}.yml" for name in ("slips", "prod", "given", "test")}
        own = {"app.py", "chalicelib", "chalice", "__pycache__", *files, *(f"{name}.json" for name in files)}
        required = {file.parts[0] for each in distributions(package).values() for file in each.files or ()}
        assert {name.split("/")[0] for name in package.names} <= own | required
        assert not {"boto3", "botocore", "moto", "click", "tests", "bench", "samples"} & required

    def test_holds_byte_code_that_lambda_can_use(self, package: Package) -> None:
        """What is the project's own is checked by hash: the times of files do not outlive the package."""
        modules = list(package.root.rglob("*.py"))
        assert modules
        for source in modules:
            byte_code = Path(cache_from_source(str(source))).read_bytes()
            name = source.relative_to(package.root)
            flag = 3 if name.parts[0] in ("app.py", "chalicelib") else 1
            assert byte_code[:16] == MAGIC_NUMBER + bytes([flag, 0, 0, 0]) + source_hash(source.read_bytes()), name

    def test_is_small(self, package: Package) -> None:
        assert package.zip.stat().st_size <= 20 * MB


class TestTheTemplate:
    def test_passes_cfn_lint(self, package: Package) -> None:
        """Without an error or warning; none is ignored."""
        matches = lint(json.dumps(package.sam), regions=[REGION])
        assert [f"{each.rule.id} {each.path}: {each.message}" for each in matches] == []

    def test_with_what_companies_require_passes_cfn_lint_in_every_region(self, package: Package) -> None:
        regions = ["eu-central-1", "us-east-1", "ap-southeast-2", "sa-east-1", "eu-west-1", "us-gov-west-1"]
        matches = lint(json.dumps(package.prod), regions=regions)
        assert [f"{each.rule.id} {each.path}: {each.message}" for each in matches] == []
        resources = package.prod["Resources"]
        assert resources["ProcessFast"]["Properties"]["Tags"].items() >= TAGS.items()
        role = resources["ProcessFastRole"]["Properties"]
        assert role["ManagedPolicyArns"] == [POLICY[1]]
        assert (role["PermissionsBoundary"], role["Path"]) == (IAM["permissions_boundary"], IAM["path"])
        assert POLICY[0] in role["Policies"][0]["PolicyDocument"]["Statement"]
        assert resources["RestAPI"]["Properties"]["MethodSettings"][0]["ThrottlingRateLimit"] == THROTTLE["rate"]
        assert resources["ReportLogGroup"]["Properties"]["KmsKeyId"] == KEY

    @pytest.mark.parametrize("lane", ["Fast", "Slow"])
    def test_has_the_settings_that_chalice_does_not_know(self, package: Package, lane: str) -> None:
        """Merged by Chalice into its own, and still one event source."""
        properties = package.sam["Resources"][f"Process{lane}"]["Properties"]
        [source] = [event["Properties"] for event in properties["Events"].values()]
        assert (source["BisectBatchOnFunctionError"], source["MaximumRetryAttempts"]) == (True, -1)
        assert source["DestinationConfig"]["OnFailure"]["Type"] == "SNS"
        assert properties.get("ReservedConcurrentExecutions") == (1 if lane == "Slow" else None)

    def test_names_the_handlers(self, package: Package) -> None:
        resources = package.sam["Resources"]
        functions = {name: each for name, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
        assert {name: each["Properties"]["Handler"] for name, each in functions.items()} == FUNCTIONS
        major, minor, _ = platform.python_version_tuple()
        assert {each["Properties"]["Runtime"] for each in functions.values()} == {f"python{major}.{minor}"}

    @pytest.mark.parametrize("lane", ["Fast", "Slow"])
    def test_reads_each_lane_from_its_beginning(self, package: Package, lane: str) -> None:
        events = package.sam["Resources"][f"Process{lane}"]["Properties"]["Events"]
        [source] = [event["Properties"] for event in events.values()]
        assert source["Stream"]["Fn::Sub"].endswith(f":stream/slips-{lane.lower()}")
        assert source["StartingPosition"] == "TRIM_HORIZON"

    def test_lets_nobody_call_the_api_unsigned(self, package: Package) -> None:
        paths = package.sam["Resources"]["RestAPI"]["Properties"]["DefinitionBody"]["paths"]
        calls = {f"{method} {path}": call for path, methods in paths.items() for method, call in methods.items()}
        assert {"get /errors", "get /errors/{error_id}", "delete /errors/{error_id}", "post /drain"} <= set(calls)
        unsigned = {name for name, call in calls.items() if call.get("security") != [{"sigv4": []}]}
        assert unsigned == {"get /", "get /console/{asset}"}, "the console's files, which hold no data"


class TestTheStages:
    """.chalice/config.json."""

    SETTINGS = json.loads((ROOT / ".chalice" / "config.json").read_text())

    def settings(self, stage: str, function: str) -> ChaliceConfig:
        return ChaliceConfig(stage, function, config_from_disk=self.SETTINGS)

    @pytest.mark.parametrize("stage", SETTINGS["stages"])
    @pytest.mark.parametrize("function", ["dispatch", "process_fast", "process_slow", "report", "api_handler"])
    def test_give_every_function_its_own_policy_memory_and_timeout(self, stage: str, function: str) -> None:
        chalice_config = self.settings(stage, function)
        assert chalice_config.iam_policy_file == f"policy-{stage}-{function}.json"
        assert not chalice_config.autogen_policy
        assert chalice_config.lambda_memory_size >= 256
        assert chalice_config.lambda_timeout >= 30

    @pytest.mark.parametrize("stage", SETTINGS["stages"])
    def test_name_a_slips_yml_that_is_packaged(self, stage: str) -> None:
        named = self.settings(stage, "dispatch").environment_variables["SLIPS_CONFIG"]
        assert (ROOT / "vendor" / named).resolve() == ROOT / named

    def test_are_what_is_packaged(self, package: Package) -> None:
        properties = package.sam["Resources"]["ProcessFast"]["Properties"]
        chalice_config = self.settings(STAGE, "process_fast")
        settings = (chalice_config.lambda_memory_size, chalice_config.lambda_timeout)
        assert (properties["MemorySize"], properties["Timeout"]) == settings
        role = package.sam["Resources"]["ProcessFastRole"]["Properties"]["Policies"]
        policy = json.loads(Path(ROOT, ".chalice", chalice_config.iam_policy_file).read_text())
        assert [each["PolicyDocument"] for each in role] == [policy]


def test_terraform_gets_what_chalice_does_not_write_next_to_what_it_writes(package: Package, tmp_path: Path) -> None:
    project = package.copy_of_project(tmp_path / "project")
    shown, talk = slips_json(project, "package", "--pkg-format", "terraform", "out", "--json")
    assert shown["folder"] == "out"
    files = {path.name for path in (project / "out").iterdir()}
    assert files == {"chalice.tf.json", "deployment.zip", "slips.tf.json", "slips_override.tf.json"}
    assert all(str(project / "out" / file) in talk for file in files)
    chalices, ours = (
        json.loads((project / "out" / file).read_text())["resource"]
        for file in ("chalice.tf.json", "slips_override.tf.json")
    )
    for kind, resources in ours.items():
        assert resources.keys() <= chalices[kind].keys(), kind
    if terraform := shutil.which("terraform"):
        assert_accepted_by(terraform, project / "out", tmp_path)


def assert_accepted_by(terraform: str, folder: Path, tmp_path: Path) -> None:
    """The version of Terraform fits, and then the providers alone are missing: an empty folder stands in for their
    registry."""
    (tmp_path / "providers").mkdir()
    command = [
        terraform,
        "init",
        "-no-color",
        "-input=false",
        "-backend=false",
        f"-plugin-dir={tmp_path / 'providers'}",
    ]
    environment = {**os.environ, "CHECKPOINT_DISABLE": "1"}  # It would ask for a newer Terraform.
    ended = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    errors = [line for line in ended.stderr.splitlines() if line.startswith("Error: ")]
    assert set(errors) == {"Error: Failed to query available provider packages"}, ended.stderr
    assert 'hashicorp/aws versions matching ">= 3.61.0, < 6.0.0"' in ended.stdout


def test_a_package_that_is_not_locked_says_so(package: Package, tmp_path: Path) -> None:
    project = package.copy_of_project(tmp_path / "project")
    (project / "requirements.lock").unlink()
    _, talk = slips_json(project, "package", "out", "--json")
    assert "requirements.txt is not locked: the next deployment may bring other versions; run: slips lock" in talk
