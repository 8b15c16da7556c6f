"""The AWS account and region that a command works in."""

from __future__ import annotations

from typing import NamedTuple

from ... import aws
from ..aws_errors import explain_aws_errors


class AwsAccount(NamedTuple):
    """An account and a region, where resources are."""

    partition: str
    id: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of this account; an ARN stays as it is."""
        if resource.startswith("arn:"):
            return resource
        return f"arn:{self.partition}:{service}:{self.region}:{self.id}:{resource}"


def current_account() -> AwsAccount:
    """Ask AWS whose the caller's credentials are. Raises DeploymentError where AWS does not accept them."""
    with explain_aws_errors("the AWS account"):
        # STS answers without a region, too; CloudFormation does not.
        region = aws.client("cloudformation").meta.region_name
        identity = aws.client("sts").get_caller_identity()
        return AwsAccount(identity["Arn"].split(":")[1], identity["Account"], region)
