"""`slips check`: is slips.yml whole, and does it fit app.py?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...config import Config, load, shadowed
from ...errors import ConfigError
from ...formats import registry
from ..deploy.account import current_account
from ..deploy.drift import find_drift
from ..deploy.packaged import resolve_names
from ..deploy.policies import outdated_files
from ..deploy.stage import DeploymentStage, missing_vendor_link, read_stage, read_stages, shared_stacks
from ..develop.project import Project, load_project, own_formats
from ..target import config_path
from .terminal import tell


@click.command()
@click.option("-c", "--config", "config", help="slips.yml, or another file.")
@click.option("--deployed", is_flag=True, help="Compare the account with the configuration instead.")
@click.option("--stage", default="dev", show_default=True, help="Which stage, with --deployed.")
@click.option("--json", "as_json", is_flag=True, help="One JSON list of lines.")
def check(config: str | None, deployed: bool, stage: str, as_json: bool) -> None:
    """Check slips.yml and app.py, a line for each fault or warning.

    Exit code 0: nothing found. 1: warnings. 2: faults.

    \b
    slips check -c slips.yml
    slips check --deployed --stage prod
    """
    if deployed:
        chosen = read_stage(stage, config or (click.get_current_context().obj or {}).get("config"))
        where = current_account()
        tell(f"account {where.id}, region {where.region}, stack {chosen.config.stack_name}")
        found = find_drift(resolve_names(chosen), where)
        _tell(found, f"stage {stage}: the account is as slips.yml says", as_json)
        raise SystemExit(1 if found else 0)
    try:
        path = config_path(config or (click.get_current_context().obj or {}).get("config"))
        found = warnings(path)
    except ConfigError as fault:
        found = list(fault.faults)
        _tell(found, "", as_json)
        raise SystemExit(2) from fault
    _tell(found, f"{path}: all is well", as_json)
    if found:
        raise SystemExit(1)


def _tell(found: list[str], well: str, as_json: bool) -> None:
    click.echo(json.dumps(found, indent=1) if as_json else "\n".join(found or [well]))


def warnings(path: Path) -> list[str]:
    """What is allowed but hardly meant. Raises ConfigError with what is not allowed."""
    config = load(path, formats=registry.names(own_formats()))
    found = [*config.warnings, *shadowed(config), *stage_warnings(Path.cwd()), *open_api_warnings(config, path)]
    if not Path("app.py").exists():
        return found
    project = load_project(path)
    project.slips.check()
    return found + unused_formats(project)


def stage_warnings(project: Path) -> list[str]:
    """What would go wrong when a stage is deployed. Raises ConfigError."""
    found = _stages(project)
    if not found:
        return []
    old = [
        f"{path.relative_to(project)}: is out of date; run: slips provision --policies"
        for path in outdated_files(project)
    ]
    return [*shared_stacks(found), *(line for stage in found for line in missing_vendor_link(stage)), *old]


def open_api_warnings(config: Config, path: Path) -> list[str]:
    """A warning where anybody may use the API. Raises ConfigError where a stage would deploy it so: Lambda would refuse
    to import app.py then."""
    if config.api_auth != "none":
        return []
    deploying = [
        stage.name for stage in _stages(Path.cwd()) if (stage.project / stage.config_name).resolve() == path.resolve()
    ]
    if deploying:
        stage = f"the stage {', '.join(deploying)} of .chalice/config.json deploys this file"
        raise ConfigError([f"api.auth: none is for this machine alone, and {stage}; write iam or token"])
    return ["api.auth: none is for this machine alone; before you deploy this file, write iam or token"]


def _stages(project: Path) -> list[DeploymentStage]:
    return read_stages(project) if (project / ".chalice" / "config.json").exists() else []


def unused_formats(project: Project) -> list[str]:
    """Mapped formats that no function takes, and functions for formats that nothing maps."""
    config, slips = project.slips.config, project.slips
    chains = {mapping.path: slips.chain(mapping.chain) for mapping in config.mappings}
    idle = [
        f"{path}: no function of app.py takes {chain.name}; write @slips.on_format({chain.name!r})"
        for path, chain in chains.items()
        if chain.framing != "ignore" and not slips.functions.of_format(chain.name)
    ]
    return idle + _never_called(config, project, {chain.name for chain in chains.values()})


def _never_called(config: Config, project: Project, mapped: set[str]) -> list[str]:
    return [
        f"app.py: {function.name} takes {function.format}, which no bucket_mapping of slips.yml holds"
        for function in project.slips.functions.events
        if config.mappings and function.format not in ("*", *mapped)
    ]
