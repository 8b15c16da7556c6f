"""handler.args with its secrets in place."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips.aws.secret_arguments import PAUSE_SECONDS, SecretArguments, resolve_secrets
from slips.errors import ConfigError

SECRETS = {"db": '{"password": "hunter2", "ports": {"main": 5432}}', "plain": "hunter3"}


class Fake:
    """SSM and Secrets Manager."""

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, Any]:
        assert WithDecryption
        if Name == "/keys":
            return {"Parameter": {"Value": "hunter4,hunter5", "Type": "StringList"}}
        if Name != "/key":
            raise ClientError({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
        return {"Parameter": {"Value": "hunter1", "Type": "SecureString"}}

    def get_secret_value(self, SecretId: str) -> dict[str, Any]:
        return {"SecretString": SECRETS[SecretId]}


def test_secrets_are_put_in_place_at_any_depth() -> None:
    args = {"a": 1, "b": "ssm:/key", "c": {"d": ["secretsmanager:db#password", "secretsmanager:plain"]}, "e": None}
    args_with_secrets, secrets = resolve_secrets(args, lambda name: Fake())
    assert args_with_secrets == {"a": 1, "b": "hunter1", "c": {"d": ["hunter2", "hunter3"]}, "e": None}
    assert secrets == ["hunter1", "hunter2", "hunter3"]


def test_a_whole_secret_is_one_secret() -> None:
    """What of it is secret by itself, `Secrets.add` finds."""
    assert resolve_secrets({"db": "secretsmanager:db"}, lambda name: Fake())[1] == [SECRETS["db"]]


def test_the_keys_of_a_list_are_secrets_too() -> None:
    assert resolve_secrets({"keys": "ssm:/keys"}, lambda name: Fake()) == (
        {"keys": "hunter4,hunter5"},
        ["hunter4,hunter5", "hunter4", "hunter5"],
    )


def test_an_object_in_a_secret_is_a_secret_that_can_be_taken_apart() -> None:
    assert resolve_secrets({"ports": "secretsmanager:db#ports"}, lambda name: Fake()) == (
        {"ports": "{'main': 5432}"},
        ["{'main': 5432}", '{"main": 5432}'],
    )


def test_no_client_is_made_without_a_secret() -> None:
    def refuse(name: str) -> Any:
        raise AssertionError(name)

    assert resolve_secrets({"a": "b", "c": [1]}, refuse) == ({"a": "b", "c": [1]}, [])


@pytest.mark.parametrize(
    "value", ["ssm:/missing", "secretsmanager:missing", "secretsmanager:db#missing", "secretsmanager:plain#key"]
)
def test_what_cannot_be_fetched_names_the_argument_and_no_secret(value: str) -> None:
    with pytest.raises(ConfigError) as raised:
        resolve_secrets({"token": value}, lambda name: Fake())
    assert str(raised.value).startswith("handler.args.token: " + value)
    assert "hunter" not in str(raised.value)
    assert raised.value.__cause__ is None


class Rotating:
    """SSM with one parameter, arguments that name it, and a clock."""

    def __init__(self, max_age: float = 600) -> None:
        self.value: str | None = "first-1"
        self.fetches = 0
        self.now = 0.0
        self.masked: list[str] = []
        args = {"token": "ssm:/key", "office": "x"}
        self.args = SecretArguments(args, max_age, lambda name: self, self.mask, lambda: self.now)

    def get_parameter(self, Name: str, WithDecryption: bool) -> dict[str, Any]:
        self.fetches += 1
        if self.value is None:
            raise ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameter")
        return {"Parameter": {"Value": self.value}}

    def mask(self, secrets: Iterable[str]) -> None:
        self.masked += secrets

    @property
    def token(self) -> Any:
        return self.args.get()["token"]


def test_a_rotated_secret_is_fetched_when_the_old_one_is_of_age_and_masked_like_the_first() -> None:
    ssm = Rotating(max_age=600)
    assert ssm.token == "first-1"
    ssm.value, ssm.now = "second-2", 599
    assert (ssm.token, ssm.fetches, ssm.masked) == ("first-1", 1, ["first-1"])
    ssm.now = 600
    assert ssm.args.get() == {"token": "second-2", "office": "x"}
    assert (ssm.fetches, ssm.masked) == (2, ["first-1", "second-2"])
    ssm.now = 1199
    assert (ssm.token, ssm.fetches) == ("second-2", 2)


def test_a_secret_that_is_the_same_is_not_masked_twice() -> None:
    ssm = Rotating(max_age=600)
    ssm.args.get()
    ssm.now = 600
    assert (ssm.token, ssm.fetches, ssm.masked) == ("first-1", 2, ["first-1"])


def test_a_secret_that_was_refused_is_fetched_at_once_but_not_again_and_again() -> None:
    """A function whose credentials are wrong for good says so in each of its invocations."""
    ssm = Rotating()
    ssm.args.get()
    ssm.value = "second-2"
    ssm.args.expire()
    ssm.now = PAUSE_SECONDS - 1
    assert (ssm.token, ssm.fetches) == ("first-1", 1)
    ssm.now = PAUSE_SECONDS
    assert (ssm.token, ssm.fetches) == ("second-2", 2)
    ssm.now += PAUSE_SECONDS
    assert (ssm.token, ssm.fetches) == ("second-2", 2)


def test_while_it_cannot_be_fetched_the_last_one_is_used(caplog: pytest.LogCaptureFixture) -> None:
    ssm = Rotating(max_age=600)
    ssm.args.get()
    ssm.value, ssm.now = None, 600
    assert (ssm.token, ssm.fetches) == ("first-1", 2)
    assert "handler.args.token: ssm:/key cannot be fetched" in caplog.text
    assert "first-1" not in caplog.text
    ssm.now += PAUSE_SECONDS - 1
    assert (ssm.token, ssm.fetches) == ("first-1", 2)
    ssm.value, ssm.now = "second-2", ssm.now + 1
    assert (ssm.token, ssm.fetches) == ("second-2", 3)


def test_one_that_never_could_be_fetched_is_tried_each_time() -> None:
    ssm = Rotating()
    ssm.value = None
    for _ in range(2):
        with pytest.raises(ConfigError, match=r"handler\.args\.token"):
            ssm.args.get()
    ssm.value = "first-1"
    assert (ssm.token, ssm.fetches) == ("first-1", 3)


def test_arguments_without_secrets_never_ask() -> None:
    ssm, now = Rotating(), [0.0]
    args = SecretArguments({"office": "x"}, 600, lambda name: ssm, ssm.mask, lambda: now[0])
    first = args.get()
    args.expire()
    now[0] = 10_000
    assert args.get() is first  # Else they would seem to have changed, where a function has changed them.
    assert (first, ssm.fetches) == ({"office": "x"}, 0)
