"""Where a service is asked, and as whom."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from dialer.errors import InputError

SOCKET_NAME = "control.sock"
"""The service's Unix socket, in its home."""

TOKEN_VARIABLE = "DIALER_TOKEN"  # noqa: S105 - the variable's name is no secret
"""Environment variable with the token to show; on the home's own socket it narrows what one may do."""

VIA_HEADER = "x-dialer-via"
"""What the request is made with, for the log of changes: one of `VIAS`."""

VIAS = ("api", "command", "console")

SOCKET_PATH_LIMIT = 107
"""Bytes of a Unix socket's path on Linux (unix(7): 108 with the final NUL)."""

BODY_LIMIT = 1024 * 1024
"""Bytes of a request's body, but for a log-in's, which is shorter, and a file to import. What is read of it holds
up the calls meanwhile: some 10 ms of so much JSON."""

_URL = re.compile(r"https?://[^/?#\s]+/?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`socket`: of the service on this machine; else `url`, "https://host:port". `authority`: a PEM file to trust
    instead of the system's authorities. `via`: one of `VIAS`."""

    socket: Path | None = None
    url: str = "http://dialer"
    token: str = field(default="", repr=False)
    authority: Path | None = None
    via: str = "api"

    @classmethod
    def of_home(cls, home: Path, *, via: str = "api", token: str | None = None) -> Endpoint:
        """The service of a home on this machine. `token`: None takes that of the environment, if any."""
        shown = os.environ.get(TOKEN_VARIABLE, "") if token is None else token
        return cls(socket=home / SOCKET_NAME, token=shown, via=via)

    @classmethod
    def remote(cls, url: str, token: str, *, authority: Path | None = None, via: str = "api") -> Endpoint:
        """A service elsewhere. Raises `InputError` for what is no address of one, and without a token."""
        if _URL.fullmatch(url) is None:
            raise InputError(f"{url!r} is no address of a service; write https://host:port")
        if not token:
            raise InputError(f"{url}: a service elsewhere asks for a token; set {TOKEN_VARIABLE}")
        return cls(url=url.rstrip("/"), token=token, authority=authority, via=via)

    @property
    def place(self) -> str:
        """For messages: the socket's path or the address."""
        return str(self.socket) if self.socket is not None else self.url

    @property
    def headers(self) -> dict[str, str]:
        found = {VIA_HEADER: self.via}
        if self.token:
            found["authorization"] = f"Bearer {self.token}"
        return found
