"""Everything SLIPS raises on purpose. One root; the class says what kind of thing failed."""

from __future__ import annotations

from collections.abc import Sequence


class SlipsError(Exception):
    """Something SLIPS found and can name; its text says what, where, and what to do."""


class ConfigError(SlipsError):
    """slips.yml has faults; `faults` holds every one of them, a line each."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(self.faults))


class RegistrationError(SlipsError):
    """A decorator of app.py was given something it cannot take."""


class NotificationError(SlipsError):
    """A message is no S3 notification in any of the shapes AWS sends."""


class RouteError(SlipsError):
    """No routing rule or no bucket mapping of slips.yml takes the object."""


class ParseError(SlipsError, ValueError):
    """The record is not of the format it was read as. Raise it in a parser of your own to say so."""


class ReadError(SlipsError):
    """The object could not be read to its end; what was read before stands."""


class ObjectMissing(ReadError):
    """The object is gone: deleted, or never there in this version."""


class ObjectChanged(ReadError):
    """The object was overwritten while it was read; its new version has a notification of its own."""


class AccessDenied(ReadError):
    """The function's role may not read the object."""


class CorruptObject(ReadError):
    """The bytes are not what their container says: truncated, damaged, or of another kind."""


class LimitExceeded(ReadError):
    """A value of `limits` in slips.yml was passed."""


class BadRequest(SlipsError):
    """A parameter of a request is wrong; the text names it."""


class NotFound(SlipsError):
    """There is no item of that id."""


class StoreError(SlipsError):
    """A stream or table could not be written; nothing was acknowledged, so AWS delivers again."""


class DeploymentError(SlipsError):
    """AWS did not do what a command asked of it; the text says why, what stands now, and what to do."""
