"""What a contributor meets first is true: make help, CONTRIBUTING.md, the templates, the hooks, the licences."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from email.message import Message
from pathlib import Path
from typing import Any

import pytest
import yaml

import slips
from slips.version import VERSION

from .licences import PAGE, licence, page

ROOT = Path(__file__).resolve().parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[0].split())
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())
GUIDES = ["CONTRIBUTING.md", "SECURITY.md", ".github/pull_request_template.md"]


def test_make_help_lists_every_target() -> None:
    assert "sed -n 's/^#   //p' Makefile" in MAKEFILE
    assert set(re.findall(r"^#   make ([a-z-]+)", MAKEFILE, re.MULTILINE)) | {"project"} == TARGETS


@pytest.mark.parametrize("guide", GUIDES)
def test_a_guide_names_targets_and_files_that_exist(guide: str) -> None:
    text = (ROOT / guide).read_text()
    assert set(re.findall(r"`make ([a-z-]+)", text)) <= TARGETS
    for path in re.findall(r"\]\(([^):]+)\)", text) + re.findall(r"`((?:docs|tests|chalicelib)/[\w./-]*)`", text):
        assert (ROOT / re.split("#|VENDOR", path)[0]).exists(), path


def test_the_templates_of_issues_are_forms() -> None:
    for file in (ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(file.read_text())
        if file.name != "config.yml":
            ids = [field["id"] for field in form["body"] if field["type"] != "markdown"]
            assert len(ids) == len(set(ids)) > 0, file.name
            assert form["name"], file.name
            assert form["description"], file.name


def test_the_hooks_run_tools_that_make_setup_installs() -> None:
    [repository] = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())["repos"]
    dev = " ".join(PROJECT["project"]["optional-dependencies"]["dev"])
    assert repository["repo"] == "local"
    for hook in repository["hooks"]:
        tool = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert tool == "python" or f"{tool}>=" in dev
        assert hook["language"] == "system"


def test_editors_and_the_linter_agree() -> None:
    text = (ROOT / ".editorconfig").read_text()
    assert f"max_line_length = {PROJECT['tool']['ruff']['line-length']}\n" in text
    container = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text())
    assert container["image"].startswith("python:3.11")
    assert container["postCreateCommand"] == "make setup"


def test_the_changelog_has_the_next_version_and_the_promise() -> None:
    text = (ROOT / "CHANGELOG.md").read_text()
    headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
    assert headings[:2] == ["What a version may change", f"[{VERSION.partition('.dev')[0]}] - not released"]
    kinds = {"Added", "Changed", "Changed from the class-based SLIPS", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.*)$", text, re.MULTILINE)) <= kinds
    for package in ("sinks", "testing", "formats"):
        assert f"`{slips.__name__}.{package}`" in text.partition("## [")[0]


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="another Python needs other packages")
def test_the_licences_are_those_of_what_is_installed() -> None:
    assert PAGE.read_text() == page(), "`make docs` writes it again"


def test_a_package_without_a_licence_is_a_fault() -> None:
    class Silent:
        files = ()
        metadata = Message()

    Silent.metadata["Name"] = "silent"
    with pytest.raises(ValueError, match="silent names no licence"):
        licence(Silent())  # type: ignore[arg-type]
