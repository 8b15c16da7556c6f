"""`slips init`: a project that runs, whatever it is made from; nothing that exists is overwritten."""

from __future__ import annotations

import ast
import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from slips.ops.cli import main
from slips.ops.develop.config_schema import LINE, schema_text
from slips.ops.develop.init.legacy import read_legacy
from slips.ops.develop.init.template import project_name
from slips.ops.develop.init.wheel import NAME, pack_wheel
from slips.version import VERSION

ORDERS = "aa|17|2026-01-31T09:15:02Z|x\nbb|18|2026-01-31T09:16:02Z|y y\ncc|19|2026-01-31T09:17:02Z|z\n"
FIELDS = "version account-id interface-id srcaddr dstaddr srcport dstport protocol packets bytes start end action"
FLOW = "2 123456789012 eni-0a1b2c3d 192.0.2.10 198.51.100.7 443 49152 6 20 4249 1706692800 1706692860 ACCEPT OK"
FLOWS = f"{FIELDS} log-status\n{FLOW}\n{FLOW}\n"
CONFIG = """# Ours.
stack_name: sample-stack
base: {sam: {code_bucket: mine}}
backend:
  sns_topics:
    - name: SecLogUpload
      arn: arn:aws:sns:ap-northeast-1:123456789012:seclog-event
handler:
  path: src/handler.py
  args:
    key: value1
bucket_mapping:
  test-logs:
    - prefix: logs/g_suite/   # The logins.
      format: [s3-lines, json, g-suite-login]
"""
HANDLER = '''
"""Ours."""
import logging
import slips.interface

LIMIT = 3


# Louder.
def shout(text):
    return text.upper()


class YourHandler(slips.interface.Handler):
    """Takes all."""

    count = 0

    def __init__(self):
        super().__init__()
        self._logger = logging.getLogger()
        self._rows = []

    def setup(self, args):
        self._key = args["key"]

    def recv(self, meta, event):
        # Counted.
        self.count += 1
        self._keep(f"{self._key}: {event}")

    def _keep(self, row):
        self._rows.append(shout(row))

    def result(self):
        return len(self._rows)
'''


@pytest.fixture
def legacy(tmp_path: Path) -> Path:
    """A project of the class-based SLIPS: its configuration."""
    (tmp_path / "old" / "src").mkdir(parents=True)
    (tmp_path / "old" / "config.yml").write_text(CONFIG)
    (tmp_path / "old" / "src" / "handler.py").write_text(HANDLER)
    return tmp_path / "old" / "config.yml"


def init(folder: Path, *arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["init", str(folder), *map(str, arguments)])


def created(folder: Path, *arguments: str | Path) -> Path:
    result = init(folder, *arguments)
    assert result.exit_code == 0, result.output
    return folder


def test_a_project_has_what_lambda_and_a_person_need(tmp_path: Path) -> None:
    project = created(tmp_path / "My Logs")
    for name in ("app.py", "slips.yml", "requirements.txt", "README.md", ".gitignore", "tests/test_app.py"):
        assert (project / name).is_file(), name
    assert (project / "chalicelib" / "__init__.py").read_text() == ""
    assert (project / "vendor" / "slips.yml").resolve() == (project / "slips.yml").resolve()
    settings = json.loads((project / ".chalice" / "config.json").read_text())
    assert settings["app_name"] == "my-logs"
    assert settings["lambda_functions"]["process_fast"] == {"lambda_memory_size": 1769, "lambda_timeout": 900}
    assert (project / ".chalice" / "policy-dev-process_fast.json").is_file()
    assert len((project / "README.md").read_text().splitlines()) <= 12


def test_the_next_command_can_be_copied(tmp_path: Path) -> None:
    assert f"next: cd '{tmp_path / 'my shop'}' && slips run --once" in init(tmp_path / "my shop").output


def test_each_new_file_is_named_once(tmp_path: Path) -> None:
    lines = init(tmp_path / "logs").stdout.splitlines()
    assert ".chalice/config.json" in " ".join(lines)
    assert len(lines) == len(set(lines))


def test_nothing_that_exists_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("mine\n")
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "slips.yml").symlink_to("elsewhere")
    result = init(tmp_path)
    assert (tmp_path / "app.py").read_text() == "mine\n"
    assert (tmp_path / "vendor" / "slips.yml").readlink() == Path("elsewhere")
    assert f"kept as it is: {tmp_path / 'app.py'}" in result.stderr


def test_requirements_name_the_wheel_by_path_with_its_digest(tmp_path: Path) -> None:
    """Never `slips` by name: another package on an index may bear it. No `--hash`: pip would ask for all of them."""
    project = created(tmp_path / "p")
    lines = (project / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"./wheels/{NAME}"]
    digest = hashlib.sha256((project / "wheels" / NAME).read_bytes()).hexdigest()
    assert f"# sha256:{digest}" in lines


def test_the_wheel_is_whole_and_the_same_each_time(tmp_path: Path) -> None:
    wheel = pack_wheel()
    assert wheel == pack_wheel()
    (tmp_path / NAME).write_bytes(wheel.content)
    with zipfile.ZipFile(tmp_path / NAME) as archive:
        names = archive.namelist()
        record = archive.read(f"slips-{VERSION}.dist-info/RECORD").decode()
    assert [line.split(",")[0] for line in record.splitlines()] == names
    assert {"slips/__init__.py", "slips/py.typed", "slips/api/page/index.html"} <= set(names)
    assert not [name for name in names if name.endswith(".pyc")]


def test_what_a_build_leaves_in_a_clone_is_not_packed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wheel = pack_wheel()
    (tmp_path / "slips.egg-info").mkdir()
    (tmp_path / "slips.egg-info" / "PKG-INFO").write_text(f"Metadata-Version: 2.1\nName: slips\nVersion: {VERSION}\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert pack_wheel() == wheel


def test_a_sample_of_a_known_format_gets_mapping_function_and_test(tmp_path: Path) -> None:
    (tmp_path / "flows.log").write_text(FLOWS)
    project = created(tmp_path / "p", "--sample", tmp_path / "flows.log", "--bucket", "my-bucket")
    assert "  my-bucket:\n    - prefix: vpc-flow/\n" in (project / "slips.yml").read_text()
    assert '@slips.on_format("vpc-flow")' in (project / "app.py").read_text()
    assert (project / "samples/my-bucket/vpc-flow/flows.log").read_text() == FLOWS


def test_a_sample_of_no_known_format_gets_a_parser_and_its_test(tmp_path: Path) -> None:
    (tmp_path / "Orders_2026.log").write_text(ORDERS)
    project = created(tmp_path / "p", "--sample", tmp_path / "Orders_2026.log")
    app = (project / "app.py").read_text()
    assert app.index('@slips.format("orders")') < app.index('@slips.on_format("orders")')
    assert "format: [s3-lines, orders]" in (project / "slips.yml").read_text()
    assert (project / "tests" / "test_format_orders.py").is_file()


def test_a_file_without_records_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("\n")
    result = init(tmp_path / "p", "--sample", tmp_path / "empty.log")
    assert result.exit_code == 1
    assert "empty.log: there are no records in it" in result.output
    assert not (tmp_path / "p").exists()


def test_a_slips_yml_with_faults_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    (tmp_path / "slips.yml").write_text("stack_name: mine\nx: 1\n")
    result = init(tmp_path)
    assert result.exit_code == 2
    assert f"{tmp_path / 'slips.yml'}: x: unknown key" in result.output
    assert [path.name for path in tmp_path.iterdir()] == ["slips.yml"]


def test_a_configuration_of_the_class_based_slips_carries_over_with_its_comments(tmp_path: Path, legacy: Path) -> None:
    project = created(tmp_path / "p", "--from", legacy)
    assert (project / "slips.yml").read_text() == LINE + CONFIG.replace("  path: src/handler.py\n", "")
    # The functions are to be no other project's, as the stack is.
    assert json.loads((project / ".chalice" / "config.json").read_text())["app_name"] == "sample-stack"
    assert 'Chalice(app_name="sample-stack")' in (project / "app.py").read_text()
    assert read_legacy(legacy).left[0].startswith("write another stack_name into slips.yml: sample-stack is the stack")


def test_what_both_versions_would_use_is_left_to_a_person(legacy: Path) -> None:
    arns = "  kinesis_stream_fast_arn: arn:aws:kinesis:eu-west-1:123456789012:stream/fast\n  role_arn: {drain: a}\n"
    legacy.write_text(CONFIG.replace("backend:\n", f"backend:\n{arns}"))
    [_, streams, roles, *_] = read_legacy(legacy).left
    assert streams.startswith("decide whether to keep backend.kinesis_stream_fast_arn: docs/migrating.md")
    assert roles.startswith("remove backend.role_arn, or give the roles the permissions")


def test_a_handler_class_becomes_functions(legacy: Path) -> None:
    project = read_legacy(legacy)
    functions = {
        node.name: [ast.unparse(decorator) for decorator in node.decorator_list]
        for node in ast.walk(ast.parse(project.body))
        if isinstance(node, ast.FunctionDef)
    }
    assert functions == {
        "shout": [],
        "setup": ["slips.on_setup"],
        "recv": ["slips.on_format('*')"],
        "_keep": [],
        "result": ["slips.on_result"],
    }
    assert "self" not in project.body
    assert "# Louder.\ndef shout" in project.body
    assert '    # Counted.\n    state.count += 1\n    _keep(f"{state._key}: {event}")\n' in project.body
    assert "state._rows = []" in project.body
    assert "import logging" in project.imports
    assert not any("slips.interface" in line for line in project.imports)


@pytest.mark.parametrize(
    ("method", "left"),
    [
        ("def recv(self, meta, event):\n        keep(self)", "`self` is used as a value"),
        ("@once\n    def recv(self, meta, event):\n        pass", "the decorators of recv"),
        ("def recv(self, meta, event):\n        pass\n    for n in ():\n        pass", "this statement of the class"),
    ],
)
def test_what_cannot_be_carried_over_is_listed(legacy: Path, method: str, left: str) -> None:
    source = legacy.parent / "src" / "handler.py"
    source.write_text(f"import slips.interface\n\n\nclass H(slips.interface.Handler):\n    {method}\n")
    assert any(left in line for line in read_legacy(legacy).left)


def test_a_handler_that_does_not_exist_is_named(legacy: Path) -> None:
    (legacy.parent / "src" / "handler.py").unlink()
    result = init(legacy.parent / "p", "--from", legacy)
    assert result.exit_code == 1
    assert "handler.path: there is no file" in result.output


def test_a_configuration_with_faults_is_refused_before_anything_is_written(legacy: Path) -> None:
    legacy.write_text(f"{CONFIG}x: 1\n")
    result = init(legacy.parent / "p", "--from", legacy)
    assert result.exit_code == 2
    assert f"{legacy}: x: unknown key" in result.output
    assert not (legacy.parent / "p").exists()


def test_an_upgrade_brings_this_wheel_and_leaves_the_rest(tmp_path: Path) -> None:
    project = created(tmp_path / "p")
    app = (project / "app.py").read_text()
    (project / "requirements.txt").write_text("# sha256:0\n./wheels/slips-0.9-py3-none-any.whl\nrequests==2.32.3\n")
    (project / "wheels" / NAME).unlink()
    (project / "slips.schema.json").write_text("{}")
    (project / "wheels" / "slips-0.9-py3-none-any.whl").write_bytes(b"old")
    result = init(project, "--upgrade")
    assert result.exit_code == 0, result.output
    lines = (project / "requirements.txt").read_text().splitlines()
    assert [line for line in lines if not line.startswith("#")] == [f"./wheels/{NAME}", "requests==2.32.3"]
    assert [path.name for path in (project / "wheels").iterdir()] == [NAME]
    assert (project / "app.py").read_text() == app
    assert (project / "slips.schema.json").read_text() == schema_text()


def test_a_project_that_has_a_slips_yml_gets_no_sample_that_it_does_not_map(tmp_path: Path) -> None:
    (tmp_path / "slips.yml").write_text("stack_name: p\nbucket_mapping: {logs: [{prefix: a/, format: json}]}\n")
    assert not (created(tmp_path) / "samples").exists()


def test_an_editor_finds_the_schema_beside_slips_yml(tmp_path: Path) -> None:
    project = created(tmp_path / "p")
    line = (project / "slips.yml").read_text().splitlines()[0]
    assert line.startswith("# yaml-language-server: $schema=")
    assert (project / line.partition("=")[2]).read_text() == schema_text()


@pytest.mark.parametrize(
    ("folder", "name"), [("My Logs", "my-logs"), ("2026", "logs-2026"), ("a_b.c", "a-b-c"), ("é", "logs"), ("", "logs")]
)
def test_a_folder_names_stack_and_app(folder: str, name: str) -> None:
    assert project_name(folder) == name
