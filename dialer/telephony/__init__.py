"""Sockets: SIP and RTP over UDP on asyncio, around the cores of `dialer.sip` and `dialer.media`."""
