"""Weight of a person by the plates under their feet."""

from typing import TypeAlias

import numpy as np
import xarray as xr
from numpy.typing import NDArray

from gaitbook.conventions import CONTACT_FORCE_N, FEET, UP

Array: TypeAlias = NDArray[np.float64]
Span: TypeAlias = tuple[float, float]


def plate_weight(trial: xr.Dataset, *, threshold_n: float = CONTACT_FORCE_N) -> float:
    """Weight by the plates, N: the mean vertical force of both feet over whole strides, or steps where none is whole.

    Over a whole stride of steady gait the vertical momentum does not change; over a step of two like sides neither.

    Parameters
    ----------
    trial
        With ``ground_reaction_force``.
    threshold_n
        Above it a foot is down.

    Raises
    ------
    ValueError
        The plates saw no step.
    """
    from scipy.interpolate import make_interp_spline

    vertical = trial["ground_reaction_force"].sel(axis=UP).transpose("time", "foot").fillna(0.0)
    time_s, total_n = vertical["time"].values, vertical.sum("foot").values
    crossings = [
        _crossings(time_s, vertical.sel(foot=foot).values - threshold_n, rising=rising)
        for rising in (True, False)
        for foot in FEET
    ]
    spans = [span for times in crossings if (span := _ends(times))]
    spans = spans or [
        span for sides in (crossings[:2], crossings[2:]) for span in _steps(np.concatenate(sides))
    ]
    if not spans:
        raise ValueError(
            f"the plates of trial {trial.attrs.get('trial', '?')} saw no whole step: no weight is known"
        )
    area = make_interp_spline(time_s, total_n, k=1)
    impulse_ns, elapsed_s = np.sum([(area.integrate(*span), span[1] - span[0]) for span in spans], axis=0)
    return float(impulse_ns / elapsed_s)


def _crossings(time_s: Array, excess_n: Array, *, rising: bool) -> Array:
    """Times at which a load begins (or ends), between samples."""
    signal = excess_n if rising else -excess_n
    before = np.flatnonzero((signal[:-1] <= 0) & (signal[1:] > 0))
    share = signal[before] / (signal[before] - signal[before + 1])
    return np.asarray(time_s[before] + share * (time_s[before + 1] - time_s[before]))


def _ends(times_s: Array) -> Span | None:
    return (float(times_s[0]), float(times_s[-1])) if len(times_s) > 1 else None


def _steps(times_s: Array) -> list[Span]:
    span = _ends(np.sort(times_s))
    return [span] if span else []
