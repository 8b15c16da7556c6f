"""Who may call the API."""

from __future__ import annotations

import hashlib

import pytest
from botocore.exceptions import ClientError, ConnectTimeoutError
from chalice import ForbiddenError, IAMAuthorizer, UnauthorizedError

from slips.api.access import CACHE_SECONDS, HOLD_SECONDS, RETRY_SECONDS, ApiAccess, hash_from_ssm
from slips.api.responses import ServiceUnavailableError
from slips.errors import ConfigError, StoreError

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


def test_a_new_token_takes_effect_soon_and_guessing_fetches_it_seldom() -> None:
    stored, now, fetches = [""], [0.0], [0]

    def fetch() -> str:
        fetches[0] += 1
        return stored[0]

    checks = ApiAccess(config(api_auth="token"), fetch, lambda: now[0])
    for second in range(51):
        now[0] = second
        with pytest.raises(UnauthorizedError):
            checks.check({"authorization": "Bearer guessed"})
    assert fetches[0] == 2
    stored[0], now[0] = HASH, now[0] + RETRY_SECONDS + 0.1
    checks.check({"authorization": f"Bearer {TOKEN}"})


class Hash:
    """The parameter that holds the hash, which SSM gives or not, and a clock."""

    def __init__(self) -> None:
        self.now, self.fetches, self.is_down = 0.0, 0, False
        self.checks = ApiAccess(config(api_auth="token"), self.fetch, lambda: self.now)

    def fetch(self) -> str:
        self.fetches += 1
        if self.is_down:
            raise StoreError("parameter /test/api-token-sha256: ThrottlingException")
        return HASH

    def check(self, token: str) -> None:
        self.checks.check({"authorization": f"Bearer {token}"})


def test_while_ssm_does_not_answer_a_flood_of_wrong_tokens_asks_it_once_in_a_while() -> None:
    ssm = Hash()
    ssm.is_down = True
    for second in range(51):
        ssm.now = second
        with pytest.raises(ServiceUnavailableError, match="SSM does not answer"):
            ssm.check("guessed")
    assert ssm.fetches == 2


def test_what_never_could_be_read_is_read_after_a_while() -> None:
    ssm = Hash()
    ssm.is_down = True
    with pytest.raises(ServiceUnavailableError):
        ssm.check(TOKEN)
    ssm.is_down, ssm.now = False, RETRY_SECONDS + 0.1
    ssm.check(TOKEN)


def test_while_ssm_does_not_answer_the_last_hash_holds_for_an_hour(caplog: pytest.LogCaptureFixture) -> None:
    ssm = Hash()
    ssm.check(TOKEN)
    ssm.is_down = True
    for ssm.now in (CACHE_SECONDS + 1, HOLD_SECONDS):
        ssm.check(TOKEN)
        with pytest.raises(UnauthorizedError):
            ssm.check("guessed")
    assert "ThrottlingException" in caplog.text
    ssm.now = HOLD_SECONDS + 1
    with pytest.raises(ServiceUnavailableError):
        ssm.check(TOKEN)


def test_a_token_that_was_taken_away_is_refused_even_if_ssm_then_fails() -> None:
    stored, ssm = [HASH], Hash()
    checks = ApiAccess(config(api_auth="token"), lambda: stored[0] if not ssm.is_down else ssm.fetch(), lambda: ssm.now)
    checks.check({"authorization": f"Bearer {TOKEN}"})
    stored[0], ssm.now = "", CACHE_SECONDS + 1
    with pytest.raises(UnauthorizedError):
        checks.check({"authorization": f"Bearer {TOKEN}"})
    ssm.is_down, ssm.now = True, ssm.now + RETRY_SECONDS + 1
    with pytest.raises(UnauthorizedError):
        checks.check({"authorization": f"Bearer {TOKEN}"})


class Ssm:
    """A client whose every request fails."""

    class exceptions:
        class ParameterNotFound(ClientError):
            """There is no such parameter."""

    def __init__(self, fault: Exception) -> None:
        self._fault = fault

    def get_parameter(self, **request: object) -> None:
        raise self._fault


@pytest.mark.parametrize(
    "fault",
    [ClientError({"Error": {"Code": "ThrottlingException"}}, "GetParameter"), ConnectTimeoutError(endpoint_url="x")],
)
def test_a_failed_request_to_ssm_is_a_store_error(fault: Exception) -> None:
    fetch = hash_from_ssm(config(), lambda name: Ssm(fault))
    with pytest.raises(StoreError, match=f"parameter /slips/api-token-sha256: {type(fault).__name__}"):
        fetch()


def test_without_the_parameter_the_hash_is_empty() -> None:
    missing = Ssm.exceptions.ParameterNotFound({"Error": {"Code": "ParameterNotFound"}}, "GetParameter")
    assert hash_from_ssm(config(), lambda name: Ssm(missing))() == ""


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
