"""Who sent a request to the API, for the audit trail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..ledger.audit import Caller


def find_caller(context: Mapping[str, Any], auth: str) -> Caller:
    """Say who sent it. With `iam`, API Gateway has checked the signature, and says whose it is; a token is everybody's
    who has it. `slips run` serves its own machine."""
    from ..ledger.audit import Caller

    identity = context.get("identity") or {}
    name = identity.get("userArn") or ("token" if auth == "token" else "this machine")
    return Caller(name=str(name), address=str(identity.get("sourceIp") or ""))
