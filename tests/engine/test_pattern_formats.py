"""A format that slips.yml declares as a pattern is like any other: in chains, for functions, on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
from chalice import Chalice
from click.testing import CliRunner

from slips import Slips
from slips.errors import ConfigError, RegistrationError
from slips.formats import registry
from slips.ops.cli import main
from slips.testing import SlipsTester
from tests.config.written import with_keys

LINE = "%{time:at} %{word:level} %{rest:message}"
CONTENT = b"2026-03-01T09:15:02Z INFO it began\n at once\n2026-03-01T09:15:03Z INFO it ended\n"
APP = """from chalice import Chalice
from slips import Slips

app = Chalice(app_name="mine")
slips = Slips(app)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SLIPS_CONFIG", raising=False)
    write_config(tmp_path, "gateway")
    (tmp_path / "a.log").write_bytes(CONTENT)
    return tmp_path


def write_config(folder: Path, name: str) -> None:
    mapping = {"logs": [{"prefix": "a", "format": name}]}
    declared = {name: {"line": LINE, "multiline": True, "tag": "acme.<level>"}}
    (folder / "slips.yml").write_text(with_keys(bucket_mapping=mapping, formats=declared))


def app_of(folder: Path) -> Slips:
    return Slips(Chalice(app_name="mine"), folder / "slips.yml")


def test_a_function_gets_its_events(project: Path) -> None:
    slips = app_of(project)
    calls: list[Any] = []
    slips.on_format("gateway")(lambda meta, event: calls.append((meta.tag, meta.timestamp, event["message"])))
    SlipsTester(slips).file(project / "a.log", bucket="logs", key="a/1").check()
    assert calls == [
        ("acme.INFO", 1772356502.0, "it began\n at once"), ("acme.INFO", 1772356503.0, "it ended")
    ]  # fmt: skip


def test_it_may_be_the_last_of_a_chain(project: Path) -> None:
    slips = app_of(project)
    slips.on_format("gateway")(lambda meta, event: None)
    line = orjson.dumps({"log": "2026-03-01T09:15:02Z INFO x\n", "stream": "stdout", "time": "2026-03-01T09:15:04Z"})
    outcome = SlipsTester(slips).content(["docker-json", "gateway"], line)
    outcome.check()
    assert [event["message"] for _, event in outcome.events["<lambda>"]] == ["x"]


def test_app_py_cannot_define_a_second_one_of_that_name(project: Path) -> None:
    with pytest.raises(RegistrationError, match="exists already"):
        app_of(project).format("gateway")


def test_the_name_of_a_format_of_slips_is_refused_where_events_are_read(project: Path) -> None:
    write_config(project, "syslog")
    with pytest.raises(ConfigError, match=r"formats\.syslog: a format of that name exists already"):
        app_of(project).check()


def test_a_wrong_pattern_is_refused_when_app_py_is_imported(project: Path) -> None:
    (project / "slips.yml").write_text((project / "slips.yml").read_text().replace("%{word:level}", "%{wrod:level}"))
    with pytest.raises(ConfigError, match=r'formats\.gateway\.line: unknown type "wrod" at character 12; did you mean'):
        app_of(project)


def test_it_costs_no_import_of_other_formats(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A cold start would pay for all of them."""
    monkeypatch.setattr(registry, "_load", lambda: pytest.fail("all formats are imported"))
    slips = app_of(project)
    slips.check()
    assert slips.chain(("gateway",)).framing == "s3-multiline"


@pytest.mark.parametrize("has_app", [True, False])
def test_slips_parse_reads_it(project: Path, has_app: bool) -> None:
    if has_app:
        (project / "app.py").write_text(APP)
    ran = CliRunner().invoke(main, ["parse", "--format", "gateway", "a.log"])
    assert ran.exit_code == 0, ran.output
    events = [orjson.loads(line) for line in ran.stdout.splitlines()]
    assert [(event["tag"], event["timestamp"], event["position"]) for event in events] == [
        ("acme.INFO", 1772356502.0, 1), ("acme.INFO", 1772356503.0, 2)
    ]  # fmt: skip


def test_slips_parse_without_any_slips_yml_knows_the_formats_of_slips_alone(project: Path) -> None:
    (project / "slips.yml").unlink()
    ran = CliRunner().invoke(main, ["parse", "--format", "gateway", "a.log"])
    assert (ran.exit_code, 'there is no format "gateway"' in ran.stderr) == (2, True)


@pytest.mark.parametrize("has_app", [True, False])
def test_slips_parse_proposes_it_for_a_near_name(project: Path, has_app: bool) -> None:
    if has_app:
        (project / "app.py").write_text(APP)
    ran = CliRunner().invoke(main, ["parse", "--format", "gatewya", "a.log"])
    assert (ran.exit_code, 'no format "gatewya"; did you mean "gateway"?' in ran.stderr) == (2, True)


def test_a_decorator_proposes_it_for_a_near_name(project: Path) -> None:
    with pytest.raises(RegistrationError, match='did you mean "gateway"'):
        app_of(project).on_format("gatewya")(lambda meta, event: None)


def test_slips_check_takes_it_and_says_what_is_wrong_with_it(project: Path) -> None:
    (project / "app.py").write_text(APP)
    ran = CliRunner().invoke(main, ["check"])
    assert "no function of app.py takes gateway" in ran.output
    write_config(project, "syslog")
    ran = CliRunner().invoke(main, ["check"])
    assert (ran.exit_code, "formats.syslog: a format of that name exists already" in ran.output) == (2, True)
