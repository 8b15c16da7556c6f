"""The CloudFormation stack of what Chalice does not create, and the notifications of buckets: planned, then executed.

Without a terminal:

    plan = plan_provision(read_stage("dev"), current_account())
    for line in plan.lines():
        print(line)
    plan.execute(print)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ...errors import DeploymentError
from ..aws_errors import with_state
from . import given_arns
from .account import AwsAccount
from .bucket_notifications import NotificationPlan, plan_notifications
from .change_set import Change, ChangeSet, Say, propose
from .existing_resources import adopt as import_resources
from .existing_resources import (
    conflicting_topics,
    find_undecided,
    managed_resources,
    unmanaged_resources,
)
from .former_resources import FormerResources, find_former_resources
from .former_sources import find_former_owners
from .gaps import execute_notifications
from .index_steps import change_indexes, index_steps, next_template
from .kms_keys import functions_without_key
from .manual_changes import ManualChange
from .ownership import check_not_renamed
from .restoration import deployed_template, list_manual_changes, restore
from .setting_change import SettingChange
from .stack import template
from .stack.storage import tables
from .stack_ownership import check_stack_owned
from .stack_removals import with_contents
from .stage import DeploymentStage, check_not_shared
from .stream_retention import short_streams
from .table_changes import TableChange, table_changes
from .tags import owned_tags
from .termination_protection import protection_changes
from .topic_removals import check_left_topics
from .unmapped_buckets import unmapped_buckets

Confirm = Callable[[str], None]
"""Takes a question, and raises where the answer is no."""


def accept(question: str) -> None:
    """Say yes to every question."""


@dataclass(frozen=True)
class StackPlan:
    """The changes of a stage's stack, and of tables that CloudFormation does not change. With resources to import or to
    restore, both come after that: CloudFormation can compute a change set only then."""

    stage: DeploymentStage
    imports: Mapping[str, str]
    """Streams and tables to take into the stack: name by logical id."""
    changes: tuple[Change, ...]
    change_set: ChangeSet | None
    tables: tuple[TableChange, ...] = ()
    restorations: tuple[ManualChange, ...] = ()
    """What to restore first, as the stack made it."""
    settings: tuple[SettingChange, ...] = ()
    """What CloudFormation changes by another call than a change set."""
    remove_data: bool = False
    """Whether streams, tables and queues may be deleted with what is in them."""
    former: FormerResources = field(default_factory=FormerResources)
    former_indexes: tuple[str, ...] = ()
    """Indexes that this version does not read: the deployed functions may be of an earlier one."""

    def lines(self) -> Iterator[str]:
        """Show each change in a line."""
        yield from (f"Import  {name}" for name in self.imports.values())
        yield from (f"Restore {change}" for change in self.restorations)
        yield from map(str, self.changes)
        yield from map(str, self.tables)
        yield from (f"Set     {change}" for change in self.settings)
        yield from self.former.lines()
        for index in self.former_indexes:
            yield f"Keep    index {index}  until the next `slips deploy`, so you can go back to the previous version"
        if not (self.imports or self.restorations or self.changes or self.tables or self.settings):
            yield "nothing to change"

    def execute(self, say: Say, confirm: Confirm = accept) -> None:
        """Change the stack, and say each step; after an import or a restoration, show the change set and ask once more.
        Raises DeploymentError, also where data would be deleted and `remove_data` is not set, and what `confirm`
        raises: then nothing more is changed."""
        if losses := [change.logical for change in self.changes if change.loses_data and not self.remove_data]:
            self.discard()
            raise DeploymentError(
                f"{', '.join(losses)}: would be deleted with its data; nothing was changed. If you do not need the "
                "data, run this command again with --remove-data"
            )
        if self.imports or self.restorations:
            if self.imports:
                confirm(f"take {', '.join(self.imports.values())} into the stack as they are?")
                config, template = self.stage.config, _template(self.stage, self.former)
                import_resources(config, template, deployed_template(config.stack_name), self.imports, say)
            if self.restorations:
                confirm("restore what was deleted or changed by hand?")
                restore(self.stage.config, self.restorations, say)
            rest = _propose(self.stage, self.former, remove_data=self.remove_data)
            for line in rest.lines():
                say(line)
            rest.execute(say, confirm)
        elif self.change_set is not None or self.tables or self.settings:
            try:
                confirm("make these changes?")
            except BaseException:
                self.discard()
                raise
            if self.change_set is not None:
                self.change_set.execute(say)
                template = _template(self.stage, self.former)
                change_indexes(self.stage.config, template, say, drops=False)
            self._change_the_rest(say)

    def _change_the_rest(self, say: Say) -> None:
        with with_state(
            f"the stack {self.stage.config.stack_name} is complete: run this command again when that is fixed"
        ):
            for change in self.tables:
                change.apply()
                say(f"{change}: {change.state}")
            for setting in self.settings:
                setting.apply()
                say(str(setting))

    def discard(self) -> None:
        """Delete the change set that CloudFormation holds. Raises DeploymentError."""
        if self.change_set is not None:
            self.change_set.discard()


@dataclass(frozen=True)
class ProvisionPlan:
    """What `slips provision` changes."""

    stack: StackPlan
    notifications: tuple[NotificationPlan, ...]
    warnings: tuple[str, ...] = ()

    def lines(self) -> Iterator[str]:
        """Show each change in a line."""
        yield from self.stack.lines()
        for notification in self.notifications:
            yield from notification.lines()
        yield from (f"Warning {line}" for line in self.warnings)

    def execute(self, say: Say, confirm: Confirm = accept) -> None:
        """Execute the plan, and say each step. Raises DeploymentError, and what `confirm` raises."""
        self.stack.execute(say, confirm)
        with with_state(
            f"the stack {self.stack.stage.config.stack_name} is complete: run this command again when that is fixed"
        ):
            execute_notifications(self.stack.stage, self.notifications, say)

    def discard(self) -> None:
        """Leave all as it is. Raises DeploymentError."""
        self.stack.discard()


def plan_provision(
    stage: DeploymentStage,
    account: AwsAccount,
    *,
    adopt: bool = False,
    adopt_stack: bool = False,
    remove_data: bool = False,
    buckets: Sequence[str] = (),
    instead_of: str = "",
    deploys: bool = False,
) -> ProvisionPlan:
    """Plan the stack and the notifications of the buckets. With `adopt`, streams and tables that exist outside of the
    stack are imported, and a table that an ARN names gets what it lacks; with `adopt_stack`, a stack that SLIPS did not
    create becomes that of slips.yml; with `remove_data`, streams, tables and queues may be deleted with what is in
    them; with `deploys`, the functions get what they need of it in the same deployment. The buckets notify this stage
    instead of the stack `instead_of`. Changes nothing. Raises DeploymentError for names that are taken, ARNs that
    cannot be used, and buckets that cannot notify."""
    check_not_shared(stage)
    check_not_renamed(stage, account)
    if not adopt_stack:
        check_stack_owned(stage.config.stack_name)
    with with_state("nothing was changed"):
        for line in given_arns.check(stage.config, account):
            raise DeploymentError(line)
        for line in () if deploys else functions_without_key(stage):
            raise DeploymentError(line)
        notifications = tuple(
            plan_notifications(stage.config, bucket, account, find_former_owners(stage, account, bucket, instead_of))
            for bucket in buckets
        )
        check_left_topics(stage, account, notifications)
    warnings = (*unmapped_buckets(stage, account), *short_streams(stage.config))
    return ProvisionPlan(plan_stack(stage, account, adopt=adopt, remove_data=remove_data), notifications, warnings)


def plan_stack(
    stage: DeploymentStage, account: AwsAccount, *, adopt: bool = False, remove_data: bool = False,
    is_settled: bool = False,
) -> StackPlan:  # fmt: skip
    """Plan the stack alone, as `plan_provision` does; see `find_former_resources` for `is_settled`. Raises
    DeploymentError."""
    stack, names = stage.config.stack_name, unmanaged_resources(stage.config)
    if not adopt and (unsure := find_undecided(stage.config, names)):
        raise DeploymentError(
            f"{', '.join(unsure)}: exists already, and is not part of the stack {stack}; nothing was changed. "
            "Take over what is yours with `slips provision --adopt`, or choose another stack_name"
        )
    if not adopt:
        _check_given_tables(stage)
    if topics := conflicting_topics(stage.config, account):
        raise DeploymentError(
            f"{', '.join(topics)}: there is a topic of that name already, and not part of the stack {stack}; nothing "
            "was changed. Write the ARN of a topic of yours into backend.sns_topics or backend.dlq_sns_arn, or choose "
            "another stack_name"
        )
    with with_state("nothing was changed"):
        former = find_former_resources(stage, account, is_settled=is_settled)
    restorations = list_manual_changes(stack, account)
    if names:
        return StackPlan(
            stage, names, tuple(_additions(stage, names)), None, restorations=restorations, remove_data=remove_data,
            former=former,
        )  # fmt: skip
    plan = _propose(stage, former, remove_data=remove_data)
    if not restorations:
        return plan
    plan.discard()  # The restoration changes the stack, and with that its change set is out of date.
    return replace(plan, change_set=None, restorations=restorations)


def _check_given_tables(stage: DeploymentStage) -> None:
    """Raise DeploymentError for a table that slips.yml names by its ARN and that is not yet as we need it: the
    class-based SLIPS may be working with it."""
    given = [change for change in table_changes(stage.config) if change.logical not in tables(stage.config)]
    if changes := [change for change in given if change.is_foreign]:
        problems = " and ".join(change.problem for change in changes)
        raise DeploymentError(
            f"the table {changes[0].table}: it {problems}; nothing was changed. Take it over with `slips provision "
            "--adopt`, which changes nothing else of it"
        )


def _propose(stage: DeploymentStage, former: FormerResources, *, remove_data: bool) -> StackPlan:
    stack = stage.config.stack_name
    template, deployed = _template(stage, former), deployed_template(stack)
    change_set = propose(stack, next_template(template, deployed, drops=False), owned_tags(stage.config))
    changes = tuple(with_contents(stack, change_set.changes if change_set else ()))
    table_changes = tuple(find_table_changes(stage, changes))
    settings = tuple(protection_changes(stage))
    indexes = tuple(f"{name} of {steps.table}" for steps in index_steps(template, deployed) for name in steps.former)
    return StackPlan(
        stage, {}, changes, change_set, table_changes, settings=settings, remove_data=remove_data,
        former=former, former_indexes=indexes,
    )  # fmt: skip


def _template(stage: DeploymentStage, former: FormerResources) -> dict[str, Any]:
    """The template with what of before is still in use."""
    template = stage_template(stage)
    if any(former):
        former.keep_in(template, deployed_template(stage.config.stack_name))
    return template


def find_table_changes(stage: DeploymentStage, changes: Sequence[Change]) -> Iterator[TableChange]:
    """Find what the tables lack beyond the change set: it brings a table of ours that it changes up to date. Raises
    DeploymentError."""
    covered = {change.logical for change in changes} & tables(stage.config).keys()
    return (change for change in table_changes(stage.config) if change.logical not in covered)


def _additions(stage: DeploymentStage, imports: Mapping[str, str]) -> Iterator[Change]:
    """What the stack lacks beyond the imports: CloudFormation refuses a change set that creates what exists."""
    managed = managed_resources(stage.config.stack_name)
    for logical, resource in stage_template(stage)["Resources"].items():
        if logical not in managed and logical not in imports:
            yield Change("Add", resource["Type"], logical)


def stage_template(stage: DeploymentStage) -> dict[str, Any]:
    """The template of a stage, with alarms for its functions and its REST API."""
    functions = {name: stage.default_function_name(name) for name in stage.functions}
    return template(stage.config, functions=functions, api=stage.app_name)
