"""`slips check --deployed`: what in the account is not as slips.yml and .chalice/ say, a line each.

storage     the stack, streams and tables
functions   Lambda functions and their roles
wiring      what calls the functions, and the settings behind Chalice
"""

from __future__ import annotations

from ..account import Account
from ..provision import misgiven
from ..stage import Stage
from . import functions, storage, wiring
from .wiring import silent_buckets


def drift(stage: Stage, where: Account) -> list[str]:
    """All of it; `stage` as it is in the account. Raises DeploymentError where AWS does not answer."""
    found = [*misgiven(stage.config, where), *storage.differences(stage)]
    there = {name: functions.look(stage.function(name)) for name in stage.functions}
    for name, function in there.items():
        found += functions.differences(stage, name, function)
    return found + list(wiring.differences(stage, where)) if all(there.values()) else found


__all__ = ["drift", "silent_buckets"]
