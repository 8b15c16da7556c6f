"""Other indexes of a table, in steps: DynamoDB adds or drops one index in an update, and changes none (CloudFormation
User Guide, AWS::DynamoDB::Table). New ones come before the functions that read them, and those of before go with the
next `slips deploy`: until then both versions work, and the one before can be deployed again."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from typing import Any, NamedTuple

from ...config import Config
from ...errors import DeploymentError
from .change_set import Say, propose
from .restoration import deployed_template
from .tags import owned_tags

Template = dict[str, Any]
_INDEXES = "GlobalSecondaryIndexes"


class IndexSteps(NamedTuple):
    """The way from the deployed indexes of a table to those of a template."""

    table: str
    """Its logical id."""
    new: tuple[str, ...]
    former: tuple[str, ...]


def change_indexes(config: Config, template: Template, say: Say, *, drops: bool) -> None:
    """Give the tables of the stack the indexes of the template that they do not have, one after the other; with
    `drops`, no others. Raises DeploymentError."""
    while [steps for steps in index_steps(template, deployed_template(config.stack_name)) if steps.new or drops]:
        step = next_template(template, deployed_template(config.stack_name), drops=drops)
        change_set = propose(config.stack_name, step, owned_tags(config))
        if change_set is None:
            raise DeploymentError(f"the stack {config.stack_name}: its template and its indexes differ; wait a minute")
        change_set.execute(say)


def index_steps(template: Template, deployed: Template) -> Iterator[IndexSteps]:
    """Yield the tables of the template that have other indexes in the deployed one."""
    for logical, table in _tables(template).items():
        if (before := _tables(deployed).get(logical)) is not None:
            asked, present = _names(table), _names(before)
            new, former = (tuple(name for name in a if name not in b) for a, b in ((asked, present), (present, asked)))
            if new or former:
                yield IndexSteps(logical, new, former)


def next_template(template: Template, deployed: Template, *, drops: bool) -> Template:
    """Return the template with the indexes that the tables can have after one update: what they have, and the first
    that is new. Only where none is new, and with `drops`, without the first that the template does not have."""
    result = deepcopy(template)
    steps_of = {steps.table: steps for steps in index_steps(template, deployed)}
    for logical, before in _tables(deployed).items():
        if (table := _tables(result).get(logical)) is None:
            continue
        # Also where the indexes are the same: in another order, CloudFormation would see a change.
        steps = steps_of.get(logical, IndexSteps(logical, (), ()))
        known = {each["IndexName"]: each for each in (*before.get(_INDEXES, ()), *table[_INDEXES])}
        dropped = steps.former[:1] if drops and not steps.new else ()
        names = [name for name in (*_names(before), *steps.new[:1]) if name not in dropped]
        table[_INDEXES] = [known[name] for name in names]
        table["AttributeDefinitions"] = _key_attributes(table, before)
    return result


def _key_attributes(table: dict[str, Any], before: dict[str, Any]) -> list[Any]:
    """The definitions of the attributes that are keys: DynamoDB refuses any other."""
    schemas = (table["KeySchema"], *(index["KeySchema"] for index in table[_INDEXES]))
    keys = {key["AttributeName"] for schema in schemas for key in schema}
    defined = (*before["AttributeDefinitions"], *table["AttributeDefinitions"])
    return list({each["AttributeName"]: each for each in defined if each["AttributeName"] in keys}.values())


def _tables(template: Template) -> dict[str, Any]:
    """The properties of the tables by logical id."""
    resources = template["Resources"].items()
    return {logical: each["Properties"] for logical, each in resources if each["Type"] == "AWS::DynamoDB::Table"}


def _names(table: dict[str, Any]) -> list[str]:
    return [index["IndexName"] for index in table.get(_INDEXES, ())]
