"""Whose data it is: an installation that dials for several clients keeps their lists and campaigns apart by name.

A name is `client/name`, or `name` alone for the house's own. What belongs to one client is never used for another:
a campaign dials lists of its own client only, and a client's do-not-call register holds for that client, the
house's for all.
"""

from __future__ import annotations

import re

HOUSE = ""
"""The client of what the installation keeps for itself."""

SEPARATOR = "/"

_CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def client_of(name: str) -> str:
    """The client in a full name: `acme` of `acme/spring`, `HOUSE` of `spring`."""
    client, separator, _ = name.partition(SEPARATOR)
    return client if separator else HOUSE


def own_name(name: str) -> str:
    """The name without its client: `spring` of `acme/spring`."""
    _, separator, rest = name.partition(SEPARATOR)
    return rest if separator else name


def full_name(client: str, name: str) -> str:
    """The name as the store knows it. A name that says its client already is left as it is."""
    return name if client == HOUSE or SEPARATOR in name else f"{client}{SEPARATOR}{name}"


def is_list_name(name: str) -> bool:
    """Whether a list may be called so: something that prints, with no space at an end."""
    own = own_name(name)
    return own != "" and own == own.strip() and name == name.strip() and name.isprintable()


def is_client(text: str) -> bool:
    """Whether a client can be called so: up to 64 letters, digits, dots, dashes and underscores."""
    return _CLIENT.fullmatch(text) is not None
