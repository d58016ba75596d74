"""`dialer.toml`: one installation's database, addresses, clients, trunks and agents.
See `docs/reference/dialer-toml.md`."""

from dialer.settings.reading import load_settings, parse_settings
from dialer.settings.values import (
    DATABASE_NAME,
    FILE_NAME,
    Address,
    AgentSettings,
    ApiSettings,
    ClientSettings,
    Settings,
    SipSettings,
    TrunkSettings,
)

__all__ = [
    "DATABASE_NAME",
    "FILE_NAME",
    "Address",
    "AgentSettings",
    "ApiSettings",
    "ClientSettings",
    "Settings",
    "SipSettings",
    "TrunkSettings",
    "load_settings",
    "parse_settings",
]
