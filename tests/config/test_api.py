"""`api` of slips.yml."""

from __future__ import annotations

import pytest

from .written import faults_of, loaded

STACK = "stack_name: mine\nbucket_mapping: {logs: [{prefix: in/, format: json}]}\n"


def test_no_other_origin_may_ask_unless_one_is_named() -> None:
    assert loaded(STACK).api_cors == ""


@pytest.mark.parametrize("origin", ["https://console.example.com", "https://a.example:8443", "http://localhost:3000"])
def test_one_origin_may_be_named(origin: str) -> None:
    assert loaded(f"{STACK}api: {{cors: '{origin}'}}\n").api_cors == origin


@pytest.mark.parametrize(
    "origin",
    ["*", "null", "https://a.example/", "https://a.example https://b.example", "http://a.example", "a.example"],
)
def test_anything_else_is_no_origin(origin: str) -> None:
    (fault,) = faults_of(f"{STACK}api: {{cors: '{origin}'}}\n")
    assert fault.startswith("api.cors: ")
    assert "https://security.example.com" in fault
