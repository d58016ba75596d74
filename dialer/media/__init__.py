"""Sound on the wire, without I/O: RTP packets, G.711, tones."""
