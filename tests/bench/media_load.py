"""`python -m tests.bench.media_load SECONDS PORT…`: far ends for the media benchmark, in a process of their own.

One socket for each port of the media process: says its own port on a first line, then, told by a line on stdin,
sends 50 packets a second of G.711 to each and counts what comes back. The last line is what it counted, as JSON.
"""

from __future__ import annotations

import json
import select
import socket
import sys
import time

from dialer.media.rtp import FRAME_S, RtpSender

HOST = "127.0.0.1"
SLOTS = 4
"""The senders are spread over the 20 ms, as unrelated calls are: a quarter of them every 5 ms."""
SETTLE_S = 0.3


def main(arguments: list[str]) -> None:
    seconds, ports = float(arguments[0]), [int(port) for port in arguments[1:]]
    sockets = []
    for port in ports:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind((HOST, 0))
        sock.setblocking(False)
        sock.connect((HOST, port))
        sockets.append(sock)
    print(json.dumps([sock.getsockname()[1] for sock in sockets]), flush=True)
    sys.stdin.readline()
    print(json.dumps(_run(sockets, seconds)), flush=True)


def _run(sockets: list[socket.socket], seconds: float) -> dict[str, float]:
    poll = select.epoll()
    by_descriptor = {sock.fileno(): sock for sock in sockets}
    for descriptor in by_descriptor:
        poll.register(descriptor, select.EPOLLIN)
    senders = [RtpSender(n, n, n * 1_000) for n in range(len(sockets))]
    frame = bytes(range(160))
    sent = received = refused = 0
    worst_s = 0.0
    start = due = time.monotonic()
    ticks = round(seconds / FRAME_S * SLOTS)
    for tick in range(ticks + round(SETTLE_S / FRAME_S * SLOTS)):
        if tick < ticks:
            for n in range(tick % SLOTS, len(sockets), SLOTS):
                try:
                    sockets[n].send(senders[n].packet(frame))
                    sent += 1
                except OSError:
                    refused += 1
        while ready := poll.poll(0):
            for descriptor, _ in ready:
                try:
                    by_descriptor[descriptor].recv(2_048)
                    received += 1
                except OSError:
                    refused += 1
            if len(ready) < len(sockets) // 2:
                break
        due += FRAME_S / SLOTS
        late_s = time.monotonic() - due
        worst_s = max(worst_s, late_s)
        time.sleep(max(0.0, -late_s))
    took_s = time.monotonic() - start - SETTLE_S
    return {"sent": sent, "received": received, "refused": refused, "took_s": took_s, "worst_s": worst_s}


if __name__ == "__main__":
    main(sys.argv[1:])
