"""`handler.policy`: statements and managed policies, told by their type."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from slips.config.settings import Policy

from .written import ROLE, config, faults, faults_of, with_keys

SEND: dict[str, Any] = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": "arn:aws:sqs:*:*:alerts"}
SENT: dict[str, Any] = {"Effect": "Allow", "Action": ["sqs:SendMessage"], "Resource": ["arn:aws:sqs:*:*:alerts"]}
MANAGED = "arn:aws:iam::aws:policy/AmazonSNSFullAccess"
OWN = "arn:aws-us-gov:iam::123456789012:policy/team/own"


def policy(value: object) -> Policy:
    return config(handler={"policy": value}).handler.policy


def faults_in(value: object) -> list[str]:
    return faults(handler={"policy": value})


def statement(**keys: object) -> dict[str, Any]:
    """SEND with these keys, without those that are None."""
    return {name: value for name, value in {**SEND, **keys}.items() if value is not None}


@pytest.mark.parametrize(
    ("value", "statements", "managed"),
    [
        (None, (), ()),
        ([], (), ()),
        (SEND, (SENT,), ()),
        (MANAGED, (), (MANAGED,)),
        ([OWN, SEND, MANAGED, SENT], (SENT, SENT), (OWN, MANAGED)),
    ],
)
def test_a_mapping_is_a_statement_and_a_text_a_managed_policy(
    value: object, statements: tuple[Any, ...], managed: tuple[str, ...]
) -> None:
    assert policy(value) == Policy(statements=statements, managed=managed)


@pytest.mark.parametrize("value", [5, "", True, [[SEND]], [None]])
def test_anything_else_is_neither(value: object) -> None:
    (fault,) = faults_in(value)
    assert fault.endswith("; write a statement, the ARN of a managed policy, or a list of both")


def test_a_whole_policy_document_is_not_a_statement() -> None:
    assert faults_in({"Version": "2012-10-17", "Statement": [SEND]}) == [
        "handler.policy: found a whole policy document; write only the list of its statements"
    ]


def test_every_key_of_a_statement_is_kept() -> None:
    whole = {
        "Sid": "Alert1",
        "Effect": "Deny",
        "NotAction": ["sqs:*", "kms:Decrypt"],
        "NotResource": ["*", "arn:aws:s3:::logs/${aws:username}/*"],
        "Condition": {"ForAnyValue:StringLikeIfExists": {"aws:TagKeys": ["a", "b"]}},
    }
    assert policy(whole).statements == (whole,)


class TestASid:
    def test_is_letters_and_digits(self) -> None:
        assert faults_in([statement(Sid="send-alerts")]) == [
            'handler.policy[0].Sid: found the text "send-alerts"; write letters and digits only'
        ]

    def test_is_unique(self) -> None:
        assert faults_in([statement(Sid="A"), statement(Sid="B"), statement(Sid="A")]) == [
            'handler.policy[2].Sid: "A" is also handler.policy[0].Sid; give each statement a Sid of its own'
        ]

    def test_is_not_one_of_slips(self) -> None:
        assert faults_in(statement(Sid="PutWork")) == [
            'handler.policy.Sid: "PutWork" is the Sid of a statement of SLIPS; choose another one'
        ]


class TestAnEffect:
    @pytest.mark.parametrize("value", [None, "", "allow", ["Allow"]])
    def test_is_allow_or_deny(self, value: object) -> None:
        (fault,) = faults_in(statement(Effect=value))
        assert fault.startswith("handler.policy.Effect: ")
        assert fault.endswith('; write "Allow" or "Deny"')


class TestActions:
    @pytest.mark.parametrize("value", ["*", "s3:Get*", "execute-api:Invoke", ["sqs:SendMessage?", "dynamodb:*"]])
    def test_are_of_a_service(self, value: Any) -> None:
        assert policy(statement(Action=value)).statements[0]["Action"] == ([value] if isinstance(value, str) else value)

    @pytest.mark.parametrize("value", ["SendMessage", "sqs", "sqs:", "sqs:Send Message", "arn:aws:sqs:::x", "", {}])
    def test_are_named_with_their_service(self, value: object) -> None:
        for written, at in ((value, ""), (["s3:*", value], "[1]")):
            (fault,) = faults_in(statement(Action=written))
            assert fault.startswith(f"handler.policy.Action{at}: ")
            assert fault.endswith('; write SERVICE:ACTION, like "sqs:SendMessage", or "*"')

    def test_are_at_least_one(self) -> None:
        assert faults_in(statement(Action=[])) == [
            'handler.policy.Action: found an empty list; write SERVICE:ACTION, like "sqs:SendMessage", or "*"'
        ]

    def test_are_needed(self) -> None:
        assert faults_in(statement(Action=None)) == [
            'handler.policy.Action: missing; write SERVICE:ACTION, like "sqs:SendMessage", or "*"; or NotAction instead'
        ]

    def test_are_named_either_way_and_not_both(self) -> None:
        assert faults_in(statement(NotAction="s3:*")) == [
            "handler.policy: has both Action and NotAction; keep one of the two"
        ]


class TestResources:
    @pytest.mark.parametrize(
        "value", ["*", "arn:aws:s3:::logs/*", "arn:*:sqs:*:*:alerts", "arn:aws-cn:sns:cn-north-1:123456789012:a b"]
    )
    def test_are_arns(self, value: str) -> None:
        assert policy(statement(Resource=value)).statements[0]["Resource"] == [value]

    @pytest.mark.parametrize("value", ["alerts", "arn:aws:sqs", "arn:aws:sqs:eu:1:", "s3://logs", ""])
    def test_are_nothing_else(self, value: object) -> None:
        (fault,) = faults_in(statement(Resource=[value]))
        assert fault.startswith("handler.policy.Resource[0]: ")
        assert 'write an ARN, in which "*" and "?" may stand for any characters' in fault

    def test_are_needed_and_named_either_way(self) -> None:
        (fault,) = faults_in(statement(Resource=None))
        assert fault.startswith("handler.policy.Resource: missing; write an ARN")
        assert faults_in(statement(NotResource="*")) == [
            "handler.policy: has both Resource and NotResource; keep one of the two"
        ]


class TestAPrincipal:
    @pytest.mark.parametrize("key", ["Principal", "NotPrincipal"])
    def test_has_no_place_here(self, key: str) -> None:
        assert faults_in(statement(**{key: "*"})) == [
            f"handler.policy.{key}: the principal is the functions' role itself; remove this key"
        ]


class TestACondition:
    @pytest.mark.parametrize(
        "operator",
        [
            *("StringEquals", "StringNotLike", "NumericLessThanEquals", "DateGreaterThan", "Bool", "Null"),
            *("ArnLikeIfExists", "NotIpAddress", "ForAllValues:StringLike", "ForAnyValue:StringEqualsIfExists"),
        ],
    )
    def test_has_the_operators_of_iam(self, operator: str) -> None:
        condition = {operator: {"aws:x": ["v"]}}
        assert policy(statement(Condition=condition)).statements[0]["Condition"] == condition

    @pytest.mark.parametrize(
        ("operator", "advice"),
        [
            ("StringEqual", 'did you mean "StringEquals"?'),
            ("ForAnyValue:StringLikes", 'did you mean "StringLike"?'),
            ("NullIfExists", "write one, like StringEquals"),
            ("~", "write one, like StringEquals"),
        ],
    )
    def test_has_no_other_operator(self, operator: str, advice: str) -> None:
        (fault,) = faults_in(statement(Condition={operator: {"aws:x": "v"}}))
        assert fault.endswith(f": unknown condition operator; {advice}")

    def test_compares_with_texts_as_iam_knows_no_other_values(self) -> None:
        condition = {"Bool": {"aws:SecureTransport": True}, "NumericLessThan": {"s3:max-keys": [10, 2.5]}}
        assert policy(statement(Condition=condition)).statements[0]["Condition"] == {
            "Bool": {"aws:SecureTransport": ["true"]},
            "NumericLessThan": {"s3:max-keys": ["10", "2.5"]},
        }

    @pytest.mark.parametrize(
        ("value", "path"),
        [
            ("StringEquals", "Condition"),
            ({}, "Condition"),
            ({"StringEquals": {}}, "Condition.StringEquals"),
            ({"StringEquals": None}, "Condition.StringEquals"),
            ({"StringEquals": "a"}, "Condition.StringEquals"),
            ({"StringEquals": {"k": []}}, "Condition.StringEquals.k"),
            ({"StringEquals": {"k": {"a": 1}}}, "Condition.StringEquals.k"),
            ({"StringEquals": {"k": ["a", None]}}, "Condition.StringEquals.k[1]"),
            ({"StringEquals": {"k": 1 << 70}}, "Condition.StringEquals.k"),
        ],
    )
    def test_has_a_shape(self, value: object, path: str) -> None:
        (fault,) = faults_in(statement(Condition=value))
        assert fault.startswith(f"handler.policy.{path}: ")

    def test_compares_with_a_date_in_quotes(self) -> None:
        text = with_keys(handler={"policy": {**SEND, "Condition": {"DateLessThan": {"aws:CurrentTime": "WHEN"}}}})
        (fault,) = faults_of(text.replace("WHEN", "2026-01-01"))
        assert fault.endswith("; write a text or a list of texts, in quotes")
        assert faults_of(text.replace("WHEN", "'2026-01-01'")) == []


class TestAManagedPolicy:
    @pytest.mark.parametrize("arn", [MANAGED, OWN, "arn:aws:iam::aws:policy/service-role/A+b=c,d.e@f-g_h"])
    def test_is_of_aws_or_of_an_account(self, arn: str) -> None:
        assert policy([arn]).managed == (arn,)

    @pytest.mark.parametrize(
        "arn", [ROLE, "AmazonSNSFullAccess", "arn:aws:iam:eu-west-1:aws:policy/a", "arn:aws:iam::1:policy/a"]
    )
    def test_is_named_by_its_arn(self, arn: str) -> None:
        (fault,) = faults_in([arn])
        assert fault.startswith("handler.policy[0]: ")
        assert fault.endswith("; write the ARN of a managed policy, arn:aws:iam::ACCOUNT:policy/NAME")

    def test_is_named_once(self) -> None:
        assert faults_in([MANAGED, OWN, MANAGED]) == [
            "handler.policy[2]: is the managed policy of handler.policy[0], too; remove one of the two"
        ]

    def test_is_one_of_twenty_at_most(self) -> None:
        arns = [f"arn:aws:iam::123456789012:policy/p{number}" for number in range(21)]
        assert policy(arns[:20]).managed == tuple(arns[:20])
        assert faults_in(arns) == [
            "handler.policy: found 21 managed policies; write at most 20, IAM's limit for a role"
        ]


def test_all_faults_are_told_at_once() -> None:
    broken = {"Effect": "Alow", "action": "x", "Resource": "x", "Condition": {"Strings": {"a": "b"}}}
    paths = [fault.partition(": ")[0] for fault in faults_in([broken, MANAGED, "x", 7])]
    assert sorted(paths) == sorted(
        [
            *(f"handler.policy[0].{key}" for key in ("Effect", "action", "Action", "Resource", "Condition.Strings")),
            *("handler.policy[2]", "handler.policy[3]"),
        ]
    )


@pytest.mark.parametrize("keys", [{"handler": {"role_arn": ROLE}}, {"backend": {"role_arn": {"dispatcher": ROLE}}}])
def test_a_role_of_your_own_does_not_get_it(keys: dict[str, Any]) -> None:
    keys["handler"] = {**keys.get("handler", {}), "policy": SEND}
    warning = "handler.policy: has no effect on a role that this file names; give that role the policy"
    assert config(**keys).warnings == (warning,)
    assert config(handler={"policy": SEND}).warnings == ()
    del keys["handler"]["policy"]
    assert config(**keys).warnings == ()


def test_a_star_without_quotes_is_a_fault_of_yaml() -> None:
    text = yaml.safe_dump({"stack_name": "slips"}) + "handler: {policy: {Effect: Allow, Action: *, Resource: '*'}}\n"
    (fault,) = faults_of(text)
    assert fault.startswith("slips.yml: line 2, ")
