"""What the routes do: one function a route, of the same name, over the parts of a runtime."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..runtime import Runtime

SECONDS = 24.0
"""API Gateway hangs up after 29 s; the last chunk and the answer need the rest."""

Asked = dict[str, Any]
View = Callable[..., Any]

# What a view needs beside its part is imported by it: the import of app.py is every Lambda function's.


def views(runtime: Runtime, client: Callable[[str], Any]) -> dict[str, View]:
    """The views of all routes that answer JSON, each called with what is asked and the parameters of the path.

    `client` gives AWS clients.
    """

    def list_errors(asked: Asked) -> Any:
        from .errors import listing

        return listing(runtime.quarantine, asked)

    def show_error(asked: Asked, error_id: str) -> Any:  # noqa: ARG001 - nothing is asked beside the path
        from .errors import detail

        return detail(runtime.quarantine, error_id)

    def discard_error(asked: Asked, error_id: str) -> Any:
        from ..quarantine import discard_one

        discard_one(runtime.quarantine, error_id, asked.get("reason", ""))
        return {"discarded": error_id}

    def drain_errors(asked: Asked) -> Any:
        from ..drain import DrainRequest, drain

        return drain(DrainRequest(**asked), runtime.quarantine, runtime.lanes, runtime.config, time.time() + SECONDS)

    def show_drain(asked: Asked, drain_id: str) -> Any:  # noqa: ARG001
        from ..drain import load_outcome

        return load_outcome(drain_id, runtime.quarantine, runtime.ledger)

    def discard_errors(asked: Asked) -> Any:
        from ..quarantine import DiscardRequest, discard

        return discard(DiscardRequest(**asked), runtime.quarantine, time.time() + SECONDS)

    def show_object(asked: Asked) -> Any:
        return {"objects": runtime.ledger.of_object(asked["bucket"], asked["key"])}

    def show_stats(asked: Asked) -> Any:  # noqa: ARG001
        from .stats import stats

        return stats(runtime.config.stack_name, runtime.counters, runtime.quarantine)

    def show_health(asked: Asked) -> Any:  # noqa: ARG001
        from .health import health

        return health(runtime.config, client)

    made = (
        *(list_errors, show_error, discard_error, drain_errors, show_drain, discard_errors),
        *(show_object, show_stats, show_health),
    )
    return {view.__name__: view for view in made}
