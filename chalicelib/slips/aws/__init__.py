"""AWS: clients, when to try again, and the secrets that slips.yml names."""

from .clients import client, reset

__all__ = ["client", "reset"]
