"""The control API's server: `app` (routes), `access` (who may what), `server` (sockets)."""
