from __future__ import annotations

import numpy as np

from dialer.media.g711 import ulaw_decode, ulaw_encode
from dialer.media.linear import decode, encode


def test_every_sample_is_coded_as_one_by_one() -> None:
    samples = range(-32_768, 32_768)
    assert encode(np.array(samples, dtype=np.int32)) == ulaw_encode(samples)


def test_every_octet_is_decoded_as_one_by_one() -> None:
    octets = bytes(range(256))
    assert decode(octets).tolist() == ulaw_decode(octets).tolist()
