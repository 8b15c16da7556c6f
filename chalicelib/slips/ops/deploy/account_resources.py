"""The resources of the account as AWS describes them, None where they do not exist. Each raises DeploymentError."""

from __future__ import annotations

from typing import Any

from ... import aws
from ..aws_errors import error_code, explain_aws_errors, look_up


def find_stack(name: str) -> Any:
    """Find the description of a CloudFormation stack."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the stack {name}"):
        try:
            stacks = aws.client("cloudformation").describe_stacks(StackName=name)["Stacks"]
        except ClientError as error:
            if error_code(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
    return next((stack for stack in stacks if stack["StackStatus"] != "DELETE_COMPLETE"), None)


def find_function(name: str) -> Any:
    """Find the configuration of a Lambda function."""
    return look_up(f"the function {name}", aws.client("lambda").get_function_configuration, FunctionName=name)


def find_function_tags(arn: str) -> Any:
    """Find the tags of a Lambda function: value by key."""
    response = look_up(f"the function {arn}", aws.client("lambda").list_tags, Resource=arn)
    return response and response["Tags"]


def find_stream(name: str) -> Any:
    """Find the summary of a Kinesis stream."""
    response = look_up(f"the stream {name}", aws.client("kinesis").describe_stream_summary, StreamName=name)
    return response and response["StreamDescriptionSummary"]


def find_table(name: str) -> Any:
    """Find the description of a DynamoDB table."""
    response = look_up(f"the table {name}", aws.client("dynamodb").describe_table, TableName=name)
    return response and response["Table"]


def find_topic(arn: str) -> Any:
    """Find the attributes of an SNS topic."""
    return look_up(f"the topic {arn}", aws.client("sns").get_topic_attributes, TopicArn=arn)


def find_queue(name: str) -> Any:
    """Find the attributes of an SQS queue, and its URL as `QueueUrl`."""
    sqs = aws.client("sqs")

    def describe() -> dict[str, str]:
        url = sqs.get_queue_url(QueueName=name)["QueueUrl"]
        return {**sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"], "QueueUrl": url}

    return look_up(f"the queue {name}", describe)


def find_queue_tags(name: str) -> Any:
    """Find the tags of an SQS queue: value by key."""
    sqs = aws.client("sqs")

    def list_tags() -> dict[str, str]:
        return dict(sqs.list_queue_tags(QueueUrl=sqs.get_queue_url(QueueName=name)["QueueUrl"]).get("Tags", {}))

    return look_up(f"the queue {name}", list_tags)


def find_log_group(name: str) -> Any:
    """Find the description of a log group."""
    response = look_up(f"the log group {name}", aws.client("logs").describe_log_groups, logGroupNamePrefix=name)
    groups = response["logGroups"] if response else ()
    return next((group for group in groups if group["logGroupName"] == name), None)


def find_role(name: str) -> Any:
    """Find the description of an IAM role."""
    response = look_up(f"the role {name}", aws.client("iam").get_role, RoleName=name)
    return response and response["Role"]


def find_policy(arn: str) -> Any:
    """Find the description of a managed policy."""
    response = look_up(f"the policy {arn}", aws.client("iam").get_policy, PolicyArn=arn)
    return response and response["Policy"]


def find_key(arn: str) -> Any:
    """Find the description of a KMS key."""
    response = look_up(f"the key {arn}", aws.client("kms").describe_key, KeyId=arn)
    return response and response["KeyMetadata"]


def find_key_policy(arn: str) -> str:
    """Find the policy of a KMS key of this account, which exists."""
    response: Any = look_up(f"the key {arn}", aws.client("kms").get_key_policy, KeyId=arn, PolicyName="default")
    return str(response["Policy"])
