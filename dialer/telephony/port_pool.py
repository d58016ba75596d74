"""The RTP ports of one installation."""

from __future__ import annotations

from collections import deque

from dialer.telephony.errors import PortNotTaken, PortsExhausted


class PortPool:
    """Even ports from `first` to `last`, inclusive (RFC 3550 § 11: RTP on even ports, RTCP on the next).

    The port longest unused is handed out first, so that late packets of the call that had it before have
    died away. Raises ValueError for a range without an even port.
    """

    def __init__(self, first: int, last: int) -> None:
        if not 1024 <= first <= last <= 65_535:
            raise ValueError(f"RTP ports {first} to {last}: choose a range within 1024 to 65535")
        self.first = first + first % 2
        self.last = last - last % 2
        if self.first > self.last:
            raise ValueError(f"RTP ports {first} to {last}: no even port among them")
        self._free = deque(range(self.first, self.last + 1, 2))
        self._taken: dict[int, None] = {}
        self.size = len(self._free)

    @property
    def free(self) -> int:
        return len(self._free)

    @property
    def taken(self) -> int:
        return len(self._taken)

    def take(self, wanted: int | None = None) -> int:
        """A port nobody has, `wanted` if it must be that one. Raises `PortsExhausted`, also when that is taken."""
        if not self._free or (wanted is not None and wanted not in self._free):
            raise PortsExhausted(self.first, self.last, self.size)
        if wanted is None:
            port = self._free.popleft()
        else:
            port = wanted
            self._free.remove(wanted)
        self._taken[port] = None
        return port

    def give_back(self, port: int) -> None:
        """The port may be used again. Raises `PortNotTaken`."""
        if port not in self._taken:
            raise PortNotTaken(f"RTP port {port} was not taken from {self.first}–{self.last}")
        del self._taken[port]
        self._free.append(port)
