"""Kamailio as a proxy and a registrar, on loopback: what comes is authenticated (REGISTER, by SHA-256) or sent on
to one place, with Record-Route."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import Certificates
from tests.peers.ports import free_ports, listens

HOST = "127.0.0.1"
START_WITHIN_S = 15.0

_CONFIG = """
debug=1
log_stderror=yes
fork=yes
children=1
tcp_children=1
auto_aliases=no
dns=no
rev_dns=no
enable_tls=yes
listen=udp:{host}:{udp}
listen=tcp:{host}:{tcp}
listen=tls:{host}:{tls}
{modules}
modparam("tls", "config", "{folder}/tls.cfg")
modparam("auth", "algorithm", "SHA-256")
modparam("auth", "nonce_expire", {nonce_expire})
modparam("rr", "enable_full_lr", 1)

request_route {{
    if (is_method("REGISTER")) {{
        if (!pv_www_authenticate("peer", "secret", "0")) {{
            www_challenge("peer", "1");
            exit;
        }}
        append_to_reply("Contact: $(ct)\\r\\n");
        sl_send_reply("200", "OK");
        exit;
    }}
    if (has_totag()) {{
        if (loose_route() || (is_method("ACK") && t_check_trans())) {{
            t_relay();
            exit;
        }}
        if (!is_method("ACK")) sl_send_reply("404", "Not here");
        exit;
    }}
    if (is_method("CANCEL")) {{
        if (t_check_trans()) t_relay();
        exit;
    }}
    record_route();
    $du = "sip:{host}:{onward}";
    t_relay();
}}
"""


@dataclass
class Kamailio:
    """Where it listens."""

    udp: int
    tcp: int
    tls: int


@contextlib.asynccontextmanager
async def kamailio(
    folder: Path, certificates: Certificates, onward: int, *, nonce_expire: int = 300
) -> AsyncIterator[Kamailio]:
    """Running for as long as the block lasts. `onward`: the UDP port that calls are sent to."""
    udp, tcp, tls = free_ports(3)
    modules = ("tls", "kex", "corex", "tm", "tmx", "sl", "rr", "pv", "textops", "siputils", "auth")
    config = folder / "kamailio.cfg"
    config.write_text(
        _CONFIG.format(
            host=HOST,
            udp=udp,
            tcp=tcp,
            tls=tls,
            onward=onward,
            folder=folder,
            nonce_expire=nonce_expire,
            modules="\n".join(f'loadmodule "{name}.so"' for name in modules),
        )
    )
    (folder / "tls.cfg").write_text(
        f"[server:default]\nmethod = TLSv1.2+\nverify_certificate = no\nrequire_certificate = no\n"
        f"private_key = {certificates.key}\ncertificate = {certificates.certificate}\n"
    )
    log = folder / "kamailio.log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("kamailio", "-f", str(config), "-DD", "-E", "-Y", str(folder), "-m", "32", "-M", "4"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        async with asyncio.timeout(START_WITHIN_S):
            while not listens(tls, "tcp"):
                assert process.returncode is None, log.read_text(errors="replace")[-4_000:]
                await asyncio.sleep(0.02)
        yield Kamailio(udp, tcp, tls)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)  # its children end with it
            try:
                await asyncio.wait_for(process.wait(), 5.0)
            except TimeoutError:
                process.kill()
                await process.wait()
