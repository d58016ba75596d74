"""The answering-machine detector: its sets, its training, its figures, and Asterisk's detector beside it."""

from tests.bench.amd.figures import bench

__all__ = ("bench",)
