"""`slips check`: is slips.yml correct, and does it fit app.py?"""

from __future__ import annotations

import json
import threading
from pathlib import Path

import click

from ...config import Config, find_shadowed, load
from ...config.prefixes import MOST_NOTIFICATIONS, notified_prefixes
from ...errors import ConfigError
from ...formats import registry
from ..deploy.account import current_account
from ..deploy.canary_objects import send_canaries
from ..deploy.drift import find_drift
from ..deploy.lane_capacity import describe_capacities
from ..deploy.loops import policy_loops
from ..deploy.package_checks import (
    FRAMING_PACKAGES,
    package_warnings,
    requirement_warnings,
    size_warnings,
    unpackaged_modules,
)
from ..deploy.packaged import resolve_names
from ..deploy.policies import outdated_files, widened_policies
from ..deploy.policy_size import LARGEST
from ..deploy.process_checks import clients_at_import, crowded_lanes, threads_at_import
from ..deploy.stage import (
    DeploymentStage,
    missing_retry,
    missing_vendor_link,
    read_stages,
    shared_app_names,
    shared_stacks,
    unread_queue,
)
from ..develop.project import Project, load_project, own_formats, unread_mappings
from ..target import Target, config_path
from .parameters import command
from .target import config_option, load_stage, stage_option
from .terminal import note


@command()
@click.option("-c", "--config", "config", help="slips.yml, or another file.")
@click.option("--deployed", is_flag=True, help="Compare the account with slips.yml and .chalice/ instead.")
@stage_option("The stage whose slips.yml is checked.  [default with --deployed: dev]")
@click.option("--canary", is_flag=True, help="With --deployed: follow an empty object of each mapping to the ledger.")
@click.option("--json", "as_json", is_flag=True, help="Print the lines as one JSON list.")
def check(config: str | None, deployed: bool, stage: str | None, canary: bool, as_json: bool) -> None:
    """Check slips.yml and app.py, and print a line for each fault or warning.

    Exit code 0: nothing to do; settings without effect are only noted. 1: warnings. 2: faults.

    \b
    slips check -c slips.yml
    slips check --deployed --stage prod --canary
    """
    if canary and not deployed:
        raise click.UsageError("--canary works only with --deployed: write --deployed --canary")
    if deployed:
        _check_account(load_stage(stage, config), canary=canary, as_json=as_json)
        return
    try:
        named = load_stage(stage, config).config_name if stage is not None else config_option(config)
        path = config_path(named)
        lines = find_warnings(path)
        notes = [*load(path).notes, *describe_prefixes(load(path)), *describe_flushes(path)]
    except ConfigError as error:
        _print(list(error.faults), "", as_json=as_json)
        raise SystemExit(2) from error
    for line in describe_lanes(path):
        note(line)
    well = [] if lines or as_json else [f"{path}: all is well"]
    _print([*notes, *lines, *well], "", as_json=as_json)
    if lines:
        raise SystemExit(1)


def _check_account(stage: DeploymentStage, *, canary: bool, as_json: bool) -> None:
    account = current_account()
    note(f"account {account.id}, region {account.region}, stack {stage.config.stack_name}")
    lines = find_drift(resolve_names(stage), account)
    target = Target(stage.config)
    canaries = send_canaries(stage.config, target.s3_access, target.ledger) if canary else []
    well = [] if lines or as_json else [f"stage {stage.name}: the account matches slips.yml"]
    _print([*lines, *well, *map(str, canaries)], "", as_json=as_json)
    raise SystemExit(1 if lines or not all(each.is_well for each in canaries) else 0)


def _print(lines: list[str], well: str, *, as_json: bool) -> None:
    click.echo(json.dumps(lines, indent=1) if as_json else "\n".join(lines or [well]))


def find_warnings(path: Path) -> list[str]:
    """Find what is allowed but probably not meant. Raises ConfigError for what is not allowed."""
    config = load(path, formats=registry.names(own_formats()))
    lines = [
        *config.warnings,
        *find_shadowed(config),
        *stage_warnings(Path.cwd()),
        *open_api_warnings(config, path),
        *policy_loops(config),
    ]
    if not Path("app.py").exists():
        return lines
    threads = {*threading.enumerate()}
    project = load_project(path)
    project.slips.check()
    return [
        *lines,
        *clients_at_import(config, project.modules),
        *threads_at_import(config, [each for each in threading.enumerate() if each not in threads]),
        *unpackaged_modules(Path.cwd(), project.files),
        *unequal_app_names(project),
        *unused_formats(project),
        *package_warnings(_stages(Path.cwd()), needed_packages(project)),
    ]


def stage_warnings(project: Path) -> list[str]:
    """Find what would go wrong when a stage is deployed. Raises ConfigError."""
    stages = _stages(project)
    if not stages:
        return []
    outdated = [
        f"{path.relative_to(project)}: is out of date; run: slips provision --policies"
        for path in outdated_files(project)
    ]
    links = [line for stage in stages for line in missing_vendor_link(stage)]
    return [
        *shared_stacks(stages),
        *shared_app_names(stages),
        *links,
        *missing_retry(stages[0]),
        *(line for stage in stages for line in crowded_lanes(stage)),
        *(line for stage in stages for line in unread_queue(stage)),
        *outdated,
        *size_warnings(project),
        *requirement_warnings(project),
    ]


def open_api_warnings(config: Config, path: Path) -> list[str]:
    """Warn where anybody may use the API. Raises ConfigError where a stage would deploy it so: Lambda would fail to
    import app.py."""
    if config.api_auth != "none":
        return []
    if stages := _stages_of(path):
        names = ", ".join(stage.name for stage in stages)
        stage = f"the stage {names} of .chalice/config.json deploys this file"
        raise ConfigError([f"api.auth: none is only for this machine, and {stage}; write iam or token"])
    return ["api.auth: none is only for this machine; before you deploy this file, write iam or token"]


def _stages(project: Path) -> list[DeploymentStage]:
    return read_stages(project) if (project / ".chalice" / "config.json").exists() else []


def _stages_of(path: Path) -> list[DeploymentStage]:
    """Return the stages that deploy this slips.yml."""
    return [stage for stage in _stages(Path.cwd()) if (stage.project / stage.config_name).resolve() == path.resolve()]


def describe_lanes(path: Path) -> list[str]:
    """Say how much each lane takes where a stage deploys this slips.yml."""
    return list(dict.fromkeys(line for stage in _stages_of(path) for line in describe_capacities(stage)))


def unequal_app_names(project: Project) -> list[str]:
    """Find another app_name in app.py than in .chalice/config.json: Chalice names the REST API by the one, and the
    functions by the other. Raises ConfigError."""
    own = project.app.app_name
    return [
        f'app.py: Chalice(app_name="{own}") names the REST API, and .chalice/config.json the functions: "{name}"; '
        "write the same name into both"
        for name in {stage.app_name for stage in _stages(Path.cwd())} - {own}
    ]


def describe_prefixes(config: Config) -> list[str]:
    """Note what notifications and policies have in place of the mapped prefixes, which those cannot have."""
    lines = []
    for bucket in dict.fromkeys(mapping.bucket for mapping in config.mappings):
        prefixes = notified_prefixes(config.mappings, bucket)
        mapped = {mapping.prefix for mapping in config.mappings if mapping.bucket == bucket}
        if wider := [prefix for prefix in prefixes if prefix not in mapped]:
            lines.append(
                f"bucket_mapping.{bucket}: S3 notifies SLIPS of all objects below {_abridge(wider)}, in "
                f"{len(prefixes)} of {MOST_NOTIFICATIONS} notifications; SLIPS drops those below no mapped prefix"
            )
    return lines + [
        f"{path.relative_to(Path.cwd())}: allows reading {_abridge(arns)}, because IAM takes {LARGEST:,} "
        "characters, and a policy for all mapped prefixes would have more"
        for stage in _stages(Path.cwd())
        for path, arns in widened_policies(stage)
    ]


def _abridge(names: list[str], most: int = 3) -> str:
    return ", ".join(names[:most]) + (", …" if len(names) > most else "")


def describe_flushes(path: Path) -> list[str]:
    """Note the `on_flush` functions that concern more functions than they may mean to."""
    if not Path("app.py").exists():
        return []
    functions = load_project(path).slips.functions
    if len(functions.events) < 2:
        return []
    return [
        f"app.py: {hook.call.__name__} covers all functions: if it fails, "
        "the events of all of them since the last checkpoint go to the ErrorTable; "
        "name the functions whose events it sends: @slips.on_flush(of=[…])"
        for hook in functions.flush
        if not hook.of
    ]


def needed_packages(project: Project) -> dict[str, str]:
    """Return the Python packages that mappings and sinks need beyond the dependencies of SLIPS, and what needs each."""
    slips = project.slips
    sinks = {
        package: f"app.py: {function}"
        for function, sink in slips.sinks_by_function.items()
        for package in sink.packages
    }
    framings = {mapping.path: slips.chain(mapping.chain).framing for mapping in slips.config.mappings}
    return sinks | {
        FRAMING_PACKAGES[framing]: f"{path}: {framing}"
        for path, framing in framings.items()
        if framing in FRAMING_PACKAGES
    }


def unused_formats(project: Project) -> list[str]:
    """Find mapped formats that no function takes, and functions for formats that nothing maps."""
    config, slips = project.slips.config, project.slips
    mapped = {slips.chain(mapping.chain).name for mapping in config.mappings}
    return unread_mappings(slips) + _uncalled_functions(config, project, mapped)


def _uncalled_functions(config: Config, project: Project, mapped: set[str]) -> list[str]:
    return [
        f"app.py: {function.name} takes {function.format}, which bucket_mapping of slips.yml does not name"
        for function in project.slips.functions.events
        if config.mappings and function.format not in ("*", *mapped)
    ]
