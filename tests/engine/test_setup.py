"""When `on_setup` functions are called, and what rotates their secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import msgspec
import pytest

from slips import Slips
from slips.aws.secret_arguments import PAUSE_SECONDS
from slips.engine.functions import Functions
from slips.engine.invocation import process
from slips.engine.setup import Setup
from slips.engine.worker import Worker
from slips.errors import ConfigError
from slips.model import ObjectRef, work_item
from slips.testing import Killed, MemoryErrors, SlipsTester

from .conftest import MakeSlips


class Args:
    """Arguments whose `token` is rotated to `after` once they are expired."""

    def __init__(self, before: Any = "old", after: Any = "new") -> None:
        self._tokens = [before, after]
        self.expired = 0

    def get(self) -> dict[str, Any]:
        return {"token": self._tokens[min(self.expired, 1)]}

    def expire(self) -> None:
        self.expired += 1


ITEM = work_item(ObjectRef(bucket="logs", key="a"), "s")


class _Worker(NamedTuple):
    """What a Setup needs of a worker; it reads every object."""

    functions: Functions
    args: Callable[[], Any]
    expire_args: Callable[[], None]

    def is_read(self, item: object) -> bool:
        return item is ITEM


def setup_of(args: Args, *hooks: Callable[[Any], Any]) -> Setup:
    worker: Any = _Worker(Functions(setup=[*hooks]), args.get, args.expire)
    return Setup(worker)


def message_of(setup: Setup) -> str:
    """Call the hooks; return what they failed with."""
    assert setup.holds_back([ITEM]) is (setup.fault is not None)
    return str(setup.fault or "")


def accept(*tokens: str) -> tuple[Callable[[Any], None], list[str]]:
    """A hook that fails with other tokens, and the tokens it was called with."""
    calls: list[str] = []

    def hook(args: dict[str, Any]) -> None:
        calls.append(args["token"])
        if args["token"] not in tokens:
            raise PermissionError(args["token"])

    return hook, calls


def test_hooks_that_fail_are_all_called_again_with_a_rotated_secret() -> None:
    args, (first, firsts), (second, seconds) = Args(), accept("old", "new"), accept("new")
    setup = setup_of(args, first, second)
    assert (message_of(setup), message_of(setup)) == ("", "")
    assert (firsts, seconds, args.expired) == (["old", "new"], ["old", "new"], 1)


def test_hooks_that_fail_with_the_same_secret_are_not_called_again() -> None:
    args, (hook, calls) = Args("old", "old"), accept()
    setup = setup_of(args, hook)
    for _ in range(2):
        assert message_of(setup) == "on_setup raised PermissionError: old"
    assert (calls, args.expired) == (["old"], 1)
    assert setup.held == [ITEM, ITEM]


def test_what_no_function_takes_calls_no_hook_and_does_not_wait() -> None:
    args, (hook, calls) = Args("old", "old"), accept()
    setup, other = setup_of(args, hook), work_item(ObjectRef(bucket="logs", key="b"), "s")
    assert not setup.holds_back([other])
    assert calls == []
    assert setup.holds_back([ITEM])
    assert not setup.holds_back([other])
    assert setup.held == [ITEM]


def test_what_fails_with_the_new_secret_too_is_what_the_failure_says() -> None:
    args, (hook, calls) = Args(), accept()
    assert message_of(setup_of(args, hook)) == "on_setup raised PermissionError: new"
    assert calls == ["old", "new"]


def test_hooks_that_work_expire_nothing() -> None:
    args, (hook, _) = Args(), accept("old")
    assert message_of(setup_of(args, hook)) == ""
    assert args.expired == 0


def test_a_secret_that_cannot_be_fetched_fails_the_setup() -> None:
    def fail() -> dict[str, Any]:
        raise ConfigError(["handler.args.token: no"])

    worker: Any = _Worker(Functions(setup=[lambda args: None]), fail, lambda: None)
    assert message_of(Setup(worker)) == "on_setup raised ConfigError: handler.args.token: no"
    worker = _Worker(Functions(), fail, lambda: None)
    assert message_of(Setup(worker)) == ""


def test_the_end_of_the_process_is_not_a_failure() -> None:
    def end(args: object) -> None:
        raise Killed

    args = Args()
    with pytest.raises(Killed):
        setup_of(args, end).holds_back([ITEM])
    assert args.expired == 0


class Ssm:
    """The parameter `/token`, whose value is the only one that the destination takes."""

    def __init__(self) -> None:
        self.value = "token-1"
        self.now = 0.0

    def get_parameter(self, Name: str, WithDecryption: bool) -> Any:
        return {"Parameter": {"Value": self.value}}


class Refused(Exception):
    """An exception like those of HTTP clients."""

    status_code = 401


class World:
    """A deployed function with the secret `ssm:/token`, that is called again and again in one process."""

    def __init__(self, slips: Slips, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ssm, self.errors = Ssm(), MemoryErrors()
        monkeypatch.setattr("slips.aws.client", lambda name: self.ssm)
        monkeypatch.setattr(slips, "quarantine", self.errors)
        monkeypatch.setattr(slips._args, "_clock", self.clock)
        self._tester = SlipsTester(slips)
        self._worker: Worker = slips.worker
        for name in ("objects", "ledger", "lanes"):
            setattr(self._worker, name, getattr(self._tester, name))

    def clock(self) -> float:
        return self.ssm.now

    def deliver(self, key: str) -> list[str]:
        """Deliver an object of one event; return the messages of new error items."""
        before = set(self.errors.items)
        ref = self._tester.objects.put("logs", f"json/{key}", b'{"n":1}\n')
        process(self._worker, "fast", [work_item(msgspec.structs.replace(ref, sequencer=key), "s")])
        return [failure.error_message for name, failure in self.errors.items.items() if name not in before]


@pytest.fixture
def world(make_slips: MakeSlips, monkeypatch: pytest.MonkeyPatch) -> Callable[..., World]:
    def make(slips: Slips) -> World:
        return World(slips, monkeypatch)

    return make


ARGS = "handler: {args: {token: 'ssm:/token'}, secrets_max_age: 300}"


def test_on_setup_gets_a_rotated_secret_in_the_same_process(
    make_slips: MakeSlips, world: Callable[[Slips], World]
) -> None:
    slips = make_slips(ARGS)
    tokens: list[str] = []
    slips.on_setup(lambda args: tokens.append(args["token"]))
    slips.on_format("json")(lambda meta, event: None)
    made = world(slips)
    made.deliver("1")
    made.ssm.value = "token-2"
    made.deliver("2")
    made.ssm.now = 300.0
    made.deliver("3")
    assert tokens == ["token-1", "token-1", "token-2"]


def test_a_rotated_secret_that_on_setup_needs_costs_no_event_and_both_are_masked(
    make_slips: MakeSlips, world: Callable[[Slips], World], caplog: pytest.LogCaptureFixture
) -> None:
    slips = make_slips(ARGS)

    @slips.on_setup
    def connect(args: dict[str, Any]) -> None:
        if args["token"] != made.ssm.value:
            raise ConnectionError(f"refused {args['token']}")

    slips.on_format("json")(lambda meta, event: None)
    made = world(slips)
    made.deliver("1")
    made.ssm.value, made.ssm.now = "token-2", PAUSE_SECONDS
    assert made.deliver("2") == []
    assert "on_setup raised ConnectionError: refused «secret»; called again" in caplog.text
    assert slips.secrets.mask("token-1 token-2") == "«secret» «secret»"


@pytest.mark.parametrize("where", ["function", "flush"])
def test_a_destination_that_refuses_the_credentials_has_them_fetched_for_the_next_invocation(
    make_slips: MakeSlips, world: Callable[[Slips], World], where: str
) -> None:
    slips = make_slips(ARGS)
    tokens: list[str] = []
    slips.on_setup(lambda args: tokens.append(args["token"]))

    def send() -> None:
        if tokens[-1] != made.ssm.value:
            raise Refused(f"refused {tokens[-1]}")

    @slips.on_format("json")
    def function(meta: object, event: object) -> None:
        if where == "function":
            send()

    @slips.on_flush
    def flush() -> None:
        if where == "flush":
            send()

    made = world(slips)
    made.deliver("1")
    made.ssm.value, made.ssm.now = "token-2", PAUSE_SECONDS
    assert made.deliver("2") == ["refused «secret»"]
    assert made.deliver("3") == []


def test_what_fails_otherwise_has_no_secret_fetched(make_slips: MakeSlips, world: Callable[[Slips], World]) -> None:
    slips = make_slips(ARGS)
    tokens: list[str] = []
    slips.on_setup(lambda args: tokens.append(args["token"]))

    @slips.on_format("json")
    def function(meta: object, event: object) -> None:
        raise ValueError

    made = world(slips)
    made.deliver("1")
    made.ssm.value, made.ssm.now = "token-2", PAUSE_SECONDS
    made.deliver("2")
    made.deliver("3")
    assert tokens == ["token-1"] * 3
