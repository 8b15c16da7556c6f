"""Deploying a stage, and removing it: planned, then executed.

Without a terminal:

    plan = plan_deployment(read_stage("dev"), current_account())
    for line in plan.lines():
        print(line)
    plan.execute(print)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple

from ...errors import DeploymentError
from ..aws_errors import with_state
from . import chalice_command
from .account import AwsAccount
from .api_stage import check_access_log
from .change_set import Say, stack_status
from .code_record import record_code
from .former_sources import find_former_sources
from .gaps import SilentBucket, execute_notifications, silent_buckets
from .handover import Handover, plan_handover
from .index_steps import change_indexes, index_steps
from .lambda_settings_sync import affordable_reservations, setting_changes, sync_settings
from .ownership import check_deletable, check_deleted, check_deployable, existing_functions
from .packaging import prepare_package, run_packaging
from .policies import file_lines, outdated_files
from .provision import Confirm, ProvisionPlan, accept, plan_provision, stage_template
from .removal import (
    Store,
    check_data_deletable,
    check_stack_deletable,
    delete_stack,
    list_stores,
    remove_bucket_notifications,
)
from .requirements_lock import check_lock, unlocked_warnings
from .restoration import deployed_template
from .role_checks import RoleProblem, check_roles, role_problems
from .roles import RoleChange, allow_keys, delete_roles, path_problems, release_roles, role_changes, statement_changes
from .stack_ownership import check_stack_owned
from .stage import DeploymentStage, check_packaged, check_queue_read, missing_retry
from .topic_calls import missing_calls
from .topic_removals import alarm_subscriptions, check_stack_topics_removable


class Deployed(NamedTuple):
    """What is wrong after a deployment all the same."""

    warnings: tuple[str, ...]
    silent: tuple[SilentBucket, ...]
    """Buckets that notify nobody of something that is mapped."""


@dataclass(frozen=True)
class DeploymentPlan:
    """What `slips deploy` changes."""

    stage: DeploymentStage
    account: AwsAccount
    provision: ProvisionPlan
    files: dict[Path, str]
    """The files of .chalice/ to write, and their text."""
    new_functions: tuple[str, ...]
    settings: tuple[str, ...]
    """A line for each setting to change, as far as it is known: Chalice may change more of them."""
    roles: tuple[RoleChange, ...] = ()
    role_lines: tuple[str, ...] = ()
    """A line for each statement that Chalice adds to the policy of a role, or removes from it, and for what cannot be
    changed of a role."""
    unsure: tuple[RoleProblem, ...] = ()
    """The roles of slips.yml of which nobody knows whether they suffice, and what they lack that is not needed."""
    handover: Handover | None = None
    """What is left to do where the functions read more than slips.yml names."""

    def lines(self) -> Iterator[str]:
        """Show each change in a line, in the order of execution."""
        yield from self.provision.stack.lines()
        yield from (f"Write   {path.relative_to(self.stage.project)}" for path in self.files)
        yield from map(str, self.roles)
        yield from self.role_lines
        yield from (f"Create  function {name}" for name in self.new_functions)
        yield f"Run     chalice deploy --stage {self.stage.name}"
        yield from (f"Set     {line}" for line in self.settings)
        yield from (f"{'Lacks ' if each.is_known else 'Unsure'}  {each}" for each in self.unsure)
        for notification in self.provision.notifications:
            yield from notification.lines()
        yield from (f"Warning {line}" for line in self.provision.warnings)
        if self.handover:
            yield from self.handover.lines()

    def execute(self, say: Say, confirm: Confirm = accept) -> Deployed:
        """Execute the plan, say each step, and return what is wrong all the same. `confirm` is asked before the stack
        is changed. Raises DeploymentError, and what `confirm` raises."""
        template, deployed = stage_template(self.stage), deployed_template(self.stage.config.stack_name)
        adds_indexes = any(steps.new for steps in index_steps(template, deployed))
        self.provision.stack.execute(say, partial(self._confirm, say, confirm))
        for path, text in self.files.items():
            path.write_text(text)
        for line in file_lines(list(self.files)):
            say(line)
        with with_state("the stack is complete, the functions have not changed: fix that, and run this command again"):
            for change in self.roles:
                change.apply()
                say(str(change))
        for line in prepare_package(self.stage):
            say(line)
        run_packaging(self.stage, "deploy", keep=self.handover is not None)
        state = "stack and functions are deployed, but not all of their settings"
        with with_state(f"{state}: call `slips deploy` again when that is fixed"):
            record_code(self.stage)
            for call in missing_calls(self.stage, self.account):
                call.fix()
                say(f"{call}: put right")
            if not sync_settings(self.stage, self.account, say):
                say("the settings match slips.yml")
        with with_state("everything else is deployed: fix that, and run this command again"):
            execute_notifications(self.stage, self.provision.notifications, say)
            if self.handover:
                self.handover.execute(say)
            if not adds_indexes:  # Else the version before can be deployed again: an update changes one index.
                change_indexes(self.stage.config, template, say, drops=True)
        warnings = (*missing_retry(self.stage), *unlocked_warnings(self.stage.project))
        return Deployed(warnings, tuple(silent_buckets(self.stage, self.account)))

    def _confirm(self, say: Say, confirm: Confirm, question: str) -> None:
        confirm(question)
        for line in allow_keys(self.stage):
            say(line)

    def discard(self) -> None:
        """Leave all as it is. Raises DeploymentError."""
        self.provision.discard()


def plan_deployment(
    stage: DeploymentStage,
    account: AwsAccount,
    *,
    adopt: bool = False,
    adopt_stack: bool = False,
    remove_data: bool = False,
    buckets: Sequence[str] = (),
    instead_of: str = "",
) -> DeploymentPlan:
    """Plan the deployment of a stage; the options are those of `plan_provision`. Changes nothing. Raises
    DeploymentError where the deployment would fail."""
    check_packaged(stage)
    check_queue_read(stage)
    check_lock(stage.project)
    if not adopt_stack:
        check_stack_owned(stage.config.stack_name)
    check_deployable(stage, account)
    check_access_log(stage)
    unsure = tuple(role_problems(stage, account))
    check_roles(unsure)
    functions = existing_functions(stage)
    new_functions = tuple(name for name in map(stage.function_name, stage.functions) if name not in functions)
    formers = find_former_sources(stage, account).configs(stage.config)
    roles = tuple(role_changes(stage))
    role_lines = (*statement_changes(stage), *(f"Keep    {line}" for line in path_problems(stage)))
    files = outdated_files(stage.project, {stage.name: affordable_reservations(stage)}, {stage.name: formers})
    settings = () if new_functions else tuple(_preview_settings(stage, account))
    provision = plan_provision(
        stage, account, adopt=adopt, adopt_stack=adopt_stack, remove_data=remove_data, buckets=buckets,
        instead_of=instead_of, deploys=True,
    )  # fmt: skip
    try:
        handover = plan_handover(stage, account, provision.stack.former)
    except BaseException:
        provision.discard()
        raise
    return DeploymentPlan(
        stage=stage,
        account=account,
        provision=provision,
        files=files,
        new_functions=new_functions,
        settings=settings,
        roles=roles,
        role_lines=role_lines,
        unsure=unsure,
        handover=handover,
    )


def _preview_settings(stage: DeploymentStage, account: AwsAccount) -> Iterator[str]:
    try:
        yield from map(str, setting_changes(stage, account))
    except DeploymentError as error:  # It may be gone once Chalice has deployed.
        yield f"not known yet: {error}"


@dataclass(frozen=True)
class RemovalPlan:
    """What `slips destroy` removes."""

    stage: DeploymentStage
    account: AwsAccount
    functions: tuple[str, ...]
    has_stack: bool
    alarm_subscriptions: tuple[str, ...]
    stores: tuple[Store, ...]
    data: bool
    """Whether the stores are deleted."""

    def lines(self) -> Iterator[str]:
        """Show each removal in a line."""
        yield from (f"Remove  function {name}" for name in self.functions)
        if self.has_stack:
            yield f"Remove  stack {self.stage.config.stack_name}"
        for subscription in self.alarm_subscriptions:
            yield f"End     subscription of {subscription} to {self.stage.config.alarm_topic}"
        for store in self.stores:
            contents = store.contents()
            yield f"{'Delete' if self.data else 'Keep':7} {store}{f', with its data: {contents}' if contents else ''}"

    def execute(self, say: Say) -> list[Store]:
        """Execute the plan, say each step, and return the stores that were kept or deleted. Raises DeploymentError."""
        stack = self.stage.config.stack_name
        remove_bucket_notifications(self.stage, self.account, say)
        release_roles(self.stage)
        chalice_command.run_chalice(self.stage, "delete")
        check_deleted(self.stage)
        delete_roles(self.stage)
        if not delete_stack(stack, say):
            say(f"there is no stack {stack}")
        stores = [store for store in list_stores(self.stage) if store.exists()]
        for store in stores:
            if self.data:
                store.delete()
            say(f"{'deleted' if self.data else 'kept'}: {store}")
        return stores


def plan_removal(stage: DeploymentStage, account: AwsAccount, *, data: bool = False) -> RemovalPlan:
    """Plan the removal of a stage; with `data`, of its streams, tables and logs, too. Changes nothing. Raises
    DeploymentError where the removal would fail half-way."""
    check_deletable(stage, account)
    check_stack_owned(stage.config.stack_name)
    check_stack_deletable(stage.config.stack_name)
    stores = tuple(store for store in list_stores(stage) if store.exists())
    if data:
        check_data_deletable(stores)
    with with_state("nothing was removed"):
        check_stack_topics_removable(stage, account)
    return RemovalPlan(
        stage=stage,
        account=account,
        functions=tuple(existing_functions(stage)),
        has_stack=bool(stack_status(stage.config.stack_name)),
        alarm_subscriptions=tuple(alarm_subscriptions(stage)),
        stores=stores,
        data=data,
    )
