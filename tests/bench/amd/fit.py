"""Fits a small network by Adam, in numpy: the same numbers from the same rows, seed and machine."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from dialer.media.amd.model import Network

Array = NDArray[np.float32]

_BATCH = 1_024


def fit(
    rows: Array,
    wanted: Array,
    weights: Array,
    hidden: Sequence[int],
    *,
    epochs: int,
    seed: int,
    decay: float = 1e-5,
    blur: float = 0.0,
) -> Network:
    """`wanted`: 0 or 1 a row; `weights`: how much each counts. Cross entropy, the rate falling like a cosine."""
    random = default_rng(seed)
    mean, spread = rows.mean(axis=0), rows.std(axis=0) + np.float32(1e-3)
    scaled = (rows - mean) / spread
    sizes = [rows.shape[1], *hidden, 1]
    layers = [
        [(random.standard_normal((a, b)) / np.sqrt(a)).astype(np.float32), np.zeros(b, np.float32)]
        for a, b in pairwise(sizes)
    ]
    first = [[np.zeros_like(part) for part in layer] for layer in layers]
    second = [[np.zeros_like(part) for part in layer] for layer in layers]
    steps = epochs * (len(rows) // _BATCH)
    step = 0
    for _ in range(epochs):
        order = random.permutation(len(rows))
        for start in range(0, len(rows) - _BATCH + 1, _BATCH):
            batch = order[start : start + _BATCH]
            step += 1
            rate = 3e-3 * 0.5 * (1 + np.cos(np.pi * step / steps)) + 1e-5
            slopes = _slopes(layers, _blurred(scaled[batch], blur, random), wanted[batch], weights[batch])
            for layer, slope, m, v in zip(layers, slopes, first, second, strict=True):
                for nth, gradient in enumerate(slope):
                    m[nth] = 0.9 * m[nth] + 0.1 * gradient
                    v[nth] = 0.999 * v[nth] + 0.001 * gradient**2
                    change = (m[nth] / (1 - 0.9**step)) / (np.sqrt(v[nth] / (1 - 0.999**step)) + 1e-8)
                    layer[nth] -= (rate * (change + decay * layer[nth])).astype(np.float32)
    return Network(mean, spread, tuple((weight, bias) for weight, bias in layers))


def _blurred(rows: Array, blur: float, random: Generator) -> Array:
    return rows + blur * random.standard_normal(rows.shape, np.float32) if blur else rows


def _slopes(layers: list[list[Array]], rows: Array, wanted: Array, weights: Array) -> list[tuple[Array, Array]]:
    values = [rows]
    for weight, bias in layers[:-1]:
        values.append(np.tanh(values[-1] @ weight + bias))
    weight, bias = layers[-1]
    logits = (values[-1] @ weight + bias)[:, 0]
    error = ((1 / (1 + np.exp(-logits)) - wanted) * weights / weights.sum())[:, None]
    slopes: list[tuple[Array, Array]] = []
    for nth in range(len(layers) - 1, -1, -1):
        slopes.append((values[nth].T @ error, error.sum(axis=0)))
        if nth:
            error = (error @ layers[nth][0].T) * (1 - values[nth] ** 2)
    return slopes[::-1]
