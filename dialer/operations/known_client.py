"""Whose data a command means: a client that `dialer.toml` knows."""

from __future__ import annotations

from collections.abc import Callable

from dialer.errors import InputError, UnknownName
from dialer.settings import Settings
from lists.client import HOUSE, SEPARATOR, client_of, full_name, is_client, own_name


def known_client(settings: Settings, client: str) -> str:
    """The client itself. Raises `UnknownName` for one that `dialer.toml` does not have."""
    if not settings.knows_client(client):
        known = [configured.client_id for configured in settings.clients]
        raise UnknownName("client", client, known, "describe it in dialer.toml under [[client]]")
    return client


def belonging_to(client: str | None) -> Callable[[str], bool]:
    """Whether a list or campaign of this full name is that client's; None: anybody's."""
    return lambda name: client in (None, client_of(name))


def name_of(client: str | None, name: str) -> str:
    """The full name of what somebody called `name`, for `client` if they said so.

    Raises `InputError` when the name itself says another client, or is none."""
    if client is None:
        return name
    if client != HOUSE and not is_client(client):
        raise InputError(f'--client: "{client}" is no client; write its id of dialer.toml')
    if SEPARATOR in name and client_of(name) != client:
        raise InputError(f'"{name}" is of client "{client_of(name)}", and --client says "{client}"; leave one out')
    return full_name(client, name)


def new_list_name(settings: Settings, name: str) -> str:
    """The full name of a list that may be made. Raises `InputError`, `UnknownName`."""
    client, own = client_of(name), own_name(name)
    if SEPARATOR in name and not (is_client(client) and own and SEPARATOR not in own):
        raise InputError(f'--list: "{name}" is no name; a slash stands between a client and its list alone')
    known_client(settings, client)
    return name
