"""IAM for the emulated account: a request signed with the name of a role may do what the role's policies allow.

moto checks no resources. Here the access key is the role's name; any other access key may do everything, as the
administrator who deploys.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from slips.ops.run.embedded.partiql import translate

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

ACCOUNT = "123456789012"
_CREDENTIAL = re.compile(r"Credential=([^/]+)/[0-9]+/([^/]+)/([^/]+)/aws4_request")

Policy = dict[str, Any]
Asked = tuple[str, list[str]]
"""An action, `s3:GetObject`, and the ARNs that it concerns."""


class AccessControl:
    """A WSGI middleware: refuses what a role may not do."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        credential = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
        policies = role_policies(credential[1]) if credential else None
        if credential and policies is not None:
            action, resources = _asked(environ, region=credential[2], service=credential[3])
            context = _context(environ)
            refused = [resource for resource in resources if not allowed(policies, action, resource, context)]
            if refused:
                return _refuse(environ, start_response, f"{credential[1]} may not {action} on {', '.join(refused)}")
        return self._app(environ, start_response)


def role_policies(name: str) -> list[Policy] | None:
    """The inline policies of the role; None where no role has that name."""
    from moto.iam.models import iam_backends

    roles = iam_backends[ACCOUNT]["aws"].roles.values()
    role = next((role for role in roles if role.name == name), None)
    return None if role is None else [json.loads(text) for text in role.policies.values()]


def allowed(
    policies: Iterable[Policy], action: str, resource: str, context: Mapping[str, str] = MappingProxyType({})
) -> bool:
    """Whether a statement allows it; these policies deny nothing, and their conditions are StringEquals, and StringLike
    for all values of a key: then none is enough."""
    return any(
        any(_matches(pattern, action) for pattern in statement["Action"])
        and any(_matches(pattern, resource) for pattern in statement["Resource"])
        for policy in policies
        for statement in policy["Statement"]
        if statement["Effect"] == "Allow" and _holds(statement.get("Condition", {}), context)
    )


def _holds(condition: Mapping[str, Mapping[str, list[str]]], context: Mapping[str, str]) -> bool:
    return all(context.get(key) in values for key, values in condition.get("StringEquals", {}).items()) and all(
        key not in context or any(_matches(pattern, context[key]) for pattern in patterns)
        for key, patterns in condition.get("ForAllValues:StringLike", {}).items()
    )


def _context(environ: WSGIEnvironment) -> dict[str, str]:
    """The hash key of a request to DynamoDB for one item."""
    if "DynamoDB" not in environ.get("HTTP_X_AMZ_TARGET", ""):
        return {}
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    key = json.loads(body or b"{}").get("Key", {})
    return {"dynamodb:LeadingKeys": next(iter(key.values()))["S"]} if key else {}


def _matches(pattern: str, text: str) -> bool:
    """`*` and `?` as IAM reads them; `${*}` is the star itself."""
    parts = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    wild = {"*": ".*", "?": "."}
    return bool(re.fullmatch("".join(wild.get(part) or re.escape(_plain(part)) for part in parts), text, re.DOTALL))


def _plain(part: str) -> str:
    return part[2] if re.fullmatch(r"\$\{[*?$]\}", part) else part


def _asked(environ: WSGIEnvironment, region: str, service: str) -> Asked:
    if service == "s3":
        return _object(environ)
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = BytesIO(body)
    if service == "sns":
        return _subscription(parse_qs(body.decode()))
    operation, request = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2], json.loads(body or b"{}")
    if operation == "BatchExecuteStatement":  # No permission of its own: those of its statements, here all of a kind.
        operation = {"INSERT": "PartiQLInsert", "UPDATE": "PartiQLUpdate"}[request["Statements"][0]["Statement"][:6]]
    named = [
        name if name.startswith("arn:") else f"arn:aws:{service}:{region}:{ACCOUNT}:{name}" for name in _named(request)
    ]
    return f"{service}:{operation}", named or ["*"]


def _subscription(request: dict[str, list[str]]) -> Asked:
    """The query protocol. SNS knows subscriptions as no resources."""
    return f"sns:{request['Action'][0]}", request.get("TopicArn", ["*"])


def _object(environ: WSGIEnvironment) -> Asked:
    """Path-style requests, as botocore makes them to an emulator."""
    bucket, _, key = environ["PATH_INFO"].encode("latin-1").decode().lstrip("/").partition("/")
    method = environ["REQUEST_METHOD"].title()
    version = "Version" if "versionId=" in environ.get("QUERY_STRING", "") else ""
    return f"s3:{method}{'Object' if key else 'Bucket'}{version}", [f"arn:aws:s3:::{bucket}/{key}".rstrip("/")]


def _named(request: dict[str, Any]) -> Iterator[str]:
    """What a request to DynamoDB, Kinesis, SQS, SSM or Secrets Manager names."""
    match request:
        case {"TableName": table, "IndexName": index}:
            yield f"table/{table}/index/{index}"
        case {"TableName": table}:
            yield f"table/{table}"
        case {"Statements": list(statements)}:
            yield from sorted({f"table/{translate(statement).table}" for statement in statements})
        case {"RequestItems": dict(tables)}:
            yield from (f"table/{table}" for table in tables)
        case {"StreamARN": arn}:
            yield arn
        case {"StreamName": stream}:
            yield f"stream/{stream}"
        case {"QueueUrl": url}:
            yield url.rpartition("/")[2]
        case {"QueueName": queue}:
            yield queue
        case {"SecretId": secret}:
            yield f"secret:{secret}-AbCdEf"
        case {"Name": parameter}:
            yield f"parameter/{parameter.lstrip('/')}"


def _refuse(environ: WSGIEnvironment, start_response: StartResponse, message: str) -> Iterable[bytes]:
    environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    as_json = "HTTP_X_AMZ_TARGET" in environ
    body = (
        json.dumps({"__type": "AccessDeniedException", "message": message})
        if as_json
        else f"<Error><Code>AccessDenied</Code><Message>{message}</Message></Error>"
    ).encode()
    kind = "application/x-amz-json-1.0" if as_json else "application/xml"
    start_response("403 Forbidden", [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]
