"""AWS Config."""

from __future__ import annotations

from ..json_format import JsonFormat
from ..registry import register

register(
    JsonFormat(
        name="aws-config",
        tag="aws.config",
        time=(
            "configurationItemCaptureTime",
            "configurationItem.configurationItemCaptureTime",
            "notificationCreationTime",
        ),
        records_key="configurationItems",
        signatures=(
            "configurationItemCaptureTime, configurationItemStatus, awsRegion, resourceType=AWS::*",
            "messageType, notificationCreationTime|configurationItem, configurationItem.resourceType=AWS::*",
            "messageType=Config*|ConfigurationItem*|Compliance*, recordVersion|messageType, notificationCreationTime",
        ),
        description="AWS Config: items of history and snapshot files, and change notifications",
        variants=("history and snapshot files, and notifications of changes",),
        document="AWS Config Developer Guide: Components of a configuration item; Example configuration history",
        example=b'{"configurationItemVersion":"1.3","configurationItemCaptureTime":"2026-03-01T09:15:02.481Z",'
        b'"configurationItemStatus":"OK","configurationStateId":1772356502481,"awsAccountId":"123456789012",'
        b'"resourceType":"AWS::S3::Bucket","resourceId":"shop","awsRegion":"eu-west-1","configuration":{"name":"shop"},'
        b'"supplementaryConfiguration":{},"tags":{"team":"web"},"relationships":[]}',
    )
)
