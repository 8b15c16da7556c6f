"""The AWS account and region that a command works in."""

from __future__ import annotations

from typing import NamedTuple

from ... import aws
from ..aws_errors import explain_aws_errors


class AwsAccount(NamedTuple):
    """Where resources are."""

    partition: str
    id: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account; a resource that is an ARN already stays it."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def current_account() -> AwsAccount:
    """Of the caller's credentials. Raises DeploymentError where there are none that AWS takes."""
    with explain_aws_errors("the AWS account"):
        # STS answers without a region, too; CloudFormation does not.
        region = aws.client("cloudformation").meta.region_name
        found = aws.client("sts").get_caller_identity()
        return AwsAccount(found["Arn"].split(":")[1], found["Account"], region)
