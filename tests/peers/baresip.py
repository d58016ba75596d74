"""baresip as an agent's phone, on loopback, with an account at our registrar and no sound card."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import wave
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

HOST = "127.0.0.1"
MODULES = Path("/usr/lib/baresip/modules")

_CONFIG = """
poll_method             epoll
sip_listen              {host}:{port}
net_interface           {host}
module_path             {modules}
audio_player            aubridge,nil
audio_source            {source}
audio_alert             aubridge,nil
rtp_ports               {rtp}-{rtp_last}
module                  g711.so
module                  aubridge.so
module                  auloop.so
module                  srtp.so
module_tmp              uuid.so
module_tmp              account.so
module_app              menu.so
"""


_TONE = """
ausrc_srate             48000
ausrc_channels          2
snd_path                {home}
module                  ausine.so
module                  sndfile.so
"""


@dataclass
class Baresip:
    """One phone. `port`: its SIP port, over UDP and TCP."""

    port: int
    process: asyncio.subprocess.Process
    log: Path

    @property
    def tls_port(self) -> int:
        return self.port + 1

    async def kill(self) -> None:
        """As the power would fail."""
        self.process.kill()
        await self.process.wait()

    def heard(self) -> bytes:
        """16-bit samples, 8 kHz, of what the only call of a phone with a tone has brought; to be had once it is
        over."""
        (dump,) = self.log.parent.glob("dump-*-dec.wav")
        with wave.open(str(dump)) as file:
            assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8_000, 1, 2)
            return bytes(file.readframes(file.getnframes()))

    async def end(self) -> None:
        """As somebody would switch it off: it says goodbye."""
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                await asyncio.wait_for(self.process.wait(), 5.0)
            except TimeoutError:
                self.process.kill()
                await self.process.wait()


@contextlib.asynccontextmanager
async def baresip(
    folder: Path,
    user: str,
    password: str = "none",
    registrar_port: int = 0,
    *,
    transport: str = "udp",
    mediaenc: str = "",
    certificate: Path | None = None,
    hz: int | None = None,
) -> AsyncIterator[Baresip]:
    """Running for as long as the block lasts. `registrar_port`: where it registers; 0: nowhere. `mediaenc`: how it
    protects audio: `srtp` where both can, `srtp-mand` always. `certificate`: PEM file with the key in it, to be
    called over TLS. It says what it hears, or a tone of `hz`."""
    home = folder / "baresip"
    home.mkdir(parents=True)
    port, rtp = _free_port(), _free_port() & ~1
    source = "aubridge,nil" if hz is None else f"ausine,{hz}"
    config = _CONFIG.format(host=HOST, port=port, modules=MODULES, rtp=rtp, rtp_last=rtp + 10, source=source)
    if hz is not None:
        config += _TONE.format(home=home)
    if certificate is not None:
        config += f"sip_certificate {certificate}\n"
    (home / "config").write_text(config, encoding="utf-8")
    (home / "accounts").write_text(
        f"<sip:{user}@{HOST}:{registrar_port or port};transport={transport}>"
        f";auth_user={user};auth_pass={password};regint={60 if registrar_port else 0};answermode=auto"
        f"{f';mediaenc={mediaenc}' if mediaenc else ''}\n"
    )
    (home / "contacts").write_text("")
    log = home / "log"
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            *("baresip", "-f", str(home)),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    phone = Baresip(port, process, log)
    try:
        async with asyncio.timeout(10.0):
            while "baresip is ready" not in log.read_text(errors="replace"):
                await asyncio.sleep(0.01)
        yield phone
    finally:
        await phone.end()


def _free_port() -> int:
    """One whose neighbours are likely free too: baresip takes the next as well."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind((HOST, 0))
        return int(sock.getsockname()[1])
