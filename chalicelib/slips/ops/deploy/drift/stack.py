"""The stack in the account: its template, and what it made."""

from __future__ import annotations

from collections.abc import Iterator

from ..account import AwsAccount
from ..change_set import stack_status
from ..index_steps import next_template
from ..provision import stage_template
from ..restoration import deployed_template, list_manual_changes
from ..stage import DeploymentStage
from ..termination_protection import protection_changes


def stack_drift(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    """Yield a line for each difference. Raises DeploymentError."""
    stack, run = stage.config.stack_name, f"slips provision --stage {stage.name}"
    status = stack_status(stack)
    if not status:
        yield f"stack {stack}: is missing; run: {run}"
        return
    if not status.endswith("_COMPLETE") or status.startswith(("ROLLBACK", "IMPORT_ROLLBACK")):
        yield f"stack {stack}: is {status}; {run} says what to do"
    for change in protection_changes(stage):
        yield f"{change.what} is {change.old}, should be {change.new}; run: {run}"
    deployed = deployed_template(stack)
    # An index that the version before reads stays until the next `slips deploy`.
    expected, actual = next_template(stage_template(stage), deployed, drops=False)["Resources"], deployed["Resources"]
    for logical in {**actual, **expected}:
        if actual.get(logical) != expected.get(logical):
            word = "missing" if logical not in actual else "changed" if logical in expected else "left over"
            yield f"stack {stack}: {logical} is {word}; run: {run}"
    yield from (f"{change}; run: {run}" for change in list_manual_changes(stack, account))
