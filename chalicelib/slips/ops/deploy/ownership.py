"""Whose the functions of a stage are. Chalice updates and deletes by name and by its notes, without looking."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...errors import DeploymentError
from ..aws_errors import with_state
from .account import AwsAccount
from .account_resources import find_function, find_function_tags, find_stack
from .chalice_notes import ChaliceNotes, read_notes
from .event_sources import function_name, stream_event_sources
from .packaged import resolve_names
from .stack_removals import waiting_contents
from .stage import DeploymentStage
from .tags import OWNER_TAG

_BRING = "copy that file from the machine that deployed them (commit it, so that you have it next time)"


@dataclass(frozen=True)
class DeployedFunction:
    """A function in the account that `chalice deploy` or `chalice delete` would take for the stage's."""

    arn: str
    stack: str
    """What its tag says; empty without one, as SLIPS before the tag and others deployed it."""
    noted: bool
    expected: bool
    """Whether .chalice/config.json still names it so."""

    @property
    def name(self) -> str:
        """Its name in the account."""
        return self.arn.rpartition(":")[2]


def check_deployable(stage: DeploymentStage, account: AwsAccount) -> None:
    """Raise DeploymentError where `chalice deploy` would change functions of another project, create ours a second
    time, or fail half-way on an event source that exists."""
    _check_not_packaged(stage)
    notes = read_notes(stage.project, stage.name)
    with with_state("nothing was changed"):
        _check_owned(stage, account, notes)
        _check_event_sources(stage, notes)


def check_not_renamed(stage: DeploymentStage, account: AwsAccount) -> None:
    """Raise DeploymentError where the functions that Chalice noted are those of another stack: a new one would be
    empty, and what goes to the old one would be lost."""
    notes = read_notes(stage.project, stage.name)
    with with_state("nothing was changed"):
        functions = [each for each in _find_functions(stage, account, notes) if each.noted]
        if problem := _find_foreign(stage, functions, notes):
            raise DeploymentError(problem)


def check_deletable(stage: DeploymentStage, account: AwsAccount) -> None:
    """Raise DeploymentError where `chalice delete` would delete functions of another project, or leave some, since it
    does not know of them."""
    _check_not_packaged(stage)
    notes = read_notes(stage.project, stage.name)
    with with_state("nothing was removed"):
        _check_owned(stage, account, notes)
        unknown = [name for name in stage.functions if name not in notes.functions]
        if functions := [name for name in map(stage.function_name, unknown) if find_function(name)]:
            raise DeploymentError(
                f"{', '.join(functions)}: exist, and {_not_noted(notes)}; {_BRING}, or delete them by hand (aws lambda "
                "delete-function --function-name NAME)"
            )


def check_deleted(stage: DeploymentStage) -> None:
    """Raise DeploymentError where functions exist after `chalice delete`."""
    if functions := existing_functions(stage):
        raise DeploymentError(
            f"{', '.join(functions)}: `chalice delete` left them; delete them by hand (aws lambda delete-function "
            f"--function-name NAME), and run this command again. The stack {stage.config.stack_name} still exists"
        )


def existing_functions(stage: DeploymentStage) -> list[str]:
    """The stage's functions that exist, by their names in the account. Raises DeploymentError."""
    return [name for name in map(stage.function_name, stage.functions) if find_function(name)]


def _check_not_packaged(stage: DeploymentStage) -> None:
    if stack := resolve_names(stage).packaged_by:
        raise DeploymentError(
            f"the functions of stage {stage.name} are those of the stack {stack}, which came from `slips package`: "
            f"deploy that one, or remove it first (aws cloudformation delete-stack --stack-name {stack})"
        )


def _check_event_sources(stage: DeploymentStage, notes: ChaliceNotes) -> None:
    for lane in (stage.config.fast, stage.config.slow):
        name = f"process_{lane.name}"
        for source in [] if name in notes.functions else stream_event_sources(lane.stream):
            if (function := function_name(source)) == stage.function_name(name):
                raise DeploymentError(
                    f"{function} reads the stream {lane.stream} already, and {_not_noted(notes)}; {_BRING}, or run: "
                    f"aws lambda delete-event-source-mapping --uuid {source['UUID']} (that loses nothing)"
                )


def _check_owned(stage: DeploymentStage, account: AwsAccount, notes: ChaliceNotes) -> None:
    _check_account(account, notes)
    functions = list(_find_functions(stage, account, notes))
    for problem in (_find_foreign(stage, functions, notes), _find_renamed(functions, notes)):
        if problem:
            raise DeploymentError(problem)


def _check_account(account: AwsAccount, notes: ChaliceNotes) -> None:
    for arn in notes.functions.values():
        region, account_id = arn.split(":")[3:5]
        if (account_id, region) != (account.id, account.region):
            raise DeploymentError(
                f"{notes.file} notes functions of account {account_id}, region {region}, and these credentials are "
                f"for account {account.id}, region {account.region}; use the earlier credentials, or give this "
                "account and region a stage of their own in .chalice/config.json"
            )


def _find_functions(stage: DeploymentStage, account: AwsAccount, notes: ChaliceNotes) -> Iterator[DeployedFunction]:
    """Find what exists of the functions that the stage names, and of those that Chalice noted."""
    expected = {account.arn("lambda", f"function:{stage.function_name(name)}") for name in stage.functions}
    # Those of a topic that slips.yml names no longer: Chalice deletes them.
    expected |= {account.arn("lambda", f"function:{stage.default_function_name(name)}") for name in notes.functions}
    noted = set(notes.functions.values())
    for arn in sorted(expected | noted):
        tags = find_function_tags(arn)
        if tags is not None:
            yield DeployedFunction(arn, tags.get(OWNER_TAG, ""), arn in noted, arn in expected)


def _find_foreign(stage: DeploymentStage, functions: list[DeployedFunction], notes: ChaliceNotes) -> str:
    stack = stage.config.stack_name
    stacks = {each: each.stack or _deployed_stack(stage, each, notes) for each in functions}
    if others := [each for each in functions if stacks[each] not in ("", stack)]:
        names, other = ", ".join(each.name for each in others), stacks[others[0]]
        problem = f"{names}: are functions of the stack {other}, and stack_name of slips.yml is {stack}"
        if not others[0].noted:
            return f"{problem}; {_other_name(stage)}"
        waiting = "; ".join(waiting_contents(other)) or "nothing"
        return (
            f"{problem}. If you renamed it, write {other} again: buckets notify it, and it holds {waiting}. "
            'To move it, see docs/deployment.md, "Renames". If this project is a copy of another one, remove '
            f"{notes.file}, which came with it, and {_other_name(stage)}"
        )
    if strangers := [each for each in functions if not (each.stack or each.noted)]:
        return (
            f"{', '.join(each.name for each in strangers)}: exist, without the tag {OWNER_TAG}, and {_not_noted(notes)}"
            f"; if they are another project's, {_other_name(stage)}; if they are yours, {_BRING}, or run for "
            f"each: aws lambda tag-resource --tags {OWNER_TAG}={stack} --resource {strangers[0].arn}"
        )
    return ""


_ENDS = ("-fast", "-slow", "-dead-letters")
"""Of names that a stack gives (`Config`)."""


def _deployed_stack(stage: DeploymentStage, function: DeployedFunction, notes: ChaliceNotes) -> str:
    """The stack of a function that SLIPS deployed before there was a tag, by what Chalice noted that it reads; empty
    where that does not say it."""
    config = stage.config
    sources = {each["topic"] for each in notes.of_type("sns_event")} | {
        each["stream"] for each in notes.of_type("kinesis_event")
    }
    if not function.noted or sources & {config.dead_letters, config.fast.stream, config.slow.stream}:
        return ""
    names = {name.removesuffix(end) for name in sources for end in _ENDS if name.endswith(end)}
    return next((name for name in sorted(names) if find_stack(name)), "")


def _find_renamed(functions: list[DeployedFunction], notes: ChaliceNotes) -> str:
    """Describe functions that app.py's names no longer lead to: Chalice would create others, leave these, and go on
    feeding them."""
    renamed = [each.name for each in functions if each.noted and not each.expected]
    if not renamed:
        return ""
    return (
        f"{notes.file} notes {', '.join(renamed)}, which no longer begin with app_name of .chalice/config.json; "
        "write the earlier app_name, or remove the stage first (`slips destroy`, with the earlier app_name)"
    )


def _other_name(stage: DeploymentStage) -> str:
    name = stage.config.stack_name
    return (
        f'write another app_name, such as "{name}", into .chalice/config.json and app.py (Chalice(app_name="{name}"))'
    )


def _not_noted(notes: ChaliceNotes) -> str:
    return f"{notes.file}, in which Chalice notes what it made, does not name them, or is not in this folder"
