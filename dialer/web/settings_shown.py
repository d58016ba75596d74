"""Settings for people to look at: what is secret is only said to be there."""

from __future__ import annotations

from campaigns.destinations import Destinations
from dialer.settings import Settings
from dialer.settings.rates import in_units


def _entries(destinations: Destinations | None) -> list[str] | None:
    return None if destinations is None else list(destinations.entries)


def _money(micro: int | None) -> str | None:
    return None if micro is None else in_units(micro)


def shown(settings: Settings) -> dict[str, object]:
    """By section, as `dialer.toml` has them. Named one by one, so that a secret added later is not shown by
    itself."""
    first, last = settings.media_ports
    api = settings.api
    return {
        "database": {"url": settings.database_place},
        "sip": {"listen": str(settings.sip_listen)},
        "media": {"ports": f"{first}-{last}"},
        "recordings": {"keep_days": settings.keep_days},
        "retention": {"lead_days": settings.lead_days, "proof_days": settings.proof_days},
        "log": {"level": settings.log_level, "full_numbers": settings.log_full_numbers},
        "service": {
            "drain_s": settings.drain_s,
            "desk_grace_s": settings.desk_grace_s,
            "timezone": settings.timezone,
        },
        "api": {
            "listen": str(api.listen) if api.listen is not None else "",
            "tls": api.tls_certificate is not None,
        },
        "client": [
            {
                "id": client.client_id,
                "name": client.name,
                "caller_ids": list(client.caller_ids),
                "destinations": _entries(client.destinations),
                "lead_days": client.lead_days,
            }
            for client in settings.clients
        ],
        "trunk": [
            {
                "name": trunk.name,
                "host": trunk.host,
                "port": trunk.port,
                "username": trunk.username,
                "has_password": bool(trunk.password),
                "channels": trunk.channels,
                "cps": trunk.cps,
                "from_domain": trunk.from_domain,
                "destinations": _entries(trunk.destinations),
                "rates": len(trunk.rates),
                "asserted_identity": trunk.asserted_identity,
                "options_every_s": trunk.options_every_s,
                "simulated": trunk.simulated,
            }
            for trunk in settings.trunks
        ],
        "walls": {
            "destinations": _entries(settings.walls.house),
            "ceilings": [
                {
                    "scope": ceiling.scope,
                    "name": ceiling.name,
                    "calls_per_hour": ceiling.calls_hour,
                    "calls_per_day": ceiling.calls_day,
                    "spend_per_hour": _money(ceiling.spend_hour_micro),
                    "spend_per_day": _money(ceiling.spend_day_micro),
                }
                for ceiling in settings.walls.ceilings
            ],
            "currency": settings.walls.currency,
        },
        "caller_id": [
            {
                "number": owned.number,
                "client": owned.client,
                "verified_on": owned.verified_on,
                "shown_in": _entries(owned.shown_in),
                "local_to": _entries(owned.local_to),
                "per_hour": owned.per_hour,
                "per_day": owned.per_day,
            }
            for owned in settings.walls.caller_ids
        ],
        "agent": [{"id": agent.agent_id, "name": agent.name} for agent in settings.agents],
    }
