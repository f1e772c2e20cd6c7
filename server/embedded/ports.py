"""Ports on the loopback interface."""

from __future__ import annotations

import random
import socket

from server.embedded.settings import SettingError

LOOPBACK = "127.0.0.1"
# Below the range from which systems give ports to outgoing connections: a port found free here
# stays free until its server binds it, and also while that server is being restarted.
_CHOICE = range(20_000, 30_000)


def is_free(port: int) -> bool:
    """Say whether a server could listen on the port now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # Connections of an earlier server that linger are no obstacle; a listener is.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
            probe.listen(1)  # fails where another listens with SO_REUSEPORT
        except OSError:
            return False
    return True


def free_port() -> int:
    """Return a port nobody listens on."""
    for port in random.sample(_CHOICE, k=200):
        if is_free(port):
            return port
    raise OSError("no free port found on the loopback interface")


def settle(port: int, setting: str) -> int:
    """Return the port to use for a setting, 0 meaning any; raise `SettingError` when it is busy."""
    if port == 0:
        return free_port()
    if not is_free(port):
        raise SettingError(
            f"port {port} is in use: set {setting} to another port, or to 0 for a free one"
        )
    return port
