"""What Chalice must know of slips.yml: roles, network, concurrency and a tag, in .chalice/config.json."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from copy import deepcopy
from typing import Any, NamedTuple

from ...config import Config
from ...config.settings import RETRY
from .lambda_settings import RETRY_CONCURRENCY, reserved_concurrency
from .stage import API, PROCESS, DeploymentStage
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
    return dict.fromkeys(config.dispatchers, roles.event_pusher) | {
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
Reservations = Mapping[str, Collection[str]]
"""By stage: the functions for which the account can reserve concurrency, as `slips deploy` found it."""


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
    for function, concurrency in _reservations(stage, present, reservations):
        settings[function]["reserved_concurrency"] = concurrency
    handler = stage.config.handler
    for function in PROCESS:
        if handler.subnet_ids:
            settings[function]["subnet_ids"] = list(handler.subnet_ids)
            settings[function]["security_group_ids"] = list(handler.security_group_ids)
    return settings


def _reservations(stage: DeploymentStage, present: Settings, reservations: Reservations) -> Iterator[tuple[str, int]]:
    """Yield the concurrency to reserve: Chalice removes a reservation that config.json does not hold. But for
    `handler.concurrency` only the account shows whether it has room: `slips deploy` writes it then, and what it wrote
    is kept up to date."""
    written = [function for function, own in present.items() if "reserved_concurrency" in own]
    has_room = reservations.get(stage.name, written)
    for each in wanted_reservations(stage):
        if each.concurrency is not None and (each.is_asked or each.function in has_room):
            yield each.function, each.concurrency


class Reservation(NamedTuple):
    """The concurrency that a function is to have for itself, which is also its limit; None for the account's pool."""

    function: str
    concurrency: int | None
    is_asked: bool = False
    """Whether slips.yml asks for it, so that it has to be; else it is reserved where the account has room."""


def wanted_reservations(stage: DeploymentStage) -> Iterator[Reservation]:
    """Yield the functions whose reservation slips.yml decides; what matters most comes first."""
    is_asked = stage.config.handler.concurrency is not None
    for lane in (stage.config.fast, stage.config.slow):
        yield Reservation(f"process_{lane.name}", reserved_concurrency(stage.config, lane), is_asked)
    if stage.has_retry:
        yield Reservation(RETRY, RETRY_CONCURRENCY)
