"""SLIPS: a log object lands in S3, your decorated functions get every event in it, and nothing is lost."""

from .decorators import Slips
from .errors import EventsFailed, ParseError, RetryLater, SlipsError
from .model.meta import Meta
from .sinks.buffer import Buffer

__all__ = ["Buffer", "EventsFailed", "Meta", "ParseError", "RetryLater", "Slips", "SlipsError"]
