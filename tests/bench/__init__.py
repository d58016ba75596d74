"""Benchmarks: run by hand (`make bench`), never asserted in tests. Results: `docs/benchmarks.md`."""
