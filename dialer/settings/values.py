"""What `dialer.toml` says, as values."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from campaigns.destinations import Destinations
from campaigns.rule_library import USUAL_GRACE_S, RuleLibrary
from campaigns.walls import Ceiling, Walls
from dialer.settings.database_address import without_password
from dialer.settings.rates import Rate
from lists.client import HOUSE

FILE_NAME = "dialer.toml"
DATABASE_NAME = "dialer.db"
MEDIA_PORTS = (20_000, 29_999)


@dataclass(frozen=True, slots=True)
class Address:
    """An address to listen on. Port 0: any free one."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


ANY_PORT = Address("127.0.0.1", 0)


@dataclass(frozen=True, slots=True)
class TrunkSettings:
    """A way out to a carrier. `host`, `port`: its SIP address, over UDP. `channels`: calls open at once;
    `cps`: calls placed per second. `from_domain`: host part of our From; empty: our own address.
    `port` 0: what DNS says. `transport`, `session_expires_s`, `register`, `srtp`: see `dialer.trunks.trunk.Trunk`.
    `destinations`: what it carries, None for everything. `ner_…`, `pause_s`, `options_…`: see
    `dialer.trunks.health.HealthRules`; `asserted_identity`, `options_every_s`, `simulated`:
    `dialer.trunks.trunk.Trunk`."""

    name: str
    host: str
    port: int = 5060
    username: str = ""
    password: str = ""
    channels: int = 30
    cps: float = 5.0
    from_domain: str = ""
    destinations: Destinations | None = None
    rates: tuple[Rate, ...] = ()
    ceiling: Ceiling | None = None
    asserted_identity: str = ""
    options_every_s: float = 0.0
    simulated: bool = False
    ner_min: float = 0.3
    ner_window_s: float = 300.0
    ner_sample: int = 30
    pause_s: float = 60.0
    options_missed: int = 3
    transport: str = ""
    session_expires_s: int = 0
    register: bool = False
    srtp: str = "off"

    def __repr__(self) -> str:  # a password must not reach a log by way of a repr
        return f"TrunkSettings(name={self.name!r}, host={self.host!r}, port={self.port})"


@dataclass(frozen=True, slots=True)
class AgentSettings:
    """An agent: `agent_id` as it appears in records, `name` as people call them. `phone`: the SIP URI of their
    phone, with an IP address in it; `password`: what it registers with instead, as `agent_id`; neither: they have
    none. `nailed_up`: it is called at login and kept up; else for each contact. `srtp`, `srtp_without_tls`: see
    `dialer.telephony.phones.Phone`."""

    agent_id: str
    name: str
    phone: str = ""
    password: str = field(default="", repr=False)
    nailed_up: bool = True
    srtp: str = "off"
    srtp_without_tls: bool = False


USUAL_PROOF_DAYS = 1_827
"""Five years, for so long telemarketers in the United States keep records of their calls (16 CFR 310.5)."""


@dataclass(frozen=True, slots=True)
class ClientSettings:
    """Somebody for whom this installation dials. `client_id`: as names have it in front of their slash.
    `caller_ids`: the only ones its campaigns may show, and nobody else's may; () for no such limit.
    `destinations`: narrower than the house's, None for all of these. `lead_days`: as of `Settings`, None for that
    one."""

    client_id: str
    name: str
    caller_ids: tuple[str, ...] = ()
    destinations: Destinations | None = None
    ceiling: Ceiling | None = None
    lead_days: int | None = None


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The control API over TCP. `listen` None: only the Unix socket in the home. `tls_certificate`, `tls_key`: PEM
    files, both or none; without them `listen` is of this machine alone."""

    listen: Address | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None


@dataclass(frozen=True, slots=True)
class SipSettings:
    """`listen_also`: a second address, of the other IP version. `tcp`: take connections at these ports too.
    `tls_listen`: and over TLS there. `tls_…`: PEM files. `public_address`: what far ends see when it is not the
    address we listen on. `phones_md5_only`: see `dialer.sip.registrar.Registrar`."""

    listen_also: Address | None = None
    tcp: bool = False
    tls_listen: Address | None = None
    tls_certificate: Path | None = None
    tls_key: Path | None = None
    tls_ca: Path | None = None
    public_address: str = ""
    phones_md5_only: bool = False


@dataclass(frozen=True, slots=True)
class Settings:
    """One installation. `media_ports`: first and last UDP port for RTP; a call takes an even one and the odd one
    above it. `database_url` is empty for the home's own SQLite file; it may hold a password, so messages take
    `database_place`. `drain_s`: how long calls in progress may go on once the service is asked to stop.
    `desk_grace_s`: for how long an agent's desk may be gone until the agent is off duty. `contact_silent_s`: a
    contact of whom nothing comes for so long is hung up, 0: never. `phone_silent_s`: so long
    without audio and an agent's phone is lost, 0: never; `phone_grace_s`: for how long a conversation is kept
    whose agent's phone is lost. `hold_music`: what phones hear that wait, None: silence. `keep_days`: for how many
    days recordings are kept, beside their own. `lead_days`: for how many leads about which nothing happens, None:
    for ever; `proof_days`: for how many, at least, those that were called, for the sake of their permits.
    `rules`: the rule sets that campaigns may come under.
    `timezone`: whose midnight the day's figures begin at."""

    database_url: str = field(default="", repr=False)
    sip_listen: Address = ANY_PORT
    media_ports: tuple[int, int] = MEDIA_PORTS
    trunks: tuple[TrunkSettings, ...] = ()
    agents: tuple[AgentSettings, ...] = ()
    log_level: str = "info"
    log_full_numbers: bool = False
    drain_s: float = 60.0
    desk_grace_s: float = 15.0
    contact_silent_s: float = 30.0
    phone_silent_s: float = 5.0
    phone_grace_s: float = 10.0
    hold_music: Path | None = None
    keep_days: int = 90
    lead_days: int | None = None
    proof_days: int = USUAL_PROOF_DAYS
    timezone: str = "UTC"
    api: ApiSettings = ApiSettings()
    clients: tuple[ClientSettings, ...] = ()
    walls: Walls = field(default_factory=Walls)
    sip: SipSettings = SipSettings()
    rules: RuleLibrary = field(default_factory=lambda: RuleLibrary(outdated_for_s=USUAL_GRACE_S))

    @property
    def database_place(self) -> str:
        """The database's address for messages: without its password. Empty for the home's own file."""
        return without_password(self.database_url)

    def trunk(self, name: str) -> TrunkSettings:
        """Raises `KeyError` for an unknown one."""
        for trunk in self.trunks:
            if trunk.name == name:
                return trunk
        raise KeyError(name)

    def client(self, client_id: str) -> ClientSettings:
        """Raises `KeyError` for one that is not configured."""
        for client in self.clients:
            if client.client_id == client_id:
                return client
        raise KeyError(client_id)

    def knows_client(self, client_id: str) -> bool:
        """Whether it is configured, or the house itself."""
        return client_id == HOUSE or any(client.client_id == client_id for client in self.clients)

    def holder_of_caller_id(self, caller_id: str) -> str | None:
        """The client to whom alone this caller id belongs; None when it is anybody's."""
        for client in self.clients:
            if caller_id in client.caller_ids:
                return client.client_id
        owned = self.walls.caller_id(caller_id)
        return owned.client if owned is not None and owned.client else None
