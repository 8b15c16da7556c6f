"""docs/reference/ is what the code says."""

from __future__ import annotations

import ast
import re
from typing import Any, get_args

import pytest
import yaml

from reference.configuration import SEE, WITHOUT, described_keys, undescribed
from reference.errors import STAGES, STATE_TEXTS
from reference.guarantees import named_tests
from reference.loader import document_with
from reference.metrics import METRICS, alarms
from reference.pages import FOLDER, PAGES
from reference.python_api import PACKAGES, public_names
from slips.api.requests import State
from slips.model import Stage
from tests.config.written import load_text

from .blocks import ROOT
from .test_security import existing_tests

PLAIN = re.compile(r"true|false|off|iam|masked|[\d.]+( [MG]iB)?")
"""A default that is a value, and no explanation."""


@pytest.mark.parametrize("name", list(PAGES))
def test_a_page_is_what_the_code_says(name: str) -> None:
    assert (FOLDER / name).read_text() == PAGES[name](), "run `make docs`"


def test_no_other_page_is_there() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*PAGES}


class TestSlipsYml:
    def test_each_key_of_the_loader_is_described_and_no_other(self) -> None:
        assert undescribed() == []
        assert {*WITHOUT, *SEE} <= {key.path for key in described_keys()}

    @pytest.mark.parametrize("path", [path for path, text in WITHOUT.items() if PLAIN.fullmatch(text)])
    def test_a_default_is_that_of_the_loader(self, path: str) -> None:
        default = WITHOUT[path].replace(" ", "")
        value: Any = default if default == "off" else yaml.safe_load(default)
        without, given = (document_with(path.replace("LANE", "fast"), each) for each in (None, value))
        assert load_text(yaml.safe_dump(given)) == load_text(yaml.safe_dump(without))

    def test_most_defaults_are_checked(self) -> None:
        assert sum(bool(PLAIN.fullmatch(text)) for text in WITHOUT.values()) > 25


def test_each_public_name_is_on_the_page_of_the_python_api() -> None:
    page = (FOLDER / "python.md").read_text()
    for package in PACKAGES:
        for name, value in public_names(package):
            assert f"\n### {name}\n" in page
            assert value.__doc__, name


def test_each_stage_and_state_has_its_text() -> None:
    assert [*STAGES] == [*get_args(Stage)]
    assert {*STATE_TEXTS} == {*get_args(State)}


def test_each_metric_of_the_code_is_described_and_no_other() -> None:
    source = (ROOT / "chalicelib" / "slips" / "observability" / "metrics.py").read_text()
    strings = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    units = {"Count", "None"}
    written = {each for each in strings if isinstance(each, str) and re.fullmatch(r"[A-Z][A-Za-z]+", each)} - units
    assert {name for names in METRICS.values() for name in names} == written - {"SLIPS"}


def test_each_alarm_says_what_to_do() -> None:
    page = (FOLDER / "metrics-and-alarms.md").read_text()
    for alarm in alarms():
        assert f"| `{alarm['AlarmName'].removeprefix('STACK-')}` |" in page


@pytest.mark.parametrize("name", sorted(set(named_tests())))
def test_a_proof_exists(name: str) -> None:
    file, _, test = name.partition("::")
    assert test in existing_tests(file)
