"""A changed `dialer.toml`: what of it takes effect at once, and what takes a restart."""

from __future__ import annotations

from dataclasses import fields, replace

from dialer.api.holdings import Reloaded
from dialer.settings import Settings
from dialer.telephony.agent_lines import LineRules
from dialer.telephony.phones import Phone
from dialer.telephony.sip_side import SipSide
from dialer.telephony.tls import TlsFiles
from dialer.trunks.trunk import Trunk, trunk_of

AT_ONCE: dict[str, str] = {
    "trunks": "trunk",
    "agents": "agent",
    "clients": "client",
    "walls": "walls",
    "rules": "rules",
    "log_level": "log.level",
    "log_full_numbers": "log.full_numbers",
    "drain_s": "service.drain",
    "desk_grace_s": "service.desk_grace",
    "contact_silent_s": "service.contact_silent",
    "phone_silent_s": "service.phone_silent",
    "phone_grace_s": "service.phone_grace",
    "keep_days": "recordings.keep_days",
    "lead_days": "retention.lead_days",
    "proof_days": "retention.proof_days",
}
"""Fields of `Settings` that a reload changes, with their name in the file. Every other one takes a restart."""

AT_RESTART: dict[str, str] = {
    "database_url": "database.url",
    "sip_listen": "sip.listen",
    "media_ports": "media.ports",
    "hold_music": "media.hold_music",
    "timezone": "service.timezone",
    "api": "api",
    "sip": "sip",
}


def compare(in_force: Settings, read: Settings) -> tuple[Settings, Reloaded]:
    """The settings in force from now on, and what to tell whoever asked for the reload."""
    differing = [f.name for f in fields(Settings) if getattr(in_force, f.name) != getattr(read, f.name)]
    kept = {name: getattr(in_force, name) for name in differing if name not in AT_ONCE}
    answer = Reloaded(
        changed=[AT_ONCE[name] for name in differing if name in AT_ONCE],
        needs_restart=[AT_RESTART.get(name, name) for name in kept],
    )
    return replace(read, **kept), answer


def trunks_of(settings: Settings) -> tuple[Trunk, ...]:
    """The trunks as the engine and the carrier take them."""
    return tuple(map(trunk_of, settings.trunks))


def sip_side_of(settings: Settings) -> SipSide:
    """Our side of SIP as the carrier takes it."""
    sip = settings.sip
    return SipSide(
        also=(sip.listen_also.host, sip.listen_also.port) if sip.listen_also is not None else None,
        tcp=sip.tcp,
        tls_listen=(sip.tls_listen.host, sip.tls_listen.port) if sip.tls_listen is not None else None,
        tls=TlsFiles(sip.tls_ca, sip.tls_certificate, sip.tls_key),
        public_host=sip.public_address,
    )


def phones_of(settings: Settings) -> tuple[Phone, ...]:
    """The agents' phones as telephony takes them."""
    return tuple(
        Phone(agent.agent_id, agent.phone, agent.password, agent.nailed_up, agent.srtp, agent.srtp_without_tls)
        for agent in settings.agents
        if agent.phone or agent.password
    )


def line_rules_of(settings: Settings) -> LineRules:
    """When agents' phones are lost, as telephony takes it."""
    return LineRules(settings.phone_silent_s, settings.phone_grace_s)
