"""Which code the functions run: tags of theirs say what was deployed, and from which files.

The package itself cannot be compared: Chalice packs the times of files, so that no two packages of the same files are
the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from ... import aws
from ..aws_errors import explain_aws_errors
from .retry_conflicts import retry_conflicts
from .stage import DeploymentStage

CODE: Final = "slips:code"
"""The tag with the CodeSha256 of the function when it was deployed."""
SOURCES: Final = "slips:sources"
"""The tag with the digest of the files that it was packaged from."""
_FILES, _FOLDERS = ("app.py", "requirements.txt", "requirements.lock"), ("chalicelib", "vendor")


def digest_sources(project: Path) -> str:
    """Return the SHA-256 of names and contents of the files that Chalice packages, but for byte code, which follows
    from them."""
    digest = hashlib.sha256()
    for path in sorted(_list_sources(project)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(project).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()


def _list_sources(project: Path) -> Iterator[Path]:
    yield from (path for path in map(project.joinpath, _FILES) if path.is_file())
    for folder in _FOLDERS:
        for root, folders, names in os.walk(project / folder, followlinks=True):
            if "__pycache__" in folders:
                folders.remove("__pycache__")
            yield from (Path(root, name) for name in names)


def record_code(stage: DeploymentStage) -> None:
    """Note in the functions which code they have now, and from which files. Chalice removes the tags at each
    deployment. Raises DeploymentError."""
    client, sources = aws.client("lambda"), digest_sources(stage.project)
    for function in map(stage.function_name, stage.functions):
        with explain_aws_errors(f"the function {function}: its tags"):
            deployed = client.get_function_configuration(FunctionName=function)
            _tag(deployed["FunctionArn"], {CODE: deployed["CodeSha256"], SOURCES: sources})


def _tag(function: str, tags: dict[str, str]) -> None:
    retry_conflicts(lambda: aws.client("lambda").tag_resource(Resource=function, Tags=tags))


def code_drift(stage: DeploymentStage, configurations: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each function whose code is not what was deployed, and one for those that were deployed from
    other files than this folder's. `configurations` are those of the functions, as Lambda describes them. Raises
    DeploymentError."""
    sources, outdated = digest_sources(stage.project), []
    for name, configuration in configurations.items():
        function = stage.function_name(name)
        with explain_aws_errors(f"the function {function}: its tags"):
            tags = aws.client("lambda").list_tags(Resource=configuration["FunctionArn"])["Tags"]
        if CODE not in tags and stage.packaged_by:
            continue
        if CODE not in tags:
            yield f"function {function}: it is not known which code was deployed; run: {stage.deploy_command}"
        elif tags[CODE] != configuration["CodeSha256"]:
            yield f"function {function}: its code was changed by hand; run: {stage.deploy_command}"
        elif tags.get(SOURCES) != sources:
            outdated.append(function)
    if outdated:
        files = ", ".join((*_FILES, *(f"{folder}/" for folder in _FOLDERS)))
        what = f"their code differs from {files} in this folder"
        yield f"{', '.join(outdated)}: {what}; run: {stage.deploy_command}"
