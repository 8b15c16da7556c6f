"""TLS to destinations: which certificates are trusted, and what to do where one is not."""

from __future__ import annotations

import ssl
from pathlib import Path

from .http_answers import HttpRefused


def check_ca_file(ca_file: str) -> None:
    """Raise ValueError where there is no such file."""
    if ca_file and not Path(ca_file).is_file():
        raise ValueError(f"ca_file names a file of PEM certificates, and {ca_file!r} is not a file")


def make_context(ca_file: str) -> ssl.SSLContext:
    """Return what verifies certificates, by those of the file alone, or by the system's. Raises HttpRefused where the
    file holds none."""
    try:
        return ssl.create_default_context(cafile=ca_file or None)
    except ssl.SSLError as fault:
        raise HttpRefused(f"ca_file {ca_file!r} holds no PEM certificates: {fault}") from None


def explain(destination: str, fault: ssl.SSLError) -> HttpRefused | None:
    """Return what somebody has to change; None where the connection merely broke."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return HttpRefused(
            f"the certificate of {destination} is not trusted ({fault.verify_message}); if your own certificate "
            "authority signed it, pass that authority's certificate as ca_file"
        )
    if fault.reason == "WRONG_VERSION_NUMBER":
        return HttpRefused(f"{destination} does not speak TLS; check the port, or write a URL without TLS")
    return None
