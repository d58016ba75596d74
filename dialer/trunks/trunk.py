"""A trunk: where calls leave, how many at once and per second, which, and what they cost."""

from __future__ import annotations

from dataclasses import dataclass, field

from campaigns.destinations import Destinations
from dialer.settings.rates import Rate
from dialer.settings.values import TrunkSettings
from dialer.trunks.health import HealthRules


@dataclass(frozen=True, slots=True)
class Trunk:
    """`host`, `port`: the carrier's SIP address (UDP). `channels`: calls open at once, at least 1. `cps`: calls
    placed per second, above 0. `from_domain`: host part of our From URI; empty: our own address. `destinations`:
    what it carries, None for everything. `rates`: what calls over it cost; none: not known.
    `asserted_identity`: what P-Asserted-Identity says (RFC 3325): "" there is none, "caller_id", or a number.
    `options_every_s`: how often it is asked whether it is there; 0 never. `simulated`: it leads nowhere but to
    the simulator. `port` 0: what DNS says. `transport`: `udp`, `tcp` or `tls`; empty: UDP, and TCP for what is
    too large for a packet. `session_expires_s`: the session timer asked for, 0 for none. `register`: calls come
    and go only for who is registered there as `username`. `srtp`: whether audio is protected (RFC 4568): `off`,
    `optional` (where the carrier can), or `required`."""

    name: str
    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False, metadata={"secret": True})
    channels: int = 100
    cps: float = 20.0
    from_domain: str = ""
    destinations: Destinations | None = None
    rates: tuple[Rate, ...] = field(default=(), repr=False)
    health: HealthRules = field(default_factory=HealthRules)
    asserted_identity: str = ""
    options_every_s: float = 0.0
    simulated: bool = False
    transport: str = ""
    session_expires_s: int = 0
    register: bool = False
    srtp: str = "off"

    @property
    def place(self) -> str:
        """Host and port as they stand in a URI; the host alone where DNS says the port."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}" if self.port else host


def trunk_of(trunk: TrunkSettings) -> Trunk:
    """As `dialer.toml` has it."""
    return Trunk(
        trunk.name,
        trunk.host,
        trunk.port,
        username=trunk.username,
        password=trunk.password,
        channels=trunk.channels,
        cps=trunk.cps,
        from_domain=trunk.from_domain,
        destinations=trunk.destinations,
        rates=trunk.rates,
        health=HealthRules(
            trunk.ner_min, trunk.ner_window_s, trunk.ner_sample, trunk.pause_s, trunk.options_missed
        ),
        asserted_identity=trunk.asserted_identity,
        options_every_s=trunk.options_every_s,
        simulated=trunk.simulated,
        transport=trunk.transport,
        session_expires_s=trunk.session_expires_s,
        srtp=trunk.srtp,
        register=trunk.register,
    )
