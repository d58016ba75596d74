"""The control API as both sides see it: `schemas`, `roles` (who may what), `client` (how to ask)."""
