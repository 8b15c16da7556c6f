"""Who may call the API."""

from __future__ import annotations

import hashlib

import pytest
from chalice import ForbiddenError, IAMAuthorizer, UnauthorizedError

from slips.api.access import CACHE_SECONDS, RETRY_SECONDS, ApiAccess
from slips.errors import ConfigError

from ..builders import config

TOKEN = "correct horse"
HASH = hashlib.sha256(TOKEN.encode()).hexdigest()


def access(stored: str = HASH) -> ApiAccess:
    return ApiAccess(config(api_auth="token"), lambda: stored)


def test_iam_leaves_the_check_to_api_gateway() -> None:
    checks = ApiAccess(config(api_auth="iam"), lambda: "")
    assert isinstance(checks.authorizer, IAMAuthorizer)
    checks.check({})


def test_the_right_token_passes() -> None:
    access().check({"authorization": f"Bearer {TOKEN}"})
    access(f" {HASH.upper()}\n").check({"authorization": f"bearer {TOKEN}"})


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer ", "Bearer wrong", TOKEN, f"Basic {TOKEN}", f"Bearer {HASH}"])
def test_any_other_credential_is_refused(header: str) -> None:
    with pytest.raises(UnauthorizedError):
        access().check({"authorization": header})


@pytest.mark.parametrize("header", ["", "Bearer ", "Bearer x"])
def test_without_a_configured_token_everybody_is_refused(header: str) -> None:
    with pytest.raises(UnauthorizedError):
        access("").check({"authorization": header})


def test_a_changed_token_takes_effect_after_a_while() -> None:
    stored, now = [HASH], [0.0]
    checks = ApiAccess(config(api_auth="token"), lambda: stored[0], lambda: now[0])
    checks.check({"authorization": f"Bearer {TOKEN}"})
    stored[0] = ""
    checks.check({"authorization": f"Bearer {TOKEN}"})
    now[0] = CACHE_SECONDS + 1
    with pytest.raises(UnauthorizedError):
        checks.check({"authorization": f"Bearer {TOKEN}"})


def test_a_new_token_takes_effect_at_once_and_guessing_fetches_it_seldom() -> None:
    stored, now, fetches = [""], [0.0], [0]

    def fetch() -> str:
        fetches[0] += 1
        return stored[0]

    checks = ApiAccess(config(api_auth="token"), fetch, lambda: now[0])
    for second in range(21):
        now[0] = second / 2
        with pytest.raises(UnauthorizedError):
            checks.check({"authorization": "Bearer guessed"})
    assert fetches[0] == 2
    stored[0], now[0] = HASH, now[0] + RETRY_SECONDS + 0.1
    checks.check({"authorization": f"Bearer {TOKEN}"})


def test_none_is_refused_when_deployed(monkeypatch: pytest.MonkeyPatch) -> None:
    ApiAccess(config(api_auth="none"), lambda: "").check({})
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev")
    with pytest.raises(ConfigError, match="loopback"):
        ApiAccess(config(api_auth="none"), lambda: "")


@pytest.mark.parametrize("auth", ["iam", "none"])
@pytest.mark.parametrize(
    "headers",
    [
        {"host": "evil.example"},
        {"host": "evil.example:8000"},
        {"host": "127.0.0.1.evil.example:8000"},
        {"host": "127.0.0.1:8000", "origin": "https://evil.example"},
        {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:9000"},
        {"host": "localhost:8000", "origin": "null"},
        {"host": "localhost:8000", "origin": "https://localhost:8000"},
        {"host": "localhost:8000", "sec-fetch-site": "cross-site"},
        {"host": "localhost:8000", "sec-fetch-site": "same-site"},
        {"host": "", "sec-fetch-site": "none"},
        {"origin": "http://None"},
    ],
)
def test_on_this_machine_another_sites_page_is_refused(auth: str, headers: dict[str, str]) -> None:
    """The browser shows all attacks: a name that resolves to 127.0.0.1, a cross-origin request, and a plain GET of
    another site's page, which has no `Origin`."""
    with pytest.raises(ForbiddenError, match="only this machine"):
        ApiAccess(config(api_auth=auth), lambda: "").check(headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"host": "127.0.0.1:8000"},
        {"host": "localhost"},
        {"host": "[::1]:8000"},
        {"host": "[::1]"},
        {"host": "localhost:8000", "origin": "http://localhost:8000"},
        {"host": "localhost:8000", "sec-fetch-site": "same-origin"},
        {"host": "localhost:8000", "sec-fetch-site": "none"},
    ],
)
def test_on_this_machine_curl_and_the_console_pass(headers: dict[str, str]) -> None:
    ApiAccess(config(api_auth="none"), lambda: "").check(headers)


def test_deployed_the_page_does_not_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser adds no credentials by itself, so a page of another origin (`api.cors`) has those of its user."""
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "slips-dev")
    headers = {"host": "abc.execute-api.eu-central-1.amazonaws.com", "sec-fetch-site": "cross-site"}
    ApiAccess(config(api_auth="iam"), lambda: "").check({**headers, "origin": "https://console.example.com"})
