"""The calls of this process, on disk before their datagrams leave, so that the next one can end what a kill left.

One line a note, written at once and never synced: the kernel keeps it when the process dies; a power failure takes
the call as well. The file is rewritten when it is opened and whenever it has grown, so it stays as large as the
open calls need. Octets of a request stand in one field with NUL for CRLF, which no header of ours contains.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import structlog

from dialer.sip.call_notes import CallNote, DialogUp, InviteSent, LeftCall
from dialer.sip.hop import STREAMS, Hop, StreamHop
from dialer.telephony.errors import LedgerUnavailable
from dialer.telephony.udp import Address

log = structlog.wrap_logger(logging.getLogger("dialer.telephony"))

FIRST_LINE = b"calls 1\n"
"""The layout's number."""

REWRITTEN_AT = 8 * 1024 * 1024
"""Octets; some ten thousand calls. Rewriting with 500 calls open takes about a millisecond."""


class CallLedger:
    """`left`: what was open when the file was last written to. `address`: where that process listened, None when
    that is not known. One process at a time: the home's owner lock sees to that."""

    def __init__(self, path: Path, left: tuple[LeftCall, ...], address: Address | None) -> None:
        self.left = left
        self.address = address
        self._path = path
        self._open: dict[bytes, list[bytes]] = {}
        self._over: list[bytes] = []
        self._torn = False
        self._failed = False
        for call in left:
            self._open[call.call_id] = lines = [_invite_line(call)]
            if call.next_hop is not None:
                lines.append(_dialog_line(DialogUp(call.call_id, call.next_hop, call.ack)))
        self._descriptor = -1
        self._octets = 0
        self._rewrite()

    def bound(self, address: Address) -> None:
        """We listen here now."""
        self.address = address
        self._write(_address_line(address))

    def keep(self, notes: Iterable[CallNote]) -> None:
        """Write notes down, before any datagram they are about leaves; only `CallOver` waits for the next note of
        another kind, for nothing worse comes of losing it than a BYE for a call that is over. A file that cannot
        be written to is said once; calls go on without it."""
        lines: list[bytes] = []
        for note in notes:
            call_id = note.call_id
            if type(note) is InviteSent:
                line = _invite_line(note)
                self._open[call_id] = [line]
            elif type(note) is DialogUp:
                line = _dialog_line(note)
                known = self._open.get(call_id)
                if known is None:
                    continue  # a call that is not ours to end
                del known[1:]
                known.append(line)
            else:
                if self._open.pop(call_id, None) is not None:
                    self._over.append(b"over %b\n" % call_id)
                continue
            lines.append(line)
        if lines:
            self._write(b"".join(lines))

    def close(self) -> None:
        """Write what waits, and let go of the file. May be called twice."""
        if self._over:
            self._write(b"")
        self._let_go()

    def _let_go(self) -> None:
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _write(self, data: bytes) -> None:
        if self._descriptor < 0:
            return
        if self._octets > REWRITTEN_AT:
            try:
                self._rewrite()  # holds these lines already
            except LedgerUnavailable as error:
                self._fault(str(error))
                self._octets = 0  # try again when as much has been written once more
            else:
                return
        if self._over:
            data = b"".join(self._over) + data
            self._over.clear()
        if self._torn:
            data = b"\n" + data
        try:
            written = os.write(self._descriptor, data)
        except OSError as error:
            self._fault(error.strerror or str(error))
            return
        self._octets += written
        self._torn = written < len(data)
        if self._torn:
            self._fault("the disk is full")
        else:
            self._failed = False

    def _fault(self, cause: str) -> None:
        if not self._failed:
            self._failed = True
            log.warning(
                "calls are not being written down; should this process be killed, they stay up at the carrier. "
                "Free the disk",
                path=str(self._path),
                cause=cause,
            )

    def _rewrite(self) -> None:
        """Only what is open, in a new file that takes the place of the old one at once."""
        lines = [FIRST_LINE]
        if self.address is not None:
            lines.append(_address_line(self.address))
        for known in self._open.values():
            lines += known
        data = b"".join(lines)
        beside = self._path.with_name(self._path.name + ".new")
        descriptor = -1
        try:
            descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC, 0o600)
            written = os.write(descriptor, data)
            if written < len(data):
                raise OSError(f"only {written} of {len(data)} octets fit")
            beside.replace(self._path)
        except OSError as error:
            if descriptor >= 0:
                os.close(descriptor)
            raise LedgerUnavailable(self._path, error.strerror or str(error)) from error
        self._let_go()
        self._over.clear()
        self._descriptor = descriptor
        self._octets = len(data)
        self._torn = False


def open_call_ledger(path: Path) -> CallLedger:
    """The ledger of a home, with what a process before this one left in it. Raises `LedgerUnavailable`."""
    left, address = left_behind(path)
    return CallLedger(path, left, address)


def left_behind(path: Path) -> tuple[tuple[LeftCall, ...], Address | None]:
    """The calls open when the file was last written to, in the order they were placed, and where that process
    listened. What does not parse, such as a last line cut short, is left out. Raises `LedgerUnavailable`."""
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return (), None
    except OSError as error:
        raise LedgerUnavailable(path, error.strerror or str(error)) from error
    address: Address | None = None
    calls: dict[bytes, LeftCall] = {}
    lines = data.split(b"\n")
    unread = int(lines[0] != FIRST_LINE[:-1])
    for line in lines[1:-1]:  # the last is empty, or was cut short
        try:
            match line.split(b" ", 5):
                case [b"at", host, port]:
                    address = _address(host, port)
                case [b"invite", call_id, key, host, port, octets]:
                    calls[call_id] = LeftCall(int(key), call_id, _hop(host, port), _restored(octets))
                case [b"up", call_id, host, port, *rest] if call_id in calls:
                    ack, hop = _restored(b" ".join(rest)), _hop(host, port)
                    calls[call_id] = replace(calls[call_id], ack=ack, next_hop=hop)
                case [b"over", call_id]:
                    calls.pop(call_id, None)
                case [b""] | [b"up", *_]:
                    pass
                case _:
                    unread += 1
        except ValueError:
            unread += 1
    if unread:
        log.warning("lines of the call ledger do not parse", path=str(path), lines=unread)
    return tuple(calls.values()), address


def _address_line(address: Address) -> bytes:
    return b"at %b %d\n" % (address[0].encode(), address[1])


def _invite_line(note: InviteSent | LeftCall) -> bytes:
    host, port = _hop_fields(note.destination)
    octets = note.invite.replace(b"\r\n", b"\0")
    return b"invite %b %d %b %d %b\n" % (note.call_id, note.key, host, port, octets)


def _dialog_line(note: DialogUp) -> bytes:
    host, port = _hop_fields(note.next_hop)
    # Part of it is what the far end sent: a NUL of theirs must not become a line of ours.
    octets = note.ack.replace(b"\0", b" ").replace(b"\r\n", b"\0")
    return b"up %b %b %d %b\n" % (note.call_id, host, port, octets)


def _hop_fields(hop: Hop) -> tuple[bytes, int]:
    """`host`, or `host/tcp`, `host/tls/name` over a connection; the number of that is worth nothing to who comes
    after this process."""
    if not isinstance(hop, StreamHop):
        return hop[0].encode(), hop[1]
    more = f"/{hop.name}" if hop.name else ""
    return f"{hop.host}/{hop.transport}{more}".encode(), hop.port


def _hop(host: bytes, port: bytes) -> Hop:
    place, *more = host.split(b"/")
    address = _address(place, port)
    if not more:
        return address
    transport = more[0].decode()
    if transport not in STREAMS or len(more) > 2:
        raise ValueError("not a transport")
    return StreamHop(*address, transport, more[1].decode("ascii") if len(more) > 1 else "")


def _restored(octets: bytes) -> bytes:
    return octets.replace(b"\0", b"\r\n")


def _address(host: bytes, port: bytes) -> Address:
    number = int(port)
    if not 0 < number <= 65_535 or not host:
        raise ValueError("not an address")
    return host.decode("ascii"), number
