"""Fourier coefficients, tables and numbers shared by the derivation of the reference curves."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import ArrayLike, NDArray

Array = NDArray[np.float64]
Table = dict[str, Any]

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("GAITBOOK_DATA", "data"))
PUBLISHED: Table = yaml.safe_load(Path(__file__).with_name("published_curves.yml").read_text())
PHASES = np.arange(200) / 200
EVEN, ODD, ALL = 0, 1, None


def fourier(curve: Array, harmonics: int, kept: int | None = ALL) -> Array:
    """Coefficients a0, a1, b1, a2, b2 ... of one cycle; harmonics of the other parity are zero."""
    spectrum = np.fft.rfft(curve) / len(curve)
    result = np.zeros(1 + 2 * harmonics)
    result[0] = spectrum[0].real
    result[1::2], result[2::2] = (
        2 * spectrum[1 : harmonics + 1].real,
        -2 * spectrum[1 : harmonics + 1].imag,
    )
    order = np.r_[0, np.repeat(np.arange(1, harmonics + 1), 2)]
    return result if kept is ALL else np.where(order % 2 == kept, result, 0.0)


def evaluate(coefficients: Sequence[float], phase: Array = PHASES) -> Array:
    """Curve of Fourier coefficients."""
    turns = 2 * np.pi * np.outer(np.arange(1, len(coefficients) // 2 + 1), phase)
    return (
        coefficients[0]
        + np.dot(coefficients[1::2], np.cos(turns))
        + np.dot(coefficients[2::2], np.sin(turns))
    )


def rounded(values: ArrayLike, digits: int = 3) -> Any:  # noqa: ANN401 (a number or nested lists, for YAML)
    """Plain numbers of an array."""
    return (np.round(np.asarray(values, dtype=float), digits) + 0.0).tolist()
