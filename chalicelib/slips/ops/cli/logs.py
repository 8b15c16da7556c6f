"""Logging of the commands, with -v and -vv: to standard error."""

from __future__ import annotations

import logging

LEVELS = {0: logging.ERROR, 1: logging.INFO}


class _Formatter(logging.Formatter):
    """A formatter that keeps a message within its line: what it quotes may look like the next line. A traceback has
    lines of its own."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return super().formatMessage(record).replace("\n", "\\n")


def prepare(verbose: int) -> None:
    """Set up logging for this number of -v."""
    handler = logging.StreamHandler()
    handler.setFormatter(_Formatter("%(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=LEVELS.get(verbose, logging.DEBUG), handlers=[handler])
