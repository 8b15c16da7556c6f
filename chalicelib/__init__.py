"""SLIPS: a log object lands in S3, your decorated functions get every event in it, and nothing is lost."""

from .errors import ParseError, SlipsError
from .meta import Meta
from .slips import Slips

__all__ = ["Meta", "ParseError", "Slips", "SlipsError"]
