from __future__ import annotations

from dialer.media.wav import HEADER_OCTETS, header


def test_the_header_as_it_lies_in_the_file() -> None:
    data = header(2, 320)
    assert len(data) == HEADER_OCTETS == 58
    assert data[:4] + data[8:16] == b"RIFFWAVEfmt "
    assert int.from_bytes(data[4:8], "little") == 50 + 320
    assert int.from_bytes(data[20:22], "little") == 7  # µ-law
    assert data[38:42] == b"fact"
    assert int.from_bytes(data[46:50], "little") == 160
    assert data[50:] == b"data" + (320).to_bytes(4, "little")
