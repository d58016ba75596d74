"""Settings for people to look at: what is secret is only said to be there."""

from __future__ import annotations

from dialer.settings import Settings


def shown(settings: Settings) -> dict[str, object]:
    """By section, as `dialer.toml` has them. Named one by one, so that a secret added later is not shown by
    itself."""
    first, last = settings.media_ports
    api = settings.api
    return {
        "database": {"url": settings.database_place},
        "sip": {"listen": str(settings.sip_listen)},
        "media": {"ports": f"{first}-{last}"},
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
            {"id": client.client_id, "name": client.name, "caller_ids": list(client.caller_ids)}
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
            }
            for trunk in settings.trunks
        ],
        "agent": [{"id": agent.agent_id, "name": agent.name} for agent in settings.agents],
    }
