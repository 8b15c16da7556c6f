"""Whose the functions of a stage are: Chalice knows only what it noted in .chalice/deployed/ of this folder."""

from __future__ import annotations

from ... import aws
from ...errors import DeploymentError
from ..aws_errors import explain_aws_errors, ignore_not_found
from .event_sources import function_name, stream_event_sources
from .packaged import resolve_names
from .stage import DeploymentStage

_BRING = "bring that file from where they were deployed (commit it, so that it is at hand)"


def check_deployable(stage: DeploymentStage) -> None:
    """Raises DeploymentError where `chalice deploy` would make a second set of functions, or fail half-way at an event
    source mapping that is there."""
    _check_unpackaged(stage)
    if _is_noted(stage):
        return
    for lane in (stage.config.fast, stage.config.slow):
        function = stage.function_name(f"process_{lane.name}")
        for each in stream_event_sources(lane.stream):
            if function_name(each) == function:
                raise DeploymentError(
                    f"{function} reads the stream {lane.stream} already, and {_notes(stage)}; {_BRING}, or run: "
                    f"aws lambda delete-event-source-mapping --uuid {each['UUID']} (nothing is lost by it). "
                    "Nothing was changed"
                )


def check_deletable(stage: DeploymentStage) -> None:
    """Raises DeploymentError where `chalice delete` would leave functions, since it does not know of them."""
    _check_unpackaged(stage)
    if not _is_noted(stage) and (there := _there(stage)):
        raise DeploymentError(
            f"{', '.join(there)}: there, and {_notes(stage)}; {_BRING}, or delete them by hand (aws lambda "
            "delete-function --function-name NAME). Nothing was removed"
        )


def check_gone(stage: DeploymentStage) -> None:
    """Raises DeploymentError where functions are left after `chalice delete`."""
    if there := _there(stage):
        raise DeploymentError(
            f"{', '.join(there)}: `chalice delete` left them; delete them by hand (aws lambda delete-function "
            f"--function-name NAME), and call this again. The stack {stage.config.stack_name} stands"
        )


def _check_unpackaged(stage: DeploymentStage) -> None:
    if packaged := resolve_names(stage).packaged_by:
        raise DeploymentError(
            f"the functions of stage {stage.name} are those of the stack {packaged}, which `chalice package` made: "
            f"deploy that one, or remove it first (aws cloudformation delete-stack --stack-name {packaged})"
        )


def _is_noted(stage: DeploymentStage) -> bool:
    return (stage.project / ".chalice" / "deployed" / f"{stage.name}.json").exists()


def _notes(stage: DeploymentStage) -> str:
    return f".chalice/deployed/{stage.name}.json, in which Chalice notes what it made, is not in this folder"


def _there(stage: DeploymentStage) -> list[str]:
    return [name for name in map(stage.function_name, stage.functions) if _exists(name)]


def _exists(function: str) -> bool:
    found = None
    with explain_aws_errors(f"the function {function}"), ignore_not_found():
        found = aws.client("lambda").get_function_configuration(FunctionName=function)
    return found is not None
