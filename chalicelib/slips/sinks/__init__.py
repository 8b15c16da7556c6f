"""Where functions send: destinations that take documents in batches.

    from slips.sinks import Firehose

    slips.send("cloudtrail", to=Firehose("audit"))

base         Sink and Document, and what sinks share: JSON, and requests within a destination's limits
buffer       batches for a function of one's own
aws_batches  what of a batch AWS's services took
firehose     Amazon Data Firehose

A sink's module is imported when it is first named: each needs a library of its own.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .base import Document as Document
    from .base import Sink as Sink
    from .buffer import Buffer as Buffer
    from .firehose import Firehose as Firehose

_MODULES = {"Buffer": "buffer", "Document": "base", "Sink": "base", "Firehose": "firehose"}

__all__ = ["Buffer", "Document", "Firehose", "Sink"]


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"slips.sinks has no {name}; it has {', '.join(sorted(_MODULES))}")
    return getattr(import_module(f".{_MODULES[name]}", __name__), name)
