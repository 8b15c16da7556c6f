from __future__ import annotations

import datetime

import pytest

from .written import ROLE, config, faults

GROUP, SUBNET = "sg-0123abcd", "subnet-0123456789abcdef0"


def test_the_section_is_kept() -> None:
    handler = config(
        handler={
            "args": {"a": 1},
            "role_arn": ROLE,
            "concurrency": 5,
            "security_group_ids": [GROUP],
            "subnet_ids": [SUBNET],
        }
    ).handler
    assert (handler.args, handler.role_arn, handler.concurrency) == ({"a": 1}, ROLE, 5)
    assert (handler.security_group_ids, handler.subnet_ids) == ((GROUP,), (SUBNET,))


def test_arguments_are_any_yaml() -> None:
    args = {"a": None, "b": {443: ["x", 1.5]}, "c": datetime.date(2026, 1, 1), "d": "", "e": "ssm:/x", "f": b"\x00"}
    assert config(handler={"args": args}).handler.args == args


def test_the_names_of_arguments_are_text() -> None:
    assert faults(handler={"args": {5: "x"}}) == ["handler.args: the number 5 is used as a key; put it in quotes"]


@pytest.mark.parametrize("value", ["ssm:", "ssm:/"])
def test_a_parameter_has_a_name(value: str) -> None:
    assert faults(handler={"args": {"key": value}}) == [
        'handler.args.key: found "ssm:" without a name; write ssm:/path/of/parameter'
    ]


@pytest.mark.parametrize("value", ["secretsmanager:", "secretsmanager:#"])
def test_a_secret_has_a_name(value: str) -> None:
    assert faults(handler={"args": {"key": value}}) == [
        'handler.args.key: found "secretsmanager:" without a name; write secretsmanager:name#key'
    ]


def test_a_handler_class_gets_instructions_to_move() -> None:
    (fault,) = faults(handler={"path": "src/handler.py"})
    assert fault.startswith('handler.path: found the text "src/handler.py", a handler class')
    for word in ("app.py", "@slips.on_format(...)", "@slips.on_setup", "@slips.on_result"):
        assert word in fault


@pytest.mark.parametrize("concurrency", [0, -1, "5", 1.5])
def test_concurrency_is_at_least_one(concurrency: object) -> None:
    (fault,) = faults(handler={"concurrency": concurrency})
    assert fault.endswith("; write a whole number of at least 1")


@pytest.mark.parametrize(("seconds", "allowed"), [(30, True), (0.5, False), (86_400, True), (86_401, False)])
def test_secrets_are_fetched_again_after_half_a_minute_to_a_day(seconds: float, allowed: bool) -> None:
    found = faults(handler={"secrets_max_age": seconds})
    assert [fault.partition(":")[0] for fault in found] == ([] if allowed else ["handler.secrets_max_age"])


@pytest.mark.parametrize("seconds", ["600", True, float("nan"), [600]])
def test_their_age_is_a_number_of_seconds(seconds: object) -> None:
    (fault,) = faults(handler={"secrets_max_age": seconds})
    assert fault.endswith("; write seconds, a number from 30 to 86400")


def test_their_age_is_ten_minutes_by_default() -> None:
    assert config(handler={"secrets_max_age": 60}).handler.secrets_max_age == 60
    assert config().handler.secrets_max_age == 600


@pytest.mark.parametrize(
    ("stated", "missing"),
    [
        ({"subnet_ids": [SUBNET]}, "security_group_ids"),
        ({"security_group_ids": [GROUP]}, "subnet_ids"),
        ({"security_group_ids": [GROUP], "subnet_ids": []}, "subnet_ids"),
    ],
)
def test_a_vpc_needs_both_groups_and_subnets(stated: dict[str, object], missing: str) -> None:
    (fault,) = faults(handler=stated)
    assert fault.startswith(f"handler.{missing}: missing; a function in a VPC needs it in addition to ")


def test_empty_lists_mean_no_vpc() -> None:
    assert config(handler={"security_group_ids": [], "subnet_ids": []}).handler.subnet_ids == ()


@pytest.mark.parametrize("bad", ["subnet-1", SUBNET, "", None, 5])
def test_a_security_group_is_its_id(bad: object) -> None:
    (fault,) = faults(handler={"security_group_ids": [bad], "subnet_ids": [SUBNET]})
    assert fault.startswith("handler.security_group_ids[0]: ")


def test_ids_are_a_list() -> None:
    (fault,) = faults(handler={"security_group_ids": GROUP, "subnet_ids": [SUBNET]})
    assert fault.startswith('handler.security_group_ids: found the text "sg-0123abcd"; write a list')


def test_lambda_takes_five_groups_and_sixteen_subnets() -> None:
    groups = [f"sg-{number:08x}" for number in range(6)]
    subnets = [f"subnet-{number:08x}" for number in range(17)]
    assert faults(handler={"security_group_ids": groups, "subnet_ids": subnets}) == [
        "handler.security_group_ids: found 6 items; write at most 5",
        "handler.subnet_ids: found 17 items; write at most 16",
    ]
