"""A deployment stage of the project in this folder: what .chalice/config.json and its slips.yml say."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import msgspec

from ...config import Config, load
from ...config.settings import QUEUE_FUNCTION, RETRY, RETRY_MISSING
from ...errors import ConfigError, DeploymentError, Where
from ..text_files import read_text_file
from .chalice_notes import read_notes
from .sink_statements import read_sink_statements

API = "api_handler"
"""Chalice's name for the function behind the REST API."""
PRODUCTION = "prod"
"""The name of a stage whose stack and tables are protected, unless its slips.yml says otherwise."""
PROCESS = ("process_fast", "process_slow")
"""The functions that run the user's code."""
_FILE = Path(".chalice") / "config.json"


@dataclass(frozen=True)
class DeploymentStage:
    """A Chalice stage: one deployment of the project."""

    name: str
    app_name: str
    project: Path
    config: Config
    config_name: str
    """The slips.yml of the stage, as SLIPS_CONFIG names it: relative to the project."""
    settings: dict[str, Any]
    """The settings of the stage in config.json, merged over those of all stages."""
    names: Mapping[str, str] = field(default_factory=dict)
    """The functions' names in the account, where `chalice deploy` did not choose them (`packaged.resolve_names`)."""
    packaged_by: str = ""
    """The CloudFormation stack that created the functions, where `chalice deploy` did not."""

    def function_name(self, name: str) -> str:
        """The name of the function in the account."""
        return self.names.get(name) or self.default_function_name(name)

    def default_function_name(self, name: str) -> str:
        """The name that `chalice deploy` gives the function."""
        return f"{self.app_name}-{self.name}" if name == API else f"{self.app_name}-{self.name}-{name}"

    def role_name(self, name: str) -> str:
        """The name of the role that `chalice deploy` creates for the function, or finds."""
        return f"{self.app_name}-{self.name}-{name}"

    @property
    def deploy_command(self) -> str:
        """What to run so that the functions become what slips.yml says."""
        if self.packaged_by:
            return f"slips package --stage {self.name} OUT, and deploy the stack {self.packaged_by}"
        return f"slips deploy --stage {self.name}"

    def function_settings(self, name: str) -> dict[str, Any]:
        """The settings of a function; those of the stage override those of the project, as in Chalice."""
        return {key: value for part in self._parts(name) for key, value in part.items()}

    def variables(self, name: str) -> dict[str, str]:
        """The environment variables of a function."""
        return {
            variable: value
            for part in self._parts(name)
            for variable, value in part.get("environment_variables", {}).items()
        }

    def _parts(self, name: str) -> list[dict[str, Any]]:
        """The settings of a function in config.json; later ones override earlier ones."""
        settings = read_settings(self.project)
        stage = settings.get("stages", {}).get(self.name, {})
        return [
            settings,
            settings.get("lambda_functions", {}).get(name, {}),
            stage,
            stage.get("lambda_functions", {}).get(name, {}),
        ]

    @property
    def dispatchers(self) -> tuple[str, ...]:
        """The functions that take notifications, as app.py names them."""
        return self.config.dispatchers

    @property
    def functions(self) -> tuple[str, ...]:
        """All functions, as app.py and Chalice name them."""
        return (*self.dispatchers, *PROCESS, "report", *((RETRY,) if self.has_retry else ()), API)

    @cached_property
    def has_retry(self) -> bool:
        """Whether app.py has the function that tries again what waits."""
        return schedules_retry(self.project / "app.py")

    @cached_property
    def sink_statements(self) -> list[dict[str, Any]]:
        """What the sinks of app.py need of IAM. Raises ConfigError."""
        return read_sink_statements(self.project, self.config_name)


def schedules_retry(app: Path) -> bool:
    """Whether a file has a schedule call the function `retry`; False where it cannot be read, of which others tell."""
    try:
        tree = ast.parse(app.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return False
    return any(_is_retry(node) for node in ast.walk(tree))


def _is_retry(node: ast.AST) -> bool:
    """The two ways in which Chalice takes a function: `app.schedule(…)(slips.retry)`, and `@app.schedule(…)`. Anything
    else may have that name: `@tenacity.retry`."""
    match node:
        case ast.Call(func=schedule, args=[ast.Attribute(attr=name)]):
            return name == RETRY and _is_schedule(schedule)
        case ast.FunctionDef(name=name, decorator_list=decorators):
            return name == RETRY and any(map(_is_schedule, decorators))
    return False


def _is_schedule(node: ast.AST) -> bool:
    """Whether it is `app.schedule(…)`, which names no other function."""
    match node:
        case ast.Call(func=ast.Attribute(attr="schedule"), keywords=keywords):
            names = [each.value for each in keywords if each.arg == "name"]
            return all(isinstance(name, ast.Constant) and name.value == RETRY for name in names)
    return False


def missing_retry(stage: DeploymentStage) -> list[str]:
    """Return the line that app.py lacks."""
    return [] if stage.has_retry else [RETRY_MISSING]


def unread_queue(stage: DeploymentStage) -> list[str]:
    """Return the line that app.py lacks where slips.yml has a queue of notifications."""
    app = stage.project / "app.py"
    if stage.config.queue is None or QUEUE_FUNCTION in (read_text_file(app) if app.exists() else ""):
        return []
    line = (
        "app.py: nothing reads the queue of slips.yml, so every notification would wait there; write: "
        f"{QUEUE_FUNCTION} = app.on_sqs_message(queue=slips.queue.name, batch_size=slips.queue.batch_size)"
        f"(slips.{QUEUE_FUNCTION})"
    )
    return [line]


def check_queue_read(stage: DeploymentStage) -> None:
    """Raise DeploymentError where nothing would read the queue of notifications."""
    for line in unread_queue(stage):
        raise DeploymentError(line)


def read_settings(project: Path) -> dict[str, Any]:
    """Read .chalice/config.json. Raises ConfigError."""
    try:
        settings = json.loads((project / _FILE).read_text())
    except FileNotFoundError:
        raise _fault("there is no such file; call slips in the folder of your project") from None
    except ValueError as error:
        raise _fault(f"is not JSON: {error}; correct it") from None
    if not isinstance(settings, dict) or not isinstance(settings.get("app_name"), str):
        raise _fault('app_name is missing; write "app_name": "slips"')
    return settings


def _fault(problem: str) -> ConfigError:
    return ConfigError([f"{_FILE}: {problem}"], where=Where(file=str(_FILE)))


def read_stage(name: str, config: str | Path | None = None, project: Path | None = None) -> DeploymentStage:
    """Read the stage of that name; `config` names another slips.yml than the stage's SLIPS_CONFIG. Raises
    ConfigError."""
    project = project or Path.cwd()
    settings = read_settings(project)
    stages = settings.get("stages") or {}
    if name not in stages:
        names = ", ".join(stages) or "none"
        raise _fault(f"stages.{name}: there is no such stage, only {names}; add it, or name another with --stage")
    config_name = str(config) if config else _config_name(settings, name)
    loaded = load(_relative(project / config_name))
    if name == PRODUCTION:
        loaded = _protect(loaded)
    return DeploymentStage(name, settings["app_name"], project, loaded, config_name, {**settings, **stages[name]})


def config_names(project: Path) -> list[str]:
    """Return the slips.yml of each stage, as SLIPS_CONFIG names it, each once. Raises ConfigError."""
    settings = read_settings(project)
    return list(dict.fromkeys(_config_name(settings, stage) for stage in settings.get("stages") or {}))


def _config_name(settings: dict[str, Any], stage: str) -> str:
    own = settings["stages"][stage].get("environment_variables", {})
    return str((settings.get("environment_variables", {}) | own).get("SLIPS_CONFIG", "slips.yml"))


def _protect(config: Config) -> Config:
    """Return the configuration with the protections that it leaves open."""
    return msgspec.structs.replace(
        config,
        deletion_protection=config.deletion_protection is not False,
        termination_protection=config.termination_protection is not False,
    )


def read_stages(project: Path) -> list[DeploymentStage]:
    """Read all stages. Raises ConfigError."""
    return [read_stage(name, project=project) for name in read_settings(project).get("stages") or {}]


def shared_stacks(stages: list[DeploymentStage]) -> list[str]:
    """Return a line for each two stages that would use the same streams and tables."""
    owners: dict[str, str] = {}
    lines = []
    for stage in stages:
        other = owners.setdefault(stage.config.stack_name, stage.name)
        if other != stage.name:
            lines.append(
                f"{_FILE}: the stages {other} and {stage.name} share the stack {stage.config.stack_name}; give each a "
                "slips.yml of its own (SLIPS_CONFIG) with its own stack_name"
            )
    return lines


CLONED = "slips"
"""The app_name of every clone."""


def shared_app_names(stages: list[DeploymentStage]) -> list[str]:
    """Return a line where the app_name is still that of every clone, though the stacks have names of their own: the
    functions of the next project in the account would have the same names. Once deployed, the name has to stay."""
    stacks = [stage.config.stack_name for stage in stages]
    if not stages or stages[0].app_name != CLONED or any(f"{stack}-".startswith(f"{CLONED}-") for stack in stacks):
        return []
    if any(read_notes(stage.project, stage.name).functions for stage in stages):
        return []
    line = (
        f'{_FILE}: app_name is "{CLONED}", as in every clone, so that two projects in one account would share their '
        f'functions; write "{stacks[0]}" there and in app.py: Chalice(app_name="{stacks[0]}")'
    )
    return [line]


def missing_vendor_link(stage: DeploymentStage) -> list[str]:
    """Return a line where Chalice would not package the stage's slips.yml: then all its functions fail at import."""
    name = stage.config_name
    link = stage.project / "vendor" / name
    if link.exists() and link.resolve() == (stage.project / name).resolve():
        return []
    reason = f"is missing, so the functions of stage {stage.name} would not find their configuration"
    return [f"vendor/{name}: {reason}; run: ln -s ../{name} vendor/{name}"]


def check_not_shared(stage: DeploymentStage) -> None:
    """Raise DeploymentError where the stage would use another one's streams and tables."""
    for other in read_stages(stage.project):
        for line in shared_stacks([stage, other]):
            raise DeploymentError(line)


def check_packaged(stage: DeploymentStage) -> None:
    """Raise DeploymentError where Chalice would not package the stage's slips.yml."""
    for line in missing_vendor_link(stage):
        raise DeploymentError(line)


def _relative(path: Path) -> Path:
    """Faults name the file as the user does: relative, where it is below this folder."""
    try:
        return path.relative_to(Path.cwd())
    except ValueError:
        return path
