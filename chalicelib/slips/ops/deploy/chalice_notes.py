"""What `chalice deploy` noted in .chalice/deployed/: the resources of a stage, by the names that app.py gives them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...errors import DeploymentError

Resource = Mapping[str, str]


@dataclass(frozen=True)
class ChaliceNotes:
    """The file of a stage. Chalice writes it at the end of a deployment: one that was killed left it as it was."""

    file: Path
    resources: tuple[Resource, ...]

    @property
    def functions(self) -> dict[str, str]:
        """The ARN of each Lambda function, by its name in app.py."""
        return {each["name"]: each["lambda_arn"] for each in self.of_type("lambda_function")}

    def of_type(self, kind: str) -> list[Resource]:
        """The resources of a type of Chalice's: `lambda_function`, `sns_event`, `kinesis_event`, `rest_api`."""
        return [each for each in self.resources if each.get("resource_type") == kind]


def read_notes(project: Path, stage: str) -> ChaliceNotes:
    """Read the notes of a stage; without the file there are no resources. Raises DeploymentError."""
    file = Path(".chalice") / "deployed" / f"{stage}.json"
    try:
        document = json.loads((project / file).read_text())
        resources = tuple(dict(resource) for resource in document["resources"])
    except FileNotFoundError:
        resources = ()
    except (ValueError, KeyError, TypeError) as error:
        raise DeploymentError(
            f"{file}: is not what Chalice writes ({error}); copy it from the machine that deployed the stage"
        ) from error
    return ChaliceNotes(file, resources)
