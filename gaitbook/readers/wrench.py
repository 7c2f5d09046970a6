r"""The wrench of a force plate: force, and moment about the origin of the laboratory.

The two add, scale, filter and interpolate; the center of pressure does none of these, so it is always computed
last. On a horizontal surface at height :math:`h`, with force :math:`F` and moment :math:`M` about the origin,

.. math:: p_x = (M_z + h F_x) / F_y, \quad p_z = (h F_z - M_x) / F_y, \quad T = M_y - (p_z F_x - p_x F_z),

where :math:`p` is the center of pressure and :math:`T` the free moment about the vertical through it.
"""

import numpy as np

from gaitbook.conventions import CONTACT_FORCE_N

UNLOADED_BAND_N = 60.0
"""Offsets of an empty plate stay within this; a loaded one passes through it in a few milliseconds."""

UNLOADED_SHARE = 0.02
"""Share of a recording that a plate must be empty for before its offset can be told."""

ANTI_ALIAS_SHARE = 0.4
"""Cut-off as a share of the new sampling rate: under the Nyquist frequency, with room for the filter's slope."""


def center_of_pressure(
    force: np.ndarray, moment: np.ndarray, height_m: np.ndarray | float = 0.0
) -> np.ndarray:
    """Point of the surface where the force acts; NaN where the plate is unloaded.

    Parameters
    ----------
    force
        Force on the person (..., axis), N.
    moment
        Moment about the laboratory origin (..., axis), N m.
    height_m
        Height of the surface, m.

    Returns
    -------
    numpy.ndarray
        Center of pressure (..., axis), m; NaN where the vertical force is less than 20 N.

    Examples
    --------
    >>> force, point = np.array([0.0, 700.0, 0.0]), np.array([0.4, 0.0, -0.1])
    >>> center_of_pressure(force, np.cross(point, force)).round(6).tolist()
    [0.4, 0.0, -0.1]
    """
    vertical = np.where(np.abs(force[..., 1]) >= CONTACT_FORCE_N, force[..., 1], np.nan)
    height = np.broadcast_to(height_m, vertical.shape)
    return np.stack(
        [
            (moment[..., 2] + height * force[..., 0]) / vertical,
            np.where(np.isnan(vertical), np.nan, height),
            (height * force[..., 2] - moment[..., 0]) / vertical,
        ],
        axis=-1,
    )


def free_moment(force: np.ndarray, moment: np.ndarray, point: np.ndarray) -> np.ndarray:
    """Moment about the vertical through the center of pressure, N m; zero where there is none.

    Parameters
    ----------
    force, moment
        Force (..., axis), N, and moment about the laboratory origin (..., axis), N m.
    point
        Center of pressure (..., axis), m.
    """
    about_point = moment[..., 1] - (point[..., 2] * force[..., 0] - point[..., 0] * force[..., 2])
    return np.where(np.isnan(point[..., 0]), 0.0, about_point)


def unloaded_offset(wrench: np.ndarray) -> np.ndarray:
    """Return what a plate reads with nobody on it.

    The offset is the median over the middle halves of all stretches in which the vertical force stays within 60 N
    of zero; their ends still hold the last of one contact and the first of the next. A plate that is empty for less
    than 2 % of the recording has no known offset.

    Parameters
    ----------
    wrench
        Force and moment (time, 6), N and N m.

    Returns
    -------
    numpy.ndarray
        Offset (6,); zeros if the plate is hardly ever empty.
    """
    near_zero = np.abs(wrench[:, 1]) < UNLOADED_BAND_N
    if near_zero.sum() < max(UNLOADED_SHARE * len(wrench), 3):
        return np.zeros(6)
    edges = np.flatnonzero(np.diff(np.concatenate([[0], near_zero.astype(int), [0]])))
    quarters = (edges[1::2] - edges[::2]) // 4
    middles = [np.arange(a + q, b - q) for a, b, q in zip(edges[::2], edges[1::2], quarters, strict=True)]
    # A contact that grazes zero leaves a stretch of a few samples; the long ones are the flights.
    longest = max(len(middle) for middle in middles)
    empty = np.concatenate([middle for middle in middles if 2 * len(middle) >= longest])
    return np.median(wrench[empty], axis=0)


def anti_alias(signal: np.ndarray, *, sampling_rate_hz: float, new_rate_hz: float) -> np.ndarray:
    """Return a signal without the frequencies that a lower sampling rate cannot carry, not shifted in time.

    A second-order Butterworth low-pass at 0.4 times the new rate, run forward and backward (fourth order, zero
    lag). A signal that is not sampled faster than the new rate comes back unchanged.

    Parameters
    ----------
    signal
        Evenly sampled values (time, ...).
    sampling_rate_hz, new_rate_hz
        Present sampling rate and the one that it will be resampled to, Hz.
    """
    if sampling_rate_hz < 1.1 * new_rate_hz or len(signal) < 4:  # noqa: PLR2004 - too short for any filter
        return signal
    from scipy.signal import butter, sosfiltfilt

    sections = butter(2, ANTI_ALIAS_SHARE * new_rate_hz, fs=sampling_rate_hz, output="sos")
    return sosfiltfilt(sections, signal, axis=0, padlen=min(len(signal) - 1, 30))
