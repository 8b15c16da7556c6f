"""`api` of slips.yml."""

from __future__ import annotations

import pytest

from slips.config.settings import ApiThrottle

from .written import config, faults, faults_of, load_text

STACK = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"


def test_by_default_no_other_origin_may_call() -> None:
    assert load_text(STACK).api_cors == ""


@pytest.mark.parametrize("origin", ["https://console.example.com", "https://a.example:8443", "http://localhost:3000"])
def test_one_origin_may_be_allowed(origin: str) -> None:
    assert load_text(f"{STACK}api: {{cors: '{origin}'}}\n").api_cors == origin


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://a.example/", "https://a.example https://b.example", "http://a.example", "a.example"],
)
def test_anything_else_is_a_fault(origin: str) -> None:
    (fault,) = faults_of(f"{STACK}api: {{cors: '{origin}'}}\n")
    assert fault.startswith("api.cors: ")
    assert "https://security.example.com" in fault


class TestTheStage:
    def test_logs_and_throttles_where_it_is_asked_to(self) -> None:
        settings = config(api={"access_log": True, "throttle": {"rate": 10, "burst": 20}})
        assert (settings.api_access_log, settings.api_throttle) == (True, ApiThrottle(rate=10, burst=20))
        assert (config().api_access_log, config().api_throttle) == (False, None)

    @pytest.mark.parametrize("value", ["yes please", 1, {}])
    def test_logs_or_not(self, value: object) -> None:
        (fault,) = faults(api={"access_log": value})
        assert fault.endswith("; write true or false")

    @pytest.mark.parametrize("key", ["rate", "burst"])
    @pytest.mark.parametrize("value", [0, -1, 1.5, "10", True, None, 2**31])
    def test_throttles_by_two_whole_numbers(self, key: str, value: object) -> None:
        (fault,) = faults(api={"throttle": {"rate": 1, "burst": 1, key: value}})
        assert fault.startswith(f"api.throttle.{key}: ")
        assert "write a whole number from 1 to 2147483647" in fault

    def test_names_both_limits_where_both_are_missing(self) -> None:
        assert [fault.partition(":")[0] for fault in faults(api={"throttle": {}})] == [
            "api.throttle.rate", "api.throttle.burst",
        ]  # fmt: skip
