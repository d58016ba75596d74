"""The control API as both sides see it: `schemas`, what goes over it; `roles`, who may what; `client`, how to ask."""
