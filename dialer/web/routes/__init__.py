"""Routes of the control API, one module a subject."""
