"""The IAM policy of each Lambda function, the least it needs, from slips.yml.

Chalice takes them as files of .chalice/ (`iam_policy_file` in its config.json); its own generator reads only app.py and
would miss all of it. `slips provision --policies` writes them after a change of slips.yml.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...api.access import token_parameter
from ...config import Config, LaneConfig
from ...config.settings import RETRY
from . import policy_statements as may
from .chalice_config import Reservations, function_roles, merge_settings
from .policy_size import READ_OBJECTS, fit_policy
from .policy_statements import Statement
from .stage import API, PROCESS, DeploymentStage, read_stages

Policy = dict[str, Any]
Formers = Mapping[str, Sequence[Config]]
"""By stage: configurations with lanes and dead letters that its functions still read, though slips.yml names others."""


def policy_documents(
    config: Config, app_name: str = "slips", stage: str = "dev", of_sinks: Sequence[Statement] = ()
) -> dict[str, Policy]:
    """The policies of a stage by the name of their file, `policy-<stage>-<function>.json`. Each names the log group of
    the function that `chalice deploy` creates. `of_sinks` are the statements for the sinks of app.py.

    A function whose role slips.yml names has none: that role has its own.
    """
    documents, roles = {}, function_roles(config)
    for function, statements in function_statements(config).items():
        if roles[function]:
            continue
        name = f"{app_name}-{stage}" if function == API else f"{app_name}-{stage}-{function}"
        users = (*of_sinks, *config.handler.policy.statements) if function in PROCESS else ()
        documents[f"policy-{stage}-{function}.json"] = {
            "Version": "2012-10-17",
            "Statement": [may.logs(name), *statements, *users],
        }
    return documents


def log_policy(function: str, place: str) -> Policy:
    """The policy by which a function of `chalice package` writes its logs: CloudFormation chose its name, which no file
    of .chalice/ can know."""
    return {"Version": "2012-10-17", "Statement": [may.logs(function, place)]}


def managed_policies(config: Config, function: str) -> tuple[str, ...]:
    """The ARNs of the managed policies that the function's role has beside its own."""
    return config.handler.policy.managed if function in PROCESS else ()


def function_statements(config: Config) -> dict[str, list[Statement]]:
    """What SLIPS itself does in each function, but for its log: also in one whose role slips.yml names."""
    statements = {name: _dispatch(config) for name in config.dispatchers} | {
        "process_fast": _process(config, config.fast),
        "process_slow": _process(config, config.slow),
        "report": _report(config),
        RETRY: _retry(config),
        API: _api(config),
    }
    return {function: list(allowed) for function, allowed in statements.items()}


def _dispatch(config: Config) -> Iterator[Statement]:
    yield may.put_work(config.fast, config.slow)
    yield may.keep_errors(config)
    yield may.drain_restored(config)
    yield may.note_causes(config)
    yield may.dead_letters(config)
    yield from may.read_queue(config)
    yield from may.use_key(config, "dynamodb", "kinesis", "sns", *(("sqs",) if config.queue else ()))


def _process(config: Config, lane: LaneConfig) -> Iterator[Statement]:
    yield may.read_lane(lane)
    yield from may.read_objects(config)
    yield from may.decrypt_objects(config)
    yield from may.assume_roles(config)
    # The rest of an object that takes longer than an invocation goes back into its lane.
    yield may.put_work(lane)
    yield may.keep_errors(config)
    yield may.keep_books(config)
    yield may.keep_many_books(config)
    yield may.find_books(config)
    yield may.read_books(config)
    yield may.dead_letters(config)
    yield from may.use_key(config, "dynamodb", "kinesis", "sns")
    yield from may.secrets(config.handler.args)
    if config.handler.subnet_ids:
        yield may.join_network()


def _report(config: Config) -> Iterator[Statement]:
    yield may.keep_errors(config)
    # Of an abandoned batch: what the stream still holds, and how far the ledger says it is.
    yield may.fetch_records(config.fast, config.slow)
    yield may.look_up_books(config)
    yield may.note_causes(config)
    yield may.redrive(config)
    yield from may.use_key(config, "dynamodb", "kinesis", "sqs")


def _retry(config: Config) -> Iterator[Statement]:
    yield may.retry_errors(config)
    yield may.judge_tries(config)
    yield may.put_work(config.fast, config.slow)
    yield from may.use_key(config, "dynamodb", "kinesis")


def _api(config: Config) -> Iterator[Statement]:
    yield may.serve_errors(config)
    yield may.serve_books(config)
    yield may.keep_trail(config)
    yield may.put_work(config.fast, config.slow)
    yield may.describe_lanes(config)
    yield from may.watch_redrive(config)
    yield from may.use_key(config, "dynamodb", "kinesis")
    if config.api_auth == "token":
        yield may.read_parameters("ReadToken", (token_parameter(config),))


def project_policies(project: Path) -> dict[str, dict[str, Policy]]:
    """The policies of every stage of a project, each from the slips.yml that its SLIPS_CONFIG names. Raises
    ConfigError."""
    return {stage.name: stage_policies(stage) for stage in read_stages(project)}


def stage_policies(stage: DeploymentStage, formers: Sequence[Config] = ()) -> dict[str, Policy]:
    """The policies of a stage; with `xray` in its settings, the functions may trace. With `formers`, they may do the
    same with the lanes and dead letters of these. Raises ConfigError for one that IAM would refuse."""
    documents = _documents_of(stage, stage.config)
    current = {name: list(policy["Statement"]) for name, policy in documents.items()}
    for number, former in enumerate(formers, 1):
        for name, policy in _documents_of(stage, former).items():
            documents[name]["Statement"] += [
                {**each, "Sid": f"{each['Sid']}Former{number}"}
                for each in policy["Statement"]
                if each not in current[name]
            ]
    for name, policy in documents.items():
        if stage.settings.get("xray"):
            policy["Statement"].append(may.trace())
        fit_policy(name, policy)
    return documents


def _documents_of(stage: DeploymentStage, config: Config) -> dict[str, Policy]:
    """Those of the functions that the stage has."""
    documents = policy_documents(config, stage.app_name, stage.name, stage.sink_statements)
    retry = f"policy-{stage.name}-{RETRY}.json"
    return {name: policy for name, policy in documents.items() if name != retry or stage.has_retry}


def widened_policies(stage: DeploymentStage) -> Iterator[tuple[Path, list[str]]]:
    """Yield the files of the stage that allow to read more than what is mapped, with the ARNs of that."""
    mapped = {arn for each in may.read_objects(stage.config) for arn in each["Resource"]}
    for path in sorted((stage.project / ".chalice").glob(f"policy-{stage.name}-process_*.json")):
        if wider := [arn for arn in _readable(path.read_text()) if arn not in mapped]:
            yield path, wider


def _readable(text: str) -> list[str]:
    """The ARNs that a policy allows to read; none where somebody broke the file, which is out of date then."""
    try:
        statements = json.loads(text)["Statement"]
        return [arn for each in statements if each.get("Sid") == READ_OBJECTS for arn in each["Resource"]]
    except (ValueError, LookupError, TypeError, AttributeError):
        return []


def outdated_files(
    project: Path, reservations: Reservations | None = None, formers: Formers | None = None
) -> dict[Path, str]:
    """The files of .chalice/ that are not what slips.yml asks for, and their new text: the policies of all stages, and
    config.json, where roles, network and concurrency are. Raises ConfigError."""
    files = _new_files(project, reservations or {}, formers or {})
    return {path: text for path, text in files.items() if not path.exists() or path.read_text() != text}


def write_files(project: Path, reservations: Reservations | None = None) -> list[Path]:
    """Write the outdated files, and return them. Raises ConfigError."""
    files = outdated_files(project, reservations)
    for path, text in files.items():
        path.write_text(text)
    return list(files)


def _new_files(project: Path, reservations: Reservations, formers: Formers) -> dict[Path, str]:
    folder, stages = project / ".chalice", read_stages(project)
    files = {
        folder / name: json.dumps(policy, indent=2) + "\n"
        for stage in stages
        for name, policy in stage_policies(stage, formers.get(stage.name, ())).items()
    }
    settings = json.loads((folder / "config.json").read_text())
    merged = merge_settings(settings, stages, reservations)
    if merged != settings:  # If it means the same, its layout stays the user's.
        files[folder / "config.json"] = json.dumps(merged, indent=2) + "\n"
    return files


def file_lines(paths: list[Path]) -> list[str]:
    """Return a line for each file that was written."""
    return [os.path.relpath(path) for path in paths] or ["the policies are up to date"]
