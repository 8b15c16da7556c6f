"""Whose the functions of a stage are: Chalice knows only what it noted in .chalice/deployed/ of this folder."""

from __future__ import annotations

from ...errors import DeploymentError
from .account_resources import find_function
from .event_sources import function_name, stream_event_sources
from .packaged import resolve_names
from .stage import DeploymentStage

_BRING = "bring that file from where they were deployed (commit it, so that it is at hand)"


def check_deployable(stage: DeploymentStage) -> None:
    """Raise DeploymentError where `chalice deploy` would create the functions a second time, or fail half-way on an
    event source that exists."""
    _check_not_packaged(stage)
    if _is_noted(stage):
        return
    for lane in (stage.config.fast, stage.config.slow):
        function = stage.function_name(f"process_{lane.name}")
        for source in stream_event_sources(lane.stream):
            if function_name(source) == function:
                raise DeploymentError(
                    f"{function} reads the stream {lane.stream} already, and {_no_notes(stage)}; {_BRING}, or run: "
                    f"aws lambda delete-event-source-mapping --uuid {source['UUID']} (that loses nothing). "
                    "Nothing was changed"
                )


def check_deletable(stage: DeploymentStage) -> None:
    """Raise DeploymentError where `chalice delete` would leave functions, since it does not know of them."""
    _check_not_packaged(stage)
    if not _is_noted(stage) and (functions := existing_functions(stage)):
        raise DeploymentError(
            f"{', '.join(functions)}: exist, and {_no_notes(stage)}; {_BRING}, or delete them by hand (aws lambda "
            "delete-function --function-name NAME). Nothing was removed"
        )


def check_deleted(stage: DeploymentStage) -> None:
    """Raise DeploymentError where functions exist after `chalice delete`."""
    if functions := existing_functions(stage):
        raise DeploymentError(
            f"{', '.join(functions)}: `chalice delete` left them; delete them by hand (aws lambda delete-function "
            f"--function-name NAME), and call this again. The stack {stage.config.stack_name} still exists"
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


def _is_noted(stage: DeploymentStage) -> bool:
    return (stage.project / ".chalice" / "deployed" / f"{stage.name}.json").exists()


def _no_notes(stage: DeploymentStage) -> str:
    return f".chalice/deployed/{stage.name}.json, in which Chalice notes what it made, is not in this folder"
