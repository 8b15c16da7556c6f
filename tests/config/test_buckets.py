"""`buckets`: what calls on a bucket need beyond its name."""

from __future__ import annotations

from typing import Any

import pytest

from slips.config.settings import Bucket

from .written import KEY, ROLE, config, faults, faults_of, with_keys


def bucket(**keys: object) -> Bucket:
    return config(buckets={"logs": keys}).bucket("logs")


def faults_in(**keys: object) -> list[str]:
    return faults(buckets={"logs": keys})


def test_all_keys_are_kept() -> None:
    keys: dict[str, Any] = {"requester_pays": True, "role_arn": ROLE, "expected_owner": "012345678901"}
    assert bucket(**keys) == Bucket(**keys)
    assert bucket(kms_key=KEY) == Bucket(kms_key=KEY)


def test_a_bucket_that_is_not_named_needs_nothing() -> None:
    assert config().buckets == {}
    assert config().bucket("logs") == Bucket() == bucket()


def test_a_bucket_that_nothing_maps_is_a_warning() -> None:
    assert config(buckets={"logs": {}, "lgos": {"requester_pays": True}}).warnings == (
        "buckets.lgos: has no effect, because bucket_mapping does not name this bucket; map it, or remove this",
    )


def test_a_bucket_has_a_name() -> None:
    assert faults(buckets={"s3://logs": {}}) == [
        'buckets["s3://logs"]: "s3://logs" is not the name of a bucket; write only the name of the bucket'
    ]


@pytest.mark.parametrize("value", ["arn:aws:kms:eu-west-1:123456789012:alias/logs", ROLE, "alias/logs", "1234"])
def test_a_key_is_named_by_its_own_arn(value: str) -> None:
    """An alias would be accepted in a policy, and match no key."""
    (fault,) = faults_in(kms_key=value)
    assert fault.startswith("buckets.logs.kms_key: ")
    assert fault.endswith("; write the ARN of a KMS key, arn:aws:kms:REGION:ACCOUNT:key/ID")


def test_a_key_may_be_of_several_regions() -> None:
    key = "arn:aws-us-gov:kms:us-gov-west-1:123456789012:key/mrk-1234abcd12ab34cd56ef1234567890ab"
    assert bucket(kms_key=key).kms_key == key


@pytest.mark.parametrize("value", ["yes please", "requester", 1])
def test_requester_pays_or_not(value: object) -> None:
    (fault,) = faults_in(requester_pays=value)
    assert fault.endswith("; write true or false")


@pytest.mark.parametrize("value", ["12345678901", "1234567890123", "me", ["123456789012"]])
def test_an_owner_is_the_id_of_an_account(value: object) -> None:
    (fault,) = faults_in(expected_owner=value)
    assert fault.startswith("buckets.logs.expected_owner: ")
    assert fault.endswith('12 digits in quotes, like "123456789012"')


def test_an_owner_without_quotes_would_lose_its_zeros() -> None:
    text = with_keys(buckets={"logs": {"expected_owner": "OWNER"}})
    (fault,) = faults_of(text.replace("OWNER", "012345670123"))  # To YAML, a number in octal.
    assert fault.endswith("; put it in quotes if it is text")


def test_a_key_that_only_the_role_uses_is_a_warning() -> None:
    warning = "buckets.logs.kms_key: has no effect with role_arn: that role needs kms:Decrypt on the key"
    assert config(buckets={"logs": {"kms_key": KEY, "role_arn": ROLE}}).warnings == (warning,)


def test_all_faults_are_told_at_once() -> None:
    paths = [fault.partition(": ")[0] for fault in faults_in(kms_key="k", requester_pay=True, role_arn=5)]
    assert sorted(paths) == [f"buckets.logs.{key}" for key in ("kms_key", "requester_pay", "role_arn")]


@pytest.mark.parametrize("value", [["logs"], "logs", {"logs": []}])
def test_the_section_is_a_mapping(value: object) -> None:
    (fault,) = faults(buckets=value)
    assert "; write a mapping" in fault


def test_packages_go_through_a_bucket_that_slips_does_not_read() -> None:
    mapped = {"logs": [{"prefix": "a/", "format": "json"}]}
    assert config(bucket_mapping=mapped, package_bucket="example-packages").package_bucket == "example-packages"
    (fault,) = faults(bucket_mapping=mapped, package_bucket="logs")
    assert fault.startswith("package_bucket: bucket_mapping maps this bucket")
