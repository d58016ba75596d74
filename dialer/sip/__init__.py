"""SIP without I/O (`docs/decisions/0001-own-sip-core.md`)."""
