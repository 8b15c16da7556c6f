"""How each bucket is called, by `buckets` of slips.yml: with whose credentials, and with which parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

from .. import aws
from .settings import Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_DEFAULT = Bucket()


class S3Clients(Protocol):
    """A function that makes S3's client, as `aws.client` does."""

    def __call__(self, name: Any, role_arn: str = "", attempt_seconds: float = 0) -> S3Client: ...


class S3Access:
    """The clients of all buckets, and the parameters that every call on a bucket or its objects carries."""

    def __init__(self, buckets: Mapping[str, Bucket], clients: S3Clients | None = None) -> None:
        self._buckets = buckets
        self._clients = clients

    def client(self, bucket: str, attempt_seconds: float = 0) -> S3Client:
        """Return the client for the bucket; with `attempt_seconds`, that of a loop which retries itself: see
        `aws.client`."""
        make: S3Clients = self._clients or aws.client
        return make("s3", self._settings(bucket).role_arn, attempt_seconds)

    def role(self, bucket: str) -> str:
        """Return the ARN of the role that the bucket is called with; empty for the function's own."""
        return self._settings(bucket).role_arn

    def bucket_parameters(self, bucket: str) -> Any:
        """Return the parameters of calls on the bucket itself, such as HeadBucket."""
        owner = self._settings(bucket).expected_owner
        return {"Bucket": bucket, "ExpectedBucketOwner": owner} if owner else {"Bucket": bucket}

    def object_parameters(self, bucket: str) -> Any:
        """Return the parameters of calls on its objects, and of their listing."""
        parameters = self.bucket_parameters(bucket)
        if self._settings(bucket).requester_pays:
            parameters["RequestPayer"] = "requester"
        return parameters

    def _settings(self, bucket: str) -> Bucket:
        return self._buckets.get(bucket, _DEFAULT)
