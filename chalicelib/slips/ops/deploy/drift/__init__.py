"""`slips check --deployed`: what in the account is not as slips.yml and .chalice/ say, a line each.

stack       the stack, and what it made
storage     streams and tables
topics      the key of those that the stack creates
tags        of the stack, of what it creates, and of the functions
functions   Lambda functions and their roles
capacity    whether a lane was nearly full last week
loops       what would be read again and again
wiring      what calls the functions, and the settings that Chalice does not know
"""

from __future__ import annotations

from .. import given_arns
from ..account import AwsAccount
from ..account_resources import find_function
from ..code_record import code_drift
from ..lane_capacity import busy_lanes
from ..loops import account_loops
from ..role_checks import role_problems
from ..roles import path_problems
from ..stage import DeploymentStage
from .functions import function_drift
from .stack import stack_drift
from .storage import storage_drift
from .tags import tag_drift
from .topics import topic_drift
from .wiring import wiring_drift


def find_drift(stage: DeploymentStage, account: AwsAccount) -> list[str]:
    """Return a line for each difference; `stage` has its names in the account. Raises DeploymentError."""
    lines = [*given_arns.check(stage.config, account), *stack_drift(stage, account), *storage_drift(stage)]
    lines += [*topic_drift(stage, account), *tag_drift(stage, account), *path_problems(stage)]
    functions = {name: find_function(stage.function_name(name)) for name in stage.functions}
    for name, function in functions.items():
        lines += function_drift(stage, name, function)
    lines += map(str, role_problems(stage, account))
    lines += code_drift(stage, {name: function for name, function in functions.items() if function})
    lines += account_loops(stage.config, stage.sink_statements)
    if all(functions.values()):
        lines += busy_lanes(stage)
        lines += wiring_drift(stage, account)
    return list(dict.fromkeys(lines))
