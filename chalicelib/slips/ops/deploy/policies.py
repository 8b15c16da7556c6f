"""The IAM policy of each Lambda function, the least it needs, from slips.yml.

Chalice takes them as files of .chalice/ (`iam_policy_file` in its config.json); its own generator reads app.py alone
and would miss everything. `slips provision --policies` writes them anew after a change of slips.yml.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ...api.access import token_parameter
from ...config import Config, LaneConfig
from . import policy_statements as may
from .chalice_config import Reservations, function_roles, merge_settings
from .packaged import logical_id
from .policy_statements import Statement
from .stage import API, DeploymentStage, read_stages

Policy = dict[str, Any]


def policy_documents(config: Config, app_name: str = "slips", stage: str = "dev") -> dict[str, Policy]:
    """The policy documents of a Chalice stage by the name of their file, `policy-<stage>-<function>.json`.

    A function whose role slips.yml names gets none: that role has its own.
    """
    made = {}
    for function, allowed in _functions(config).items():
        deployed = f"{app_name}-{stage}" if function == API else f"{app_name}-{stage}-{function}"
        made[f"policy-{stage}-{function}.json"] = {
            "Version": "2012-10-17",
            "Statement": [may.logs(deployed, logical_id(function)), *allowed],
        }
    return made


def _functions(config: Config) -> dict[str, list[Statement]]:
    wanted = {topic.name: _dispatch(config) for topic in config.topics} | {
        "process_fast": _process(config, config.fast),
        "process_slow": _process(config, config.slow),
        "report": _report(config),
        API: _api(config),
    }
    given = function_roles(config)
    return {function: list(allowed) for function, allowed in wanted.items() if not given[function]}


def _dispatch(config: Config) -> Iterator[Statement]:
    yield may.put_work(config.fast, config.slow)
    yield may.keep_errors(config)
    yield may.dead_letters(config)


def _process(config: Config, lane: LaneConfig) -> Iterator[Statement]:
    yield may.read_lane(lane)
    yield from may.read_objects(config)
    # The rest of an object that takes longer than an invocation goes back into its lane.
    yield may.put_work(lane)
    yield may.keep_errors(config)
    yield may.keep_books(config)
    yield may.dead_letters(config)
    yield from may.secrets(config.handler.args)
    if config.handler.subnet_ids:
        yield may.join_network()


def _report(config: Config) -> Iterator[Statement]:
    yield may.keep_errors(config)
    # Of a batch that Lambda gave up on, what the stream still holds, and how far the ledger says it is.
    yield may.fetch_records(config.fast, config.slow)
    yield may.look_up_books(config)


def _api(config: Config) -> Iterator[Statement]:
    yield may.serve_errors(config)
    yield may.serve_books(config)
    yield may.put_work(config.fast, config.slow)
    yield may.describe_lanes(config)
    if config.api_auth == "token":
        yield may.read_parameters("ReadToken", (token_parameter(config),))


def project_policies(project: Path) -> dict[str, dict[str, Policy]]:
    """The policies of every stage of a project, each from the slips.yml that its SLIPS_CONFIG names. Raises
    ConfigError."""
    return {stage.name: stage_policies(stage) for stage in read_stages(project)}


def stage_policies(stage: DeploymentStage) -> dict[str, Policy]:
    """The policies of a stage; with `xray` in its settings, the functions may trace."""
    made = policy_documents(stage.config, stage.app_name, stage.name)
    if stage.settings.get("xray"):
        for policy in made.values():
            policy["Statement"].append(may.trace())
    return made


def outdated_files(project: Path) -> list[Path]:
    """Files of .chalice/ that are not what slips.yml asks for. Raises ConfigError."""
    return list(_differing(_wanted(project, {})))


def write_files(project: Path, reservations: Reservations | None = None) -> list[Path]:
    """Write the policies of all stages, and what slips.yml says of roles, network and concurrency into config.json;
    the answer is the files that changed. Raises ConfigError."""
    changed = _differing(_wanted(project, reservations or {}))
    for path, text in changed.items():
        path.write_text(text)
    return list(changed)


def _differing(wanted: dict[Path, str]) -> dict[Path, str]:
    return {path: text for path, text in wanted.items() if not path.exists() or path.read_text() != text}


def _wanted(project: Path, reservations: Reservations) -> dict[Path, str]:
    folder, found = project / ".chalice", read_stages(project)
    made = {
        folder / name: json.dumps(policy, indent=2) + "\n"
        for stage in found
        for name, policy in stage_policies(stage).items()
    }
    settings = json.loads((folder / "config.json").read_text())
    wanted = merge_settings(settings, found, reservations)
    if wanted != settings:  # Where it says the same, its layout is the user's.
        made[folder / "config.json"] = json.dumps(wanted, indent=2) + "\n"
    return made
