"""IAM's simulation of a role's policies, which moto does not know."""

from __future__ import annotations

import json
from typing import Any

from .access import Policy, allowed


def patch_moto() -> None:
    """Patch moto in this process; a second call does nothing."""
    from moto.core.responses import ActionResult
    from moto.iam.responses import IamResponse

    def simulate(self: Any) -> Any:
        role = self.backend.get_role_by_arn(self._get_param("PolicySourceArn"))
        policies = [
            *map(json.loads, role.policies.values()),
            *(_document(each) for each in role.managed_policies.values()),
        ]
        entries = self._get_param("ContextEntries") or []
        context = {entry["ContextKeyName"]: entry["ContextKeyValues"][0] for entry in entries}
        results = [
            _result(policies, action, self._get_param("ResourceArns"), context)
            for action in self._get_param("ActionNames")
        ]
        return ActionResult({"EvaluationResults": results, "IsTruncated": False})

    response: Any = IamResponse
    response.simulate_principal_policy = simulate


def _document(managed: Any) -> Policy:
    document: Policy = json.loads(next(each.document for each in managed.versions if each.is_default))
    return document


def _result(policies: list[Policy], action: str, resources: list[str], context: dict[str, str]) -> dict[str, Any]:
    """As IAM answers: the resources by themselves, where there are several."""
    decisions = {
        resource: "allowed" if allowed(policies, action, resource, context) else "implicitDeny"
        for resource in resources
    }
    specific = [
        {"EvalResourceName": resource, "EvalResourceDecision": decision} for resource, decision in decisions.items()
    ]
    worst = next((decision for decision in decisions.values() if decision != "allowed"), "allowed")
    result = {"EvalActionName": action, "EvalResourceName": resources[0], "EvalDecision": worst}
    return {**result, "ResourceSpecificResults": specific} if len(resources) > 1 else result
