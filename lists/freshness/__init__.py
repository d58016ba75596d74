"""How much of a list is still alive, how long it stays so, and what to do about it
(`docs/how-to/freshness.md`)."""
