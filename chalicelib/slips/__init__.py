"""SLIPS: a log object lands in S3, your decorated functions get every event in it, and nothing is lost."""

import sys

from .decorators import Slips
from .errors import EventsFailed, ParseError, RetryLater, SlipsError
from .model.meta import Meta
from .sinks.buffer import Buffer

__all__ = ["Buffer", "EventsFailed", "Meta", "ParseError", "RetryLater", "Slips", "SlipsError"]

# pip refuses it, too (requires-python); a Lambda function, or a project with the framework in its folder, asks no pip.
if sys.version_info < (3, 11, 2):
    raise ImportError(
        f"SLIPS needs Python 3.11.2 or later, this is {sys.version.split()[0]}: its `re` matches wrongly, "
        "and events would be lost; create the virtual environment again with another Python"
    )
