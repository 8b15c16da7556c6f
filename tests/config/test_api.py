"""`api` of slips.yml."""

from __future__ import annotations

import pytest

from .written import faults_of, load_text

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
