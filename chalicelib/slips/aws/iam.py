"""What IAM policies say of secrets and of names (AWS Service Authorization Reference, "Systems Manager" and "Secrets
Manager"). Partition, region and account stay open: a policy is written for every account that it may be deployed to."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .secret_arguments import SECRETS_MANAGER, SSM


def secret_permissions(texts: Iterable[str]) -> dict[str, list[str]]:
    """Return what fetching the secrets needs that these texts refer to: ARNs, by the action. Other texts need
    nothing."""
    references = sorted(set(texts))
    allowed = {
        "ssm:GetParameter": [parameter_arn(text.removeprefix(SSM)) for text in references if text.startswith(SSM)],
        "secretsmanager:GetSecretValue": [
            _secret_arn(text.removeprefix(SECRETS_MANAGER)) for text in references if text.startswith(SECRETS_MANAGER)
        ],
    }
    return {action: arns for action, arns in allowed.items() if arns}


def parameter_arn(name: str) -> str:
    """Return the ARN of a parameter of the Systems Manager."""
    return name if name.startswith("arn:") else f"arn:*:ssm:*:*:parameter/{escape(name.removeprefix('/'))}"


def escape(text: str) -> str:
    """Return the text as a policy has it, where `*`, `?` and `$` are special (IAM User Guide, "Policy variables")."""
    return re.sub(r"[*?$]", r"${\g<0>}", text)


def _secret_arn(reference: str) -> str:
    """The ARN of a secret, which Secrets Manager ends with "-" and six characters of its own."""
    name = reference.partition("#")[0]
    return name if name.startswith("arn:") else f"arn:*:secretsmanager:*:*:secret:{escape(name)}-??????"
