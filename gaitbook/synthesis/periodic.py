r"""Coordinates as periodic functions of the stride: finite Fourier series, one per coordinate.

.. math:: q(\phi) = a_0 + \sum_k a_k \cos 2\pi k\phi + b_k \sin 2\pi k\phi

Coefficients stand in the order :math:`a_0, a_1, b_1, a_2, b_2, \dots`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


def fourier_matrix(phase: Array, harmonics: int, derivative: int = 0) -> Array:
    """Matrix (phase, coefficient) that evaluates a series, or one of its derivatives by phase.

    Parameters
    ----------
    phase
        (phase,), strides; one stride is from 0 to 1.
    harmonics
        Highest harmonic.
    derivative
        0, 1 or 2.
    """
    order = 2.0 * np.pi * np.arange(1, harmonics + 1)
    # each derivative turns a wave by a quarter and multiplies it by its frequency
    angle = np.multiply.outer(phase, order) + 0.5 * np.pi * derivative
    scale = order**derivative
    waves = np.stack([scale * np.cos(angle), scale * np.sin(angle)], axis=-1).reshape(*np.shape(phase), -1)
    constant = np.full((*np.shape(phase), 1), 1.0 if derivative == 0 else 0.0)
    return np.concatenate([constant, waves], axis=-1)


def shift_phase(coefficients: Array, shift: float) -> Array:
    """Coefficients (..., coefficient) of the series that is later by a share of the stride: q(phase - shift)."""
    order = np.arange(1, coefficients.shape[-1] // 2 + 1)
    cosine, sine = np.cos(2.0 * np.pi * order * shift), np.sin(2.0 * np.pi * order * shift)
    a, b = coefficients[..., 1::2], coefficients[..., 2::2]
    turned = np.stack([a * cosine - b * sine, a * sine + b * cosine], axis=-1)
    return np.concatenate([coefficients[..., :1], turned.reshape(*a.shape[:-1], -1)], axis=-1)


def resize(coefficients: Array, harmonics: int) -> Array:
    """Coefficients (..., 1 + 2 harmonics): higher ones are cut off, missing ones are zero."""
    size = 1 + 2 * harmonics
    fitted = np.zeros((*coefficients.shape[:-1], size))
    kept = min(size, coefficients.shape[-1])
    fitted[..., :kept] = coefficients[..., :kept]
    return fitted


def spectral_derivative(count: int, derivative: int = 1) -> Array:
    """Matrix (count, count) that differentiates one period of evenly spaced samples by phase, exact below Nyquist."""
    frequency = 2.0j * np.pi * np.fft.fftfreq(count, 1.0 / count)
    if count % 2 == 0 and derivative % 2:
        frequency[count // 2] = 0.0
    response = (frequency**derivative)[:, None] * np.fft.fft(np.eye(count), axis=0)
    return np.asarray(np.fft.ifft(response, axis=0).real)


@dataclass(frozen=True)
class SeriesLayout:
    """Where the coefficients of each coordinate stand in one long vector.

    Parameters
    ----------
    names
        Coordinates.
    harmonics
        Highest harmonic of each.
    """

    names: tuple[str, ...]
    harmonics: tuple[int, ...]

    @cached_property
    def edges(self) -> tuple[int, ...]:
        """First place of every coordinate, and the length of the whole."""
        return tuple(np.cumsum([0, *(1 + 2 * count for count in self.harmonics)]).tolist())

    @property
    def size(self) -> int:
        """Length of the vector."""
        return self.edges[-1]

    @cached_property
    def order(self) -> NDArray[np.int64]:
        """Harmonic of every entry, (entry,)."""
        rows = [np.r_[0, np.repeat(np.arange(1, count + 1), 2)] for count in self.harmonics]
        return np.concatenate(rows)

    @cached_property
    def owner(self) -> NDArray[np.int64]:
        """Number of the coordinate of every entry, (entry,)."""
        return np.repeat(np.arange(len(self.names)), [1 + 2 * count for count in self.harmonics])

    def part(self, name: str) -> slice:
        """Places of a coordinate."""
        number = self.names.index(name)
        return slice(self.edges[number], self.edges[number + 1])

    def gather(self, series: Mapping[str, Array]) -> Array:
        """One vector of the series of all coordinates; those not given are zero."""
        rows = [
            resize(np.asarray(series.get(name, np.zeros(1)), dtype=float), count)
            for name, count in zip(self.names, self.harmonics, strict=True)
        ]
        return np.concatenate(rows)

    def split(self, vector: Array) -> dict[str, Array]:
        """Series of every coordinate from one vector."""
        return {
            name: vector[first:last]
            for name, (first, last) in zip(self.names, pairwise(self.edges), strict=True)
        }

    def pad(self, vector: Array) -> Array:
        """Series of all coordinates with as many harmonics as the finest, (coordinate, coefficient)."""
        size = 1 + 2 * max(self.harmonics)
        table = np.zeros((len(self.names), size))
        table[self.owner, self._place] = vector
        return table

    @cached_property
    def _place(self) -> NDArray[np.int64]:
        return np.concatenate([np.arange(1 + 2 * count) for count in self.harmonics])

    def waves(self, phase: Array, derivative: int = 0) -> Array:
        """Value of every entry's own wave at phases, (phase, entry)."""
        whole = fourier_matrix(phase, max(self.harmonics), derivative)
        return np.asarray(whole[:, self._place])

    def evaluate(self, vector: Array, phase: Array, derivative: int = 0) -> Array:
        """Coordinates, or derivatives by phase, (phase, coordinate)."""
        waves = self.waves(phase, derivative) * vector
        return np.asarray(np.add.reduceat(waves, self.edges[:-1], axis=1))
