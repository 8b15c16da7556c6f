"""docs/openapi.yml matches what the routes declare, and every response matches it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote, urlencode

import jsonschema
import pytest
from chalice.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from openapi_spec_validator import validate

from slips import Slips
from slips.api import openapi
from slips.api.routes import ROUTES
from slips.quarantine.selection import LONGEST

from ..builders import failure, item
from ..test_architecture import ROOT

DOCUMENT = openapi.describe_api()
OPERATIONS = [
    (method, path, operation) for path, methods in DOCUMENT["paths"].items() for method, operation in methods.items()
]


def test_the_description_is_up_to_date() -> None:
    assert (ROOT / openapi.FILE).read_text() == openapi.to_yaml(), "run `make docs`"


def test_the_description_is_valid() -> None:
    validate(DOCUMENT)


def test_every_route_is_described_once() -> None:
    assert len(OPERATIONS) == len(ROUTES) == len({operation["operationId"] for _, _, operation in OPERATIONS})


def test_every_route_but_the_files_of_the_console_needs_credentials() -> None:
    open_to_all = {path for _, path, operation in OPERATIONS if operation.get("security") == []}
    assert open_to_all == {"/", "/console/{asset}"}


def test_nothing_internal_is_described() -> None:
    text = json.dumps(DOCUMENT)
    assert not [name for name in ("sort_key", "leased_until", "claim_id") if name in text]


# Requests: both what the description allows and what it does not.

HOSTILE = st.one_of(
    st.text(max_size=60),
    st.sampled_from(["", "\x00", "../..", "%00", "'\"<script>", "🐍" * 20, "x" * (LONGEST + 1), "-1", "1e9", "NaN"]),
    # A broken client may send half a surrogate pair as UTF-8.
    st.integers(0xD800, 0xDFFF).map(chr),
)
KNOWN = st.sampled_from(["logs", "logs/a.gz", "r0001", "f1", "json", "2026-02-01T00:00:00Z", "open"])


def values(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Generate values for one of our schemas, as JSON."""
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if schema["type"] == "integer":
        return st.integers(schema["minimum"], min(schema["maximum"], 10**6))
    if schema["type"] == "boolean":
        return st.booleans()
    if schema["type"] == "array":
        return st.lists(values(schema["items"]), min_size=schema["minItems"], max_size=5)
    return KNOWN | st.text(max_size=30)


ANYTHING = HOSTILE | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@st.composite
def requests(draw: st.DrawFn, method: str, path: str, operation: dict[str, Any]) -> tuple[str, str, bytes]:
    """Generate a method, a path with query, and a body."""
    odd = HOSTILE if draw(st.booleans()) else st.nothing()
    query: list[tuple[str, str]] = []
    for parameter in operation.get("parameters", ()):
        value = draw(values(parameter["schema"]) | odd)
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", _quote(str(value).replace("/", "") or "r0001"))
        elif parameter.get("required") or draw(st.integers(0, 3)) == 0:
            query.append((parameter["name"], str(value)))
    if draw(st.integers(0, 9)) == 0:
        query.append((draw(HOSTILE), draw(HOSTILE)))
    encoded = urlencode(query, errors="surrogatepass")
    return method.upper(), f"{path}?{encoded}" if query else path, draw(bodies(operation))


def bodies(operation: dict[str, Any]) -> st.SearchStrategy[bytes]:
    """Generate bodies for an operation."""
    if "requestBody" not in operation:
        return st.just(b"") | st.binary(max_size=20)
    schema = operation["requestBody"]["content"]["application/json"]["schema"]
    properties = {name: values(field) for name, field in schema["properties"].items()}
    needed = {name: properties[name] for name in schema["required"]}
    several = st.fixed_dictionaries(
        needed, optional={name: field for name, field in properties.items() if name not in needed}
    )
    one = st.sampled_from(list(properties)).flatmap(
        lambda name: st.fixed_dictionaries({**needed, name: properties[name]})
    )
    wrong = st.dictionaries(st.sampled_from(list(properties)) | HOSTILE, ANYTHING, max_size=3)
    return st.one_of(several, one, wrong, ANYTHING).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=20)


def _quote(text: str) -> str:
    return quote(text, safe="", errors="surrogatepass")


@pytest.fixture
def client(slips: Slips) -> Iterator[Client]:
    """Serve the API with a few errors and books."""
    slips.quarantine.record([failure(f"r{number:04}") for number in range(5)])
    slips.ledger.begin(item(work_id="w1"))
    slips.counters.record("fast", {"objects": 1, "events": 2, "by_format": {"json": 2}}, 0.5)
    slips.app.register_blueprint(slips.api)
    with Client(slips.app) as api_client:
        yield api_client


def check(operation: dict[str, Any], status: int, media: str, body: bytes) -> None:
    """Check that the response is one that the description allows."""
    responses = operation["responses"]
    assert str(status) in responses, (status, body)
    content = responses[str(status)]["content"]
    assert media in content, (media, list(content))
    if media == "application/json":
        schema = {**content[media]["schema"], "components": DOCUMENT["components"]}
        jsonschema.Draft202012Validator(schema).validate(json.loads(body))


def test_every_response_is_as_described(client: Client) -> None:
    for method, path, operation in OPERATIONS:
        statuses = ask_all(client, method, path, operation)
        assert "200" in statuses or operation["operationId"] in NEEDS_AN_ID, (operation["operationId"], statuses)


NEEDS_AN_ID = ("show_error", "discard_error", "show_drain", "show_asset")


def ask_all(client: Client, method: str, path: str, operation: dict[str, Any]) -> set[str]:
    """Send many requests to a route; return the statuses of its responses."""
    statuses: set[str] = set()

    @settings(
        max_examples=60, deadline=None, database=None, derandomize=True, phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(requests(method, path, operation))
    def ask(request: tuple[str, str, bytes]) -> None:
        method, path, body = request
        answer = client.http.request(method, path, headers={"content-type": "application/json"}, body=body)
        check(operation, answer.status_code, answer.headers["Content-Type"].partition(";")[0], answer.body)
        statuses.add(str(answer.status_code))

    ask()
    return statuses
