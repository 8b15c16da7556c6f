"""`handler.policy` of slips.yml: what the user's functions may do in AWS beyond what SLIPS itself needs.

A mapping is a statement, and a text is the ARN of a managed policy (IAM User Guide, "Grammar of the IAM JSON policy
language").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import arns
from .declarations import Either, Entries, Items, Keys, Removed, Scalar, Text, text_or_list
from .field import Field
from .problems import quote
from .scalars import read_matching
from .settings import Policy
from .suggestions import suggest

OWN_SIDS = frozenset(
    {
        *(
            "WriteLogs",
            "ReadLane",
            "ReadObjects",
            "TellMissingObjects",
            "DecryptObjects",
            "AssumeRoles",
            "UseKey",
            "PutWork",
            "KeepErrors",
            "KeepBooks",
            "KeepManyBooks",
            "FindBooks",
            "ReadBooks",
        ),
        *("SendDeadLetters", "ReadParameters", "ReadSecrets", "JoinNetwork", "Trace"),
    }
)
"""The Sids of SLIPS's own statements in the same policies."""

_ALLOWED = "write a statement, the ARN of a managed policy, or a list of both"
_PRINCIPALS = ("Principal", "NotPrincipal")

_SINK_SID = re.compile(r"Sink\d+")
"""The Sids of the statements for the sinks of app.py, in the same policies."""
_ACTION = text_or_list(Text(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?_-]+", required=True), optional=True)
_ACTION_ALLOWED = 'write SERVICE:ACTION, like "sqs:SendMessage", or "*"'
_RESOURCE = text_or_list(
    Text(r"\*|arn:[a-z*?-]+:[a-z0-9*?-]+:[a-z0-9*?-]*:[a-z0-9*?-]*:.+", required=True), optional=True
)
_RESOURCE_ALLOWED = 'write an ARN, in which "*" and "?" may stand for any characters, or "*"'
_CONDITION_ALLOWED = 'write a mapping, like {StringEquals: {"aws:RequestedRegion": eu-west-1}}'

# IAM User Guide, "IAM JSON policy elements: Condition operators".
_COMPARISONS = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
_OPERATORS = frozenset(
    {
        *(f"{kind}{comparison}" for kind in ("Numeric", "Date") for comparison in _COMPARISONS),
        *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
        *("StringLike", "StringNotLike", "Bool", "BinaryEquals", "IpAddress", "NotIpAddress"),
        *("ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"),
    }
)
_SET_OPERATORS = ("ForAllValues:", "ForAnyValue:")

_MOST_MANAGED = 20
"""IAM User Guide, "IAM and AWS STS quotas": managed policies of a role, with the largest quota."""

_OPERATOR_NAME = (
    rf"Null|{''.join(f'({prefix})?' for prefix in _SET_OPERATORS)}({'|'.join(sorted(_OPERATORS))})(IfExists)?"
)
_OPERANDS = text_or_list(Scalar())
_STATEMENT = Keys(
    {
        "Sid": ("A name of the statement, letters and digits.", Text(r"[A-Za-z0-9]+")),
        "Effect": ("Allow or Deny.", Text(r"Allow|Deny", required=True)),
        "Action": ("What is allowed, like sqs:SendMessage.", _ACTION),
        "NotAction": ("Everything but these actions.", _ACTION),
        "Resource": ("The ARNs it is allowed on.", _RESOURCE),
        "NotResource": ("Everything but these ARNs.", _RESOURCE),
        "Condition": (
            "When the statement holds, like {StringEquals: {aws:RequestedRegion: eu-west-1}}.",
            Entries(Entries(_OPERANDS, least=1, required=True), Text(_OPERATOR_NAME), least=1),
        ),
        **{name: ("The principal is the functions' role itself.", Removed()) for name in _PRINCIPALS},
    },
    one_of=(("Action", "NotAction"), ("Resource", "NotResource")),
)
_ELEMENT = Either((_STATEMENT, arns.POLICY_REQUIRED))
POLICY = Either((*_ELEMENT.kinds, Items(_ELEMENT)), optional=True)


def read_policy(field: Field) -> Policy:
    """Read the section; statements come back with lists of actions and resources, and texts in conditions."""
    items = field.items(_ALLOWED) if isinstance(field.value, list) else [] if field.absent else [field]
    sids: dict[str, str] = {}
    statements: list[dict[str, Any]] = []
    managed: dict[str, str] = {}
    for item in items:
        if isinstance(item.value, dict):
            statements.append(_read_statement(item, sids))
        elif isinstance(item.value, str) and item.value:
            _add_managed(item, managed)
        else:
            item.reject(_ALLOWED)
    if len(managed) > _MOST_MANAGED:
        field.fault(f"found {len(managed)} managed policies", f"write at most {_MOST_MANAGED}, IAM's limit for a role")
    return Policy(statements=tuple(statements), managed=tuple(managed))


def _add_managed(field: Field, managed: dict[str, str]) -> None:
    arn = arns.read_arn(field)
    if arn and (other := managed.setdefault(arn, field.path)) != field.path:
        field.fault(f"is the managed policy of {other}, too", "remove one of the two")


def _read_statement(field: Field, sids: dict[str, str]) -> dict[str, Any]:
    if isinstance(field.value, dict) and "Statement" in field.value:
        field.fault("found a whole policy document", "write only the list of its statements")
        return {}
    keys = field.keys()
    for name in _PRINCIPALS:
        if not keys[name].absent:
            keys[name].fault("the principal is the functions' role itself", "remove this key")
    statement: dict[str, Any] = {}
    if sid := _read_sid(keys["Sid"], sids):
        statement["Sid"] = sid
    statement["Effect"] = read_matching(keys["Effect"], 'write "Allow" or "Deny"')
    for (name, negated), allowed in zip(_STATEMENT.one_of, (_ACTION_ALLOWED, _RESOURCE_ALLOWED), strict=True):
        statement |= _read_either(field, keys, name, negated, allowed)
    if not keys["Condition"].absent:
        statement["Condition"] = _read_condition(keys["Condition"])
    return statement


def _read_sid(field: Field, sids: dict[str, str]) -> str:
    sid = read_matching(field, "write letters and digits only")
    if sid in OWN_SIDS or _SINK_SID.fullmatch(sid):
        field.fault(f"{quote(sid)} is the Sid of a statement of SLIPS", "choose another one")
    elif sid and (other := sids.setdefault(sid, field.path)) != field.path:
        field.fault(f"{quote(sid)} is also {other}", "give each statement a Sid of its own")
    return sid


def _read_either(field: Field, keys: dict[str, Field], name: str, negated: str, allowed: str) -> dict[str, list[str]]:
    """Read the one of the two keys that is there."""
    present = [key for key in (name, negated) if not keys[key].absent]
    if not present:
        keys[name].fault("missing", f"{allowed}; or {negated} instead")
    if len(present) == 2:
        field.fault(f"has both {name} and {negated}", "keep one of the two")
    return {key: list(_read_patterns(keys[key], allowed)) for key in present}


def _read_patterns(field: Field, allowed: str) -> Iterator[str]:
    """Read a text, or a list of texts, which must match the declared pattern."""
    items = field.items(allowed) if isinstance(field.value, list) else [field]
    if not items:
        field.fault("found an empty list", allowed)
    for item in items:
        yield read_matching(item, allowed)


def _read_condition(field: Field) -> dict[str, dict[str, list[str]]]:
    operators = field.entries(_CONDITION_ALLOWED)
    if field.value == {}:
        field.fault("found an empty mapping", _CONDITION_ALLOWED)
    return {name: _read_operator(name, entry) for name, entry in operators}


def _read_operator(name: str, field: Field) -> dict[str, list[str]]:
    operator = _strip_modifiers(name)
    if name != "Null" and operator not in _OPERATORS:
        field.fault("unknown condition operator", suggest(operator, _OPERATORS, "write one, like StringEquals"))
    entries = field.entries(_CONDITION_ALLOWED)
    if field.value in (None, {}):
        field.fault("compares nothing", _CONDITION_ALLOWED)
    return {key: list(_read_operands(entry)) for key, entry in entries}


def _strip_modifiers(operator: str) -> str:
    for prefix in _SET_OPERATORS:
        operator = operator.removeprefix(prefix)
    return operator.removesuffix("IfExists")


def _read_operands(field: Field) -> Iterator[str]:
    """Read a value or a list of values. IAM knows only texts; YAML reads some of them as numbers, true or false."""
    items = field.items("") if isinstance(field.value, list) else [field]
    if not items:
        field.fault("found an empty list", "write a text or a list of texts")
    for item in items:
        match item.value:
            case bool():
                yield str(item.value).lower()
            case int() if item.value.bit_length() <= 64:
                yield str(item.value)
            case float() | str():
                yield str(item.value)
            case _:
                item.reject("write a text or a list of texts, in quotes")
