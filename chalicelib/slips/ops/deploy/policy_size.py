"""How long the policies of a role may be, and what `process_*` may read where a policy of all mapped prefixes is too
long: then `*` takes the place of the segment in which most of them differ."""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, Final

from ...errors import ConfigError

LARGEST: Final = 10_240
"""Characters of a role's own policies, white space not counted (IAM User Guide, "IAM and AWS STS quotas")."""
READ_OBJECTS: Final = "ReadObjects"
"""The Sid of the statement that allows the mapped prefixes."""


def policy_size(document: dict[str, Any]) -> int:
    """Count the characters as IAM does."""
    return len("".join(json.dumps(document).split()))


def fit_policy(name: str, document: dict[str, Any]) -> None:
    """Have the policy allow wider prefixes until IAM takes it. Raises ConfigError where it never does."""
    for statement in document["Statement"]:
        while str(statement.get("Sid", "")).startswith(READ_OBJECTS) and policy_size(document) > LARGEST:
            wider, narrower = _widest(statement["Resource"])
            if not narrower:
                break
            statement["Resource"] = sorted({wider, *statement["Resource"]} - narrower)
    if (size := policy_size(document)) > LARGEST:
        problem = f"{name}: the policy has {size:,} characters, and IAM takes {LARGEST:,}"
        advice = "map fewer prefixes, or put statements of handler.policy into a managed policy and write its ARN there"
        raise ConfigError([f"{problem}; {advice}"])


def _widest(arns: list[str]) -> tuple[str, set[str]]:
    """The ARN that stands for most of these, with one segment more that is `*`, and those; none where no ARN stands for
    two. The bucket stays, and so does what the last segment begins with."""
    covered: dict[str, set[str]] = defaultdict(set)
    for arn in arns:
        segments = arn.split("/")
        for at in range(1, len(segments) - 1):
            if segments[at] != "*":
                covered["/".join([*segments[:at], "*", *segments[at + 1 :]])].add(arn)
    wider = max(covered, key=lambda each: (len(covered[each]), each), default="")
    return wider, covered[wider] if len(covered[wider]) > 1 else set()
