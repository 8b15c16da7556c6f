"""A secret is fetched when it is needed, kept for ten minutes, and shown nowhere."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips import RetryLater, aws
from slips.aws.secret_arguments import PAUSE_SECONDS
from slips.sinks.secrets import MAX_AGE_SECONDS, SecretCache, SecretMissing, statements

from ..error_table import Time

TOKEN = "ssm:/hec/token"


class SecretsOfTheTest:
    """SSM and Secrets Manager: values by name, or an error of that code."""

    def __init__(self) -> None:
        self.values: dict[str, str] = {}
        self.calls: list[str] = []

    def _value(self, name: str) -> str:
        self.calls.append(name)
        value = self.values[name]
        if value.startswith("!"):
            raise ClientError({"Error": {"Code": value[1:], "Message": "as planned"}}, "Get")
        return value

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, Any]:
        assert WithDecryption
        return {"Parameter": {"Value": self._value(Name), "Type": "SecureString"}}

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        return {"SecretString": self._value(SecretId)}


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> SecretsOfTheTest:
    client = SecretsOfTheTest()
    monkeypatch.setattr(aws, "client", {"ssm": client, "secretsmanager": client}.__getitem__)
    return client


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def cache(time: Time) -> SecretCache:
    return SecretCache(clock=time)


def test_what_is_no_reference_is_the_secret(cache: SecretCache) -> None:
    assert cache.resolve("hunter2") == "hunter2"


def test_references_are_those_of_slips_yml(cache: SecretCache, stored: SecretsOfTheTest) -> None:
    stored.values = {"/hec/token": "one", "splunk": '{"token": "two"}'}
    assert cache.resolve(TOKEN) == "one"
    assert cache.resolve("secretsmanager:splunk#token") == "two"


def test_a_secret_is_fetched_again_after_ten_minutes(cache: SecretCache, stored: SecretsOfTheTest, time: Time) -> None:
    stored.values = {"/hec/token": "old"}
    assert cache.resolve(TOKEN) == "old"
    stored.values = {"/hec/token": "new"}
    time.sleep(MAX_AGE_SECONDS - 1)
    assert cache.resolve(TOKEN) == "old"
    time.sleep(1)
    assert cache.resolve(TOKEN) == "new"


def test_a_secret_that_was_refused_is_fetched_again_but_not_all_the_time(
    cache: SecretCache, stored: SecretsOfTheTest, time: Time
) -> None:
    stored.values = {"/hec/token": "old"}
    cache.resolve(TOKEN)
    stored.values = {"/hec/token": "new"}
    cache.expire(TOKEN)
    assert cache.resolve(TOKEN) == "old"
    time.sleep(PAUSE_SECONDS)
    assert cache.resolve(TOKEN) == "new"


def test_expiring_what_was_never_fetched_does_nothing(cache: SecretCache) -> None:
    cache.expire(TOKEN)
    cache.expire("hunter2")


def test_a_secret_that_cannot_be_fetched_again_stays_as_it_was(
    cache: SecretCache, stored: SecretsOfTheTest, time: Time, caplog: pytest.LogCaptureFixture
) -> None:
    stored.values = {"/hec/token": "old"}
    cache.resolve(TOKEN)
    stored.values = {"/hec/token": "!AccessDeniedException"}
    time.sleep(MAX_AGE_SECONDS)
    assert cache.resolve(TOKEN) == "old"
    assert "ssm:/hec/token cannot be fetched; check its name" in caplog.text
    assert "the value fetched before is used" in caplog.text


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("ThrottlingException", RetryLater, "the secret ssm:/hec/token cannot be fetched now: ClientError: "),
        ("ParameterNotFound", SecretMissing, "the secret ssm:/hec/token cannot be fetched; check its name"),
    ],
)
def test_a_secret_that_was_never_fetched_is_a_fault(
    cache: SecretCache, stored: SecretsOfTheTest, time: Time, code: str, kind: type[Exception], text: str
) -> None:
    stored.values = {"/hec/token": f"!{code}"}
    for _ in range(2):
        with pytest.raises(kind) as caught:
            cache.resolve(TOKEN)
        assert str(caught.value).startswith(text)
        assert "handler.args" not in str(caught.value)
    assert stored.calls == ["/hec/token"], "SSM is not asked all the time"
    stored.values = {"/hec/token": "there"}
    time.sleep(PAUSE_SECONDS)
    assert cache.resolve(TOKEN) == "there"


def test_secrets_are_hidden_in_texts(cache: SecretCache, stored: SecretsOfTheTest) -> None:
    stored.values = {"/hec/token": "correct-horse"}
    cache.resolve(TOKEN)
    cache.register("battery-staple")
    assert cache.hide("no correct-horse, no battery-staple") == "no «secret», no «secret»"


def test_who_masks_gets_the_secrets_of_before_and_after(cache: SecretCache, stored: SecretsOfTheTest) -> None:
    stored.values = {"/hec/token": "correct-horse"}
    cache.register("battery-staple")
    masked: list[str] = []
    cache.mask_with(masked.extend)
    cache.resolve(TOKEN)
    cache.register("battery-staple")
    assert masked == ["battery-staple", "correct-horse"]


@pytest.mark.parametrize(
    ("reference", "action", "arn"),
    [
        ("ssm:/a/b", "ssm:GetParameter", "arn:*:ssm:*:*:parameter/a/b"),
        ("ssm:arn:aws:ssm:eu-west-1:1:parameter/a", "ssm:GetParameter", "arn:aws:ssm:eu-west-1:1:parameter/a"),
        ("secretsmanager:a#b", "secretsmanager:GetSecretValue", "arn:*:secretsmanager:*:*:secret:a-??????"),
        ("secretsmanager:a*", "secretsmanager:GetSecretValue", "arn:*:secretsmanager:*:*:secret:a${*}-??????"),
        ("secretsmanager:arn:aws:x#b", "secretsmanager:GetSecretValue", "arn:aws:x"),
    ],
)
def test_the_policy_allows_to_fetch_them(reference: str, action: str, arn: str) -> None:
    assert statements([reference, reference, "text"]) == [{"Effect": "Allow", "Action": [action], "Resource": [arn]}]


def test_texts_need_no_policy() -> None:
    assert statements(["text"]) == []
