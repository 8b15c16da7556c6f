"""A Chalice stage of the project in this folder: what .chalice/config.json and its slips.yml say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ...config import Config, load
from ...errors import ConfigError, DeploymentError

API = "api_handler"
"""Chalice's name for the function behind the REST API."""
_FILE = Path(".chalice") / "config.json"


@dataclass(frozen=True)
class DeploymentStage:
    """One deployment of the project."""

    name: str
    app_name: str
    project: Path
    config: Config
    config_name: str
    """The slips.yml of the stage, as SLIPS_CONFIG names it: relative to the project."""
    settings: dict[str, Any]
    """What config.json says of the stage, over what it says of all."""
    names: Mapping[str, str] = field(default_factory=dict)
    """Of the functions in the account, where `chalice deploy` did not give them (`packaged.resolve_names`)."""
    packaged_by: str = ""
    """The CloudFormation stack that made the functions, where it was not `chalice deploy`."""

    def function_name(self, name: str) -> str:
        """The name of the function in the account."""
        return self.names.get(name) or self.default_function_name(name)

    def default_function_name(self, name: str) -> str:
        """The name under which `chalice deploy` puts the function into the account."""
        return f"{self.app_name}-{self.name}" if name == API else f"{self.app_name}-{self.name}-{name}"

    @property
    def deploy_command(self) -> str:
        """What brings the functions to what slips.yml says."""
        if self.packaged_by:
            return f"chalice package --merge-template, and deploy the stack {self.packaged_by}"
        return f"slips deploy --stage {self.name}"

    def function_settings(self, name: str) -> dict[str, Any]:
        """The settings of a function; those of the stage go before those of the project, as in Chalice."""
        return {key: value for part in self._parts(name) for key, value in part.items()}

    def variables(self, name: str) -> dict[str, str]:
        """The environment variables of a function."""
        return {
            variable: value
            for part in self._parts(name)
            for variable, value in part.get("environment_variables", {}).items()
        }

    def _parts(self, name: str) -> list[dict[str, Any]]:
        """What config.json says of a function; later ones go before earlier ones."""
        whole = read_settings(self.project)
        stage = whole.get("stages", {}).get(self.name, {})
        return [
            whole,
            whole.get("lambda_functions", {}).get(name, {}),
            stage,
            stage.get("lambda_functions", {}).get(name, {}),
        ]

    @property
    def dispatchers(self) -> tuple[str, ...]:
        """The functions of the topics that buckets notify, as app.py names them."""
        return tuple(topic.name for topic in self.config.topics)

    @property
    def functions(self) -> tuple[str, ...]:
        """All functions, as app.py and Chalice name them."""
        return (*self.dispatchers, "process_fast", "process_slow", "report", API)


def read_settings(project: Path) -> dict[str, Any]:
    """.chalice/config.json. Raises ConfigError."""
    path = project / _FILE
    try:
        found = json.loads(path.read_text())
    except FileNotFoundError:
        raise ConfigError([f"{_FILE}: there is no such file; call slips in the folder of your project"]) from None
    except ValueError as fault:
        raise ConfigError([f"{_FILE}: is no JSON: {fault}; mend it"]) from None
    if not isinstance(found, dict) or not isinstance(found.get("app_name"), str):
        raise ConfigError([f'{_FILE}: app_name is missing; write "app_name": "slips"'])
    return found


def read_stage(name: str, config: str | Path | None = None, project: Path | None = None) -> DeploymentStage:
    """The stage of that name; `config` names another slips.yml than the stage's SLIPS_CONFIG. Raises ConfigError."""
    project = project or Path.cwd()
    found = read_settings(project)
    stages = found.get("stages") or {}
    if name not in stages:
        known = ", ".join(stages) or "none"
        raise ConfigError(
            [f"{_FILE}: stages.{name}: there is no such stage, but {known}; add it, or name another with --stage"]
        )
    settings = {**found, **stages[name]}
    variables = found.get("environment_variables", {}) | stages[name].get("environment_variables", {})
    named = str(config) if config else variables.get("SLIPS_CONFIG", "slips.yml")
    return DeploymentStage(name, found["app_name"], project, load(_shown(project / named)), named, settings)


def read_stages(project: Path) -> list[DeploymentStage]:
    """All stages. Raises ConfigError."""
    return [read_stage(name, project=project) for name in read_settings(project).get("stages") or {}]


def shared_stacks(stages: list[DeploymentStage]) -> list[str]:
    """A line for each two stages that would use the same streams and tables."""
    seen: dict[str, str] = {}
    found = []
    for stage in stages:
        other = seen.setdefault(stage.config.stack_name, stage.name)
        if other != stage.name:
            found.append(
                f"{_FILE}: the stages {other} and {stage.name} share the stack {stage.config.stack_name}; give each a "
                "slips.yml of its own (SLIPS_CONFIG) with its own stack_name"
            )
    return found


def missing_vendor_link(stage: DeploymentStage) -> list[str]:
    """A line where Chalice would not package the stage's slips.yml: then every function of it fails at its import."""
    link = stage.project / "vendor" / stage.config_name
    if link.exists() and link.resolve() == (stage.project / stage.config_name).resolve():
        return []
    named = stage.config_name
    why = f"is missing, so the functions of stage {stage.name} would not find their configuration"
    return [f"vendor/{named}: {why}; run: ln -s ../{named} vendor/{named}"]


def check_not_shared(stage: DeploymentStage) -> None:
    """Raises DeploymentError where the stage would work on another one's streams and tables."""
    for other in read_stages(stage.project):
        for line in shared_stacks([stage, other]):
            raise DeploymentError(line)


def _shown(path: Path) -> Path:
    """Faults name the file as the user does: relative, where it is below this folder."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
