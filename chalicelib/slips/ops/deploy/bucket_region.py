"""Where a bucket is, if it is."""

from __future__ import annotations

from ...config.access import S3Access
from ...errors import DeploymentError
from ..aws_errors import error_code, explain_aws_errors

_MISSING = ("404", "NoSuchBucket")


def check_region(access: S3Access, bucket: str, region: str) -> None:
    """Raise DeploymentError where the bucket is missing, or in another region: S3 notifies only topics
    and queues of its own."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the bucket {bucket}"):
        try:
            response = access.client(bucket).head_bucket(**access.bucket_parameters(bucket))
        except ClientError as error:
            if error_code(error) in _MISSING:
                raise DeploymentError(f"the bucket {bucket}: there is no such bucket; create it first") from error
            headers = error.response.get("ResponseMetadata", {}).get("HTTPHeaders", {})
            actual = headers.get("x-amz-bucket-region")
            if actual and actual != region:
                raise DeploymentError(_wrong_region(bucket, actual, region)) from error
            raise
    if (actual := response.get("BucketRegion") or region) != region:
        raise DeploymentError(_wrong_region(bucket, actual, region))


def _wrong_region(bucket: str, actual: str, region: str) -> str:
    return (
        f"the bucket {bucket} is in {actual}, and this deployment in {region}; S3 notifies only topics and "
        f"queues of its own region: deploy to {actual} (AWS_REGION={actual}), or create an EventBridge rule across "
        "regions"
    )


def bucket_exists(access: S3Access, bucket: str) -> bool:
    """Whether there is such a bucket. Raises DeploymentError, also where these credentials may not know."""
    from botocore.exceptions import ClientError

    with explain_aws_errors(f"the bucket {bucket}"):
        try:
            access.client(bucket).head_bucket(**access.bucket_parameters(bucket))
        except ClientError as error:
            if error_code(error) in _MISSING:
                return False
            raise
    return True
