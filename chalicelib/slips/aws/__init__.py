"""AWS: clients, tables, retries, and the secrets that slips.yml names."""

from .clients import client, reset

__all__ = ["client", "reset"]
