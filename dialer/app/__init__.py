"""Composition: the one place that joins ports to adapters.

`installation.py`: a home opened to write or to read (`open_home`, `read_home`). `demo.py`, `simulate.py`: the
product's main jobs put together.
"""
