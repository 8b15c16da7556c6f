"""What Chalice must know of slips.yml: roles, network, concurrency and a tag, in .chalice/config.json."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from typing import Any

from ...config import Config, LaneConfig
from ...config.settings import RETRY
from .lambda_settings import reserved_concurrency
from .stage import API, DeploymentStage
from .tags import owned_tags

OURS = (
    "iam_policy_file",
    "iam_role_arn",
    "manage_iam_role",
    "reserved_concurrency",
    "subnet_ids",
    "security_group_ids",
    "tags",
)
"""The settings of a stage's function that slips.yml decides; all others are the user's."""


def function_roles(config: Config) -> dict[str, str]:
    """The role that slips.yml names for each function; empty where Chalice creates one."""
    roles = config.roles
    process = config.handler.role_arn or roles.dispatcher
    return {topic.name: roles.event_pusher for topic in config.topics} | {
        "process_fast": process,
        "process_slow": process,
        "report": roles.reporter,
        RETRY: roles.drain,
        API: roles.drain,
    }


def stage_roles(stage: DeploymentStage) -> dict[str, str]:
    """Those of the functions that the stage has."""
    return {name: role for name, role in function_roles(stage.config).items() if name in stage.functions}


DISPATCH = {"lambda_memory_size": 256, "lambda_timeout": 180}
"""The settings of a topic's function where config.json has none: Chalice's 128 MB would be too little."""

RETRY_SETTINGS = {"lambda_memory_size": 512, "lambda_timeout": 55}
"""Those of the function that tries again what waits: the next run comes after a minute."""

Settings = dict[str, Any]
Reservations = Mapping[str, int | None]
"""By stage: the concurrency that the account can reserve for the slow lane, as `slips deploy` found it."""


def merge_settings(settings: Settings, stages: Iterable[DeploymentStage], reservations: Reservations) -> Settings:
    """Return config.json with our settings of the stages; all others stay."""
    merged = deepcopy(settings)
    for stage in stages:
        functions = merged["stages"][stage.name].setdefault("lambda_functions", {})
        for function, ours in _our_settings(stage, functions, reservations).items():
            theirs = {name: value for name, value in functions.get(function, {}).items() if name not in OURS}
            functions[function] = {**theirs, **ours}
    return merged


def _our_settings(stage: DeploymentStage, present: Settings, reservations: Reservations) -> dict[str, Settings]:
    settings: dict[str, Settings] = {}
    for function, role in stage_roles(stage).items():
        settings[function] = (
            {"manage_iam_role": False, "iam_role_arn": role}
            if role
            else {"iam_policy_file": f"policy-{stage.name}-{function}.json"}
        )
    for ours in settings.values():
        # By one of them `slips deploy` and `slips destroy` tell our functions from those of another project.
        ours["tags"] = owned_tags(stage.config)
    usual_settings = dict.fromkeys(stage.dispatchers, DISPATCH) | ({RETRY: RETRY_SETTINGS} if stage.has_retry else {})
    for function, usual in usual_settings.items():
        own = stage.function_settings(function)
        defaults = {name: value for name, value in usual.items() if name not in own}
        settings[function] = {**defaults, **settings[function]}
    if stage.has_retry and _reserves_retry(stage, present.get(RETRY, {}), reservations):
        settings[RETRY]["reserved_concurrency"] = 1
    handler = stage.config.handler
    for lane in (stage.config.fast, stage.config.slow):
        function = f"process_{lane.name}"
        reservation = _reservation(stage, lane, present.get(function, {}), reservations)
        if reservation is not None:
            settings[function]["reserved_concurrency"] = reservation
        if handler.subnet_ids:
            settings[function]["subnet_ids"] = list(handler.subnet_ids)
            settings[function]["security_group_ids"] = list(handler.security_group_ids)
    return settings


def _reserves_retry(stage: DeploymentStage, present: Settings, reservations: Reservations) -> bool:
    """Whether two runs at once are prevented: they would release nothing twice, but cost twice. Only where the account
    has room for the slow lane's reservation is there room for this one."""
    if stage.name in reservations:
        return reservations[stage.name] is not None
    return "reserved_concurrency" in present


def _reservation(stage: DeploymentStage, lane: LaneConfig, present: Settings, reservations: Reservations) -> int | None:
    """Return the concurrency to reserve: Chalice removes a reservation that config.json does not hold. Without
    `handler.concurrency` only the account shows whether it has room: `slips deploy` writes it then, and what it wrote
    is kept up to date."""
    if stage.config.handler.concurrency is not None or lane.name == "fast":
        return stage.config.handler.concurrency
    if stage.name in reservations:
        return reservations[stage.name]
    return reserved_concurrency(stage.config, lane) if "reserved_concurrency" in present else None
