"""`slips check`: is slips.yml whole, and does it fit app.py?"""

from __future__ import annotations

import json
from pathlib import Path

import click

from ...config import Config, load, shadowed
from ...errors import ConfigError
from ...formats import registry
from ..deployment import config_path
from ..project import Project, load_project, own_formats


@click.command()
@click.option("-c", "--config", "config", help="slips.yml, or another file.")
def check(config: str | None) -> None:
    """Check slips.yml and app.py, a line for each fault or warning.

    Exit code 0: nothing found. 1: warnings. 2: faults.

    \b
    slips check -c slips.yml
    """
    try:
        path = config_path(config or (click.get_current_context().obj or {}).get("config"))
        found = warnings(path)
    except ConfigError as fault:
        found = list(fault.faults)
        click.echo("\n".join(found))
        raise SystemExit(2) from fault
    for warning in found or [f"{path}: all is well"]:
        click.echo(warning)
    if found:
        raise SystemExit(1)


def warnings(path: Path) -> list[str]:
    """What is allowed but hardly meant. Raises ConfigError with what is not allowed."""
    config = load(path, formats=registry.names(own_formats()))
    found = [*config.warnings, *shadowed(config), *unguarded(config, path)]
    if not Path("app.py").exists():
        return found
    project = load_project(path)
    project.slips.check()
    return found + unused(project)


def unguarded(config: Config, path: Path) -> list[str]:
    """A warning where anybody may use the API. Raises ConfigError where a stage would deploy it so: Lambda would refuse
    to import app.py then."""
    if config.api_auth != "none":
        return []
    deploying = [stage for stage, named in stages().items() if named.resolve() == path.resolve()]
    if deploying:
        stage = f"the stage {', '.join(deploying)} of .chalice/config.json deploys this file"
        raise ConfigError([f"api.auth: none is for this machine alone, and {stage}; write iam or token"])
    return ["api.auth: none is for this machine alone; before you deploy this file, write iam or token"]


def stages() -> dict[str, Path]:
    """The slips.yml of each stage that Chalice knows, as `ops.policies` finds it."""
    file = Path(".chalice/config.json")
    if not file.is_file():
        return {}
    try:
        chalice = json.loads(file.read_text())
        shared = chalice.get("environment_variables", {})
        return {
            stage: Path((shared | settings.get("environment_variables", {})).get("SLIPS_CONFIG", "slips.yml"))
            for stage, settings in chalice.get("stages", {}).items()
        }
    except (ValueError, AttributeError, TypeError) as fault:
        raise ConfigError([f"{file}: not what Chalice reads: {fault}"]) from fault


def unused(project: Project) -> list[str]:
    """Mapped formats that no function takes, and functions for formats that nothing maps."""
    config, slips = project.slips.config, project.slips
    chains = {mapping.path: slips.chain(mapping.chain) for mapping in config.mappings}
    idle = [
        f"{path}: no function of app.py takes {chain.name}; write @slips.on_format({chain.name!r})"
        for path, chain in chains.items()
        if chain.source != "ignore" and not slips.functions.of_format(chain.name)
    ]
    return idle + _never_called(config, project, {chain.name for chain in chains.values()})


def _never_called(config: Config, project: Project, mapped: set[str]) -> list[str]:
    return [
        f"app.py: {function.name} takes {function.format}, which no bucket_mapping of slips.yml holds"
        for function in project.slips.functions.events
        if config.mappings and function.format not in ("*", *mapped)
    ]
