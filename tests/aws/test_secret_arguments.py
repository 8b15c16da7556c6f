"""handler.args with its secrets in place."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from slips.aws.secret_arguments import resolve_secrets
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
