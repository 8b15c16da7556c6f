"""What slips.yml says and Chalice has to know: roles, network and concurrency, in .chalice/config.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from ...config import Config, LaneConfig
from .lambda_settings import reserved_concurrency
from .stage import API, DeploymentStage

OURS = (
    "iam_policy_file",
    "iam_role_arn",
    "manage_iam_role",
    "reserved_concurrency",
    "subnet_ids",
    "security_group_ids",
)
"""Settings of a function in a stage that slips.yml decides; all others are the user's."""


def function_roles(config: Config) -> dict[str, str]:
    """The role that slips.yml gives to each function; empty where Chalice makes one."""
    given = config.roles
    process = config.handler.role_arn or given.dispatcher
    return {topic.name: given.event_pusher for topic in config.topics} | {
        "process_fast": process,
        "process_slow": process,
        "report": given.reporter,
        API: given.drain,
    }


DISPATCH = {"lambda_memory_size": 256, "lambda_timeout": 180}
"""Of the function of a topic for which config.json says nothing: Chalice's 128 MB would be short."""

Reservations = Mapping[str, int | None]
"""By stage: what `slips deploy` found that the account can keep for the slow lane."""


def merge_settings(
    settings: dict[str, Any], stages: Iterable[DeploymentStage], reservations: Reservations
) -> dict[str, Any]:
    """config.json as it should be; what is not ours stays as it is."""
    made = deepcopy(settings)
    for stage in stages:
        functions = made["stages"][stage.name].setdefault("lambda_functions", {})
        for function, wanted in _wanted(stage, functions, reservations).items():
            kept = {name: value for name, value in functions.get(function, {}).items() if name not in OURS}
            functions[function] = {**kept, **wanted}
    return made


def _wanted(stage: DeploymentStage, present: dict[str, Any], reservations: Reservations) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for function, role in function_roles(stage.config).items():
        made[function] = (
            {"manage_iam_role": False, "iam_role_arn": role}
            if role
            else {"iam_policy_file": f"policy-{stage.name}-{function}.json"}
        )
    for function in stage.dispatchers:
        said = stage.function_settings(function)
        missing = {name: value for name, value in DISPATCH.items() if name not in said}
        made[function] = {**missing, **made[function]}
    handler = stage.config.handler
    for lane in (stage.config.fast, stage.config.slow):
        function = f"process_{lane.name}"
        if (most := _reserved(stage, lane, present.get(function, {}), reservations)) is not None:
            made[function]["reserved_concurrency"] = most
        if handler.subnet_ids:
            made[function]["subnet_ids"] = list(handler.subnet_ids)
            made[function]["security_group_ids"] = list(handler.security_group_ids)
    return made


def _reserved(
    stage: DeploymentStage, lane: LaneConfig, present: dict[str, Any], reservations: Reservations
) -> int | None:
    """What Chalice has to know of the reservation, since it takes away what stands in no file. Without
    `handler.concurrency` only an account can tell whether there is room for it: `slips deploy` writes it, and what
    it wrote is kept up to date."""
    if stage.config.handler.concurrency is not None or lane.name == "fast":
        return stage.config.handler.concurrency
    if stage.name in reservations:
        return reservations[stage.name]
    return reserved_concurrency(stage.config, lane) if "reserved_concurrency" in present else None
