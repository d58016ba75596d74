"""The service's Unix socket: nobody else may open it, and one that a dead process left is replaced."""

from __future__ import annotations

import os
import socket
from pathlib import Path

from dialer.api.endpoint import SOCKET_PATH_LIMIT
from dialer.errors import EnvironmentFault

BACKLOG = 128
_OWNER_ONLY = 0o600
_CONNECT_S = 2.0


class UnixListener:
    """A listening socket in a folder, until `remove`."""

    def __init__(self, path: Path, listening: socket.socket) -> None:
        self.path = path
        self.socket = listening
        self._inode = path.lstat().st_ino

    def remove(self) -> None:
        """Take it away, unless it is that of a service started since."""
        try:
            is_ours = self.path.lstat().st_ino == self._inode
        except FileNotFoundError:
            return
        if is_ours:
            self.path.unlink(missing_ok=True)


def listen_on(path: Path) -> UnixListener:
    """A listening socket at `path`, of mode 0600 before anybody can connect. Raises `EnvironmentFault`: the path
    is too long, a live service answers there, something else is in the way, or the folder cannot be written."""
    if len(os.fsencode(path)) > SOCKET_PATH_LIMIT:
        raise EnvironmentFault(
            f"{path}: longer than the {SOCKET_PATH_LIMIT} bytes that a socket's path may have; use a home with a"
            " shorter path (a symbolic link will do)"
        )
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        _make_room(path)
        listening.bind(str(path))
        # Between bind and listen every connection is refused, whatever the mode.
        path.chmod(_OWNER_ONLY)
        listening.listen(BACKLOG)
        listening.setblocking(False)
        return UnixListener(path, listening)
    except OSError as error:
        listening.close()
        raise EnvironmentFault(f"{path}: cannot be listened on: {error.strerror or error}") from error
    except BaseException:
        listening.close()
        raise


def _make_room(path: Path) -> None:
    if not os.path.lexists(path):
        return
    if not path.is_socket():
        raise EnvironmentFault(f"{path}: is in the way of the service's socket; move it elsewhere")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(_CONNECT_S)
        try:
            probe.connect(str(path))
        except (ConnectionRefusedError, FileNotFoundError):
            path.unlink(missing_ok=True)  # its process is dead
            return
        except OSError as error:
            raise EnvironmentFault(f"{path}: somebody listens there but does not answer: {error}") from error
    raise EnvironmentFault(f"{path}: a service answers there already; stop it first (`dialer stop`)")
