"""`slips check --deployed`: what in the account is not as slips.yml and .chalice/ say, a line each.

storage     the stack, streams and tables
functions   Lambda functions and their roles
wiring      what calls the functions, and the settings behind Chalice
"""

from __future__ import annotations

from ..account import AwsAccount
from ..provision import check
from ..stage import DeploymentStage
from . import functions, storage, wiring
from .wiring import silent_buckets


def find_drift(stage: DeploymentStage, where: AwsAccount) -> list[str]:
    """All of it; `stage` as it is in the account. Raises DeploymentError where AWS does not answer."""
    found = [*check(stage.config, where), *storage.storage_drift(stage)]
    there = {name: functions.describe_function(stage.function_name(name)) for name in stage.functions}
    for name, function in there.items():
        found += functions.function_drift(stage, name, function)
    return found + list(wiring.wiring_drift(stage, where)) if all(there.values()) else found


__all__ = ["find_drift", "silent_buckets"]
