"""The IAM policy of each Lambda function, the least it needs, from slips.yml.

Chalice takes them as files of .chalice/ (`iam_policy_file` in its config.json); its own generator reads app.py alone
and would miss everything. Write them anew after a change of slips.yml:

    python -m chalicelib.ops.policies
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from chalice.utils import to_cfn_resource_name

from ..api.access import token_parameter
from ..config import Config, LaneConfig, load
from . import statements as may
from .statements import Statement

Policy = dict[str, Any]

API = "api_handler"
"""Chalice's name for the function behind the REST API."""


def policies(config: Config, app_name: str = "slips", stage: str = "dev") -> dict[str, Policy]:
    """The policy documents of a Chalice stage by the name of their file, `policy-<stage>-<function>.json`.

    A function whose role slips.yml names gets none: that role has its own.
    """
    made = {}
    for function, allowed in _functions(config).items():
        deployed = f"{app_name}-{stage}" if function == API else f"{app_name}-{stage}-{function}"
        logical_id = "APIHandler" if function == API else to_cfn_resource_name(function)
        made[f"policy-{stage}-{function}.json"] = {
            "Version": "2012-10-17",
            "Statement": [may.logs(deployed, logical_id), *allowed],
        }
    return made


def _functions(config: Config) -> dict[str, list[Statement]]:
    roles = config.roles
    process = config.handler.role_arn or roles.dispatcher
    wanted = {topic.name: (roles.event_pusher, _dispatch(config)) for topic in config.topics} | {
        "process_fast": (process, _process(config, config.fast)),
        "process_slow": (process, _process(config, config.slow)),
        "report": (roles.reporter, _report(config)),
        API: (roles.drain, _api(config)),
    }
    return {function: list(allowed) for function, (role, allowed) in wanted.items() if not role}


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


def stages(project: Path) -> dict[str, dict[str, Policy]]:
    """The policies of every stage of a project's .chalice/config.json, each from the slips.yml that its SLIPS_CONFIG
    names. Raises ConfigError."""
    chalice = json.loads((project / ".chalice" / "config.json").read_text())
    made = {}
    for stage, settings in chalice["stages"].items():
        variables = chalice.get("environment_variables", {}) | settings.get("environment_variables", {})
        config = load(project / variables.get("SLIPS_CONFIG", "slips.yml"))
        made[stage] = policies(config, chalice["app_name"], stage)
    return made


def write(project: Path) -> list[Path]:
    """Write the policy files of all stages; the answer is those that changed."""
    changed = []
    for made in stages(project).values():
        for name, policy in made.items():
            path, text = project / ".chalice" / name, json.dumps(policy, indent=2) + "\n"
            if not path.exists() or path.read_text() != text:
                path.write_text(text)
                changed.append(path)
    return changed


if __name__ == "__main__":
    for written in write(Path.cwd()):
        print(written)
