"""Logging of the commands, with -v and -vv: to standard error, with hostile text escaped."""

from __future__ import annotations

import logging
import sys

from .terminal import block

LEVELS = {0: logging.ERROR, 1: logging.INFO}


class _Escaping(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return block(super().format(record))


def prepare(verbose: int) -> None:
    """Set up logging for this number of -v, and output that no key can break."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Escaping("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=LEVELS.get(verbose, logging.DEBUG), handlers=[handler])
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # A Latin-1 terminal cannot show every key.
            stream.reconfigure(errors="backslashreplace")
