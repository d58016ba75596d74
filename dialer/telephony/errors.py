"""What can go wrong in `dialer.telephony`.

TelephonyError
├── AddressUnavailable     a local address and port cannot be bound
├── CertificateUnusable    a file of certificates or keys cannot be used
├── GuestRefused           somebody cannot be called into a conversation, or not as it is
├── HostUnresolved         a name with no address
│   └── OtherVersion       an address of the IP version that we do not speak
├── LedgerUnavailable      the file of open calls cannot be read or written
├── MediaFull              no leg of audio can be reserved now
├── MediaUnavailable       the media process cannot be started
├── PhoneInClear           a phone whose audio must be protected, and whose signalling is not
├── PhoneNowhere           a phone of ours that there is not, or that is not registered
├── PortsExhausted         every RTP port of the range is in use
├── SoundFileError         a file of sound that cannot be used (the user's fault)
├── SpeechUnavailable      a text that cannot be spoken
├── PortNotTaken           a port is given back that was not taken (a fault of ours)
├── LegExists              a contact leg or agent's line that is open already
└── NoSuchLeg              a contact leg or agent's line that is not open
"""

from __future__ import annotations

from pathlib import Path

from dialer.ports.media import NoMediaRoom
from dialer.sip.hop import is_ipv6


class TelephonyError(Exception):
    """Root of the tree."""


class AddressUnavailable(TelephonyError):
    """A local address cannot be bound. The message names it and says what to do. `in_use`: somebody has the
    port; another one may do."""

    def __init__(
        self, host: str, port: int, cause: str, advice: str, *, in_use: bool = False, transport: str = "UDP"
    ) -> None:
        place = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        super().__init__(f"cannot listen on {place} ({transport}): {cause}; {advice}")
        self.host = host
        self.port = port
        self.in_use = in_use


class CertificateUnusable(TelephonyError):
    """A PEM file cannot be used. The message names it and says why."""

    def __init__(self, path: Path | None, cause: str) -> None:
        super().__init__(
            f"{path or 'TLS'}: {cause}; give PEM files that belong together and that this user can read"
        )
        self.path = path


class GuestRefused(TelephonyError):
    """Somebody cannot be called into a conversation, or that is not at the stage for it. The message says why."""


class HostUnresolved(TelephonyError):
    """A host name, of a trunk for instance, has no address."""

    def __init__(self, host: str, cause: str) -> None:
        super().__init__(f"host {host!r} has no address: {cause}; correct the name or give the IP address")
        self.host = host


class OtherVersion(HostUnresolved):
    """A far end of an IP version that SIP does not listen at. The message names it and says what to do."""

    def __init__(self, far: str) -> None:
        version = "IPv6" if is_ipv6(far) else "IPv4"
        TelephonyError.__init__(
            self,
            f"{far} is {version}, and SIP listens at no {version} address: name one of this machine in [sip]"
            " listen_also",
        )
        self.host = far


class LedgerUnavailable(TelephonyError):
    """The file in which open calls are written down cannot be read or written. The message names it and says what
    to do."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(
            f"{path}: {cause}; calls are written down there so that a restart can end them: "
            "make its folder writable for this user, and see that the disk has room"
        )
        self.path = path


class MediaFull(TelephonyError, NoMediaRoom):
    """No leg of audio can be reserved now. The message says why and what to do."""


class MediaUnavailable(TelephonyError, NoMediaRoom):
    """The process that carries the audio does not start. The message says what it said."""


class PhoneInClear(TelephonyError):
    """The keys for a phone's audio would be seen on the way to it."""

    def __init__(self, phone_id: str) -> None:
        super().__init__(
            f"the phone of {phone_id} is not reached over TLS, and its srtp is required: have it register over"
            " TLS, or write srtp_without_tls = true where the way is protected otherwise"
        )


class PhoneNowhere(TelephonyError):
    """A phone that dialer.toml does not have, or that has not registered. The message names it."""

    def __init__(self, phone_id: str) -> None:
        super().__init__(f"the phone of {phone_id} is not registered, or dialer.toml has none for them")


class PhoneUnsent(TelephonyError):
    """The call of a phone could not leave this machine. The message names the phone."""

    def __init__(self, phone_id: str) -> None:
        super().__init__(f"the call to the phone of {phone_id} could not be sent; the log says why")


class PortsExhausted(TelephonyError):
    """Every RTP port of the range is in use."""

    def __init__(self, first: int, last: int, size: int) -> None:
        super().__init__(
            f"all {size} RTP ports from {first} to {last} are in use; widen the range "
            "(media.ports in dialer.toml) or lower the channels"
        )


class PortNotTaken(TelephonyError):
    """A port is given back that was not taken."""


class SoundFileError(TelephonyError):
    """A file of sound that cannot be used. The message names it and says what to do."""

    def __init__(self, path: Path, cause: str) -> None:
        super().__init__(f"{path}: {cause}")
        self.path = path


class SpeechUnavailable(TelephonyError):
    """A text that cannot be spoken. The message says what to do."""


class LegExists(TelephonyError):
    """A contact leg or agent's line that is open already; close it first."""


class NoSuchLeg(TelephonyError):
    """A contact leg or agent's line that is not open."""
