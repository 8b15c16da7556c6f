"""A webhook can check who sent it a batch, and whether it had it before."""

from __future__ import annotations

import hmac

import pytest

from slips.sinks import Webhook

from .documents import documents, failures
from .http_server import Destination, Reply, Request, patience


def test_the_body_is_signed_as_it_is_sent(server: Destination) -> None:
    sink = Webhook(server.url, secret="s3cret", headers={"X-Team": "red"}, backoff=patience())
    assert failures(sink, documents({"a": 1}, 2)) == {}
    [request] = server.requests
    assert request.raw == b'[{"a":1},2]'
    assert request.headers["X-Slips-Signature"] == "sha256=" + hmac.new(b"s3cret", request.raw, "sha256").hexdigest()
    assert request.headers["X-Team"] == "red"


def test_the_secret_is_in_no_error(server: Destination) -> None:
    server.usual = Reply(400, "s3cret-12345 does not fit")
    sink = Webhook(server.url, secret="s3cret-12345", backoff=patience())
    assert str(failures(sink, documents(1))[1]).endswith("«secret» does not fit")


def test_without_a_secret_nothing_is_signed(server: Destination) -> None:
    assert failures(Webhook(server.url, backoff=patience()), documents(1)) == {}
    assert "X-Slips-Signature" not in server.requests[0].headers


def test_a_batch_that_is_sent_again_has_the_same_key(server: Destination) -> None:
    sink = Webhook(server.url, backoff=patience())
    server.replies = [Reply(500)]
    for batch in (documents(1), documents(1, 2)):
        assert failures(sink, batch) == {}
    first, again, other = (request.headers["Idempotency-Key"] for request in server.requests)
    assert first == again != other


def test_a_secret_that_was_changed_signs_again(server: Destination, monkeypatch: pytest.MonkeyPatch) -> None:
    secrets = {"ssm:/hook": "old"}
    monkeypatch.setattr("slips.sinks.secrets.resolve", lambda value: secrets.get(value, value))
    monkeypatch.setattr("slips.sinks.secrets.expire", lambda reference: secrets.update({reference: "new"}))

    def answer(request: Request) -> Reply:
        signature = hmac.new(b"new", request.raw, "sha256").hexdigest()
        return Reply(200 if request.headers["X-Slips-Signature"] == f"sha256={signature}" else 401)

    server.answer = answer
    sink = Webhook(server.url, secret="ssm:/hook", backoff=patience())
    assert failures(sink, documents(1)) == {}
    assert [statement["Action"] for statement in sink.statements()] == [["ssm:GetParameter"]]
