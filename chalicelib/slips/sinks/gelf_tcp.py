"""GELF over TCP: messages that end in a zero byte, and no answer."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Sequence
from contextlib import suppress

from . import tls


class GelfConnection:
    """Sends batches to an input of GELF TCP, each over a connection of its own.

    GELF has no answers over TCP, and what the kernel has taken may be lost with the connection. So a batch ends its
    side of the connection, and waits until the other side has ended its own, which it does when it has read everything.
    Without `waits_for_close`, a batch counts as sent when the kernel has it.
    """

    def __init__(
        self, host: str, port: int, *, is_tls: bool, ca_file: str, connect_seconds: float, answer_seconds: float,
        waits_for_close: bool,
    ) -> None:  # fmt: skip
        self.destination = f"{host}:{port}"
        self._address = host, port
        tls.check_ca_file(ca_file)
        self._context = tls.make_context(ca_file) if is_tls else None
        self._connect_seconds = connect_seconds
        self._answer_seconds = answer_seconds
        self._waits_for_close = waits_for_close

    def send(self, messages: Sequence[bytes]) -> None:
        """Send messages. Raises ConnectionError, TimeoutError, HttpRefused for a certificate that is not trusted."""
        try:
            with self._connect() as connection:
                connection.settimeout(self._answer_seconds)
                connection.sendall(b"".join(message + b"\0" for message in messages))
                if self._waits_for_close:
                    _close(connection)
        except ssl.SSLError as fault:
            broken = ConnectionError(f"{self.destination} broke the connection: {fault}")
            raise tls.explain(self.destination, fault) or broken from None
        except TimeoutError:
            raise TimeoutError(
                f"{self.destination} has neither read a batch nor closed the connection in {self._answer_seconds:g} "
                "seconds; if something between here and Graylog keeps connections open, use waits_for_close=False"
            ) from None
        except OSError as fault:
            raise ConnectionError(f"{self.destination} cannot be reached, or broke the connection: {fault}") from None

    def _connect(self) -> socket.socket:
        try:
            connection = socket.create_connection(self._address, self._connect_seconds)
        except TimeoutError:
            raise ConnectionError(f"no connection in {self._connect_seconds:g} seconds") from None
        if self._context is None:
            return connection
        return self._context.wrap_socket(connection, server_hostname=self._address[0])


def _close(connection: socket.socket) -> None:
    """End this side, and wait for the end of the other one. Raises OSError where it breaks off instead."""
    if isinstance(connection, ssl.SSLSocket):
        connection = connection.unwrap()
    with suppress(OSError):  # It may be quicker, and have closed both sides.
        connection.shutdown(socket.SHUT_WR)
    while connection.recv(4096):
        """Whatever it says, it says it before its end."""
