r"""Motion of every joint as harmonics of the stride: how far, and when in the stride, told without events.

The rhythm is found in what swings most clearly of the body parts that are seen, and its phase, as carried by that
swing, is where the stride begins. Of every coordinate the first harmonics
:math:`a_h \cos h \varphi + b_h \sin h \varphi` about its mean are told by least squares over the whole window. Noise
that is not in step with the stride averages out; percentiles of a coordinate keep it.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.fft import rfft
from scipy.signal import get_window

from gaitbook.conventions import AXES
from gaitbook.representation.skeleton import JOINTS, REGIONS, SAMPLING_RATE_HZ, group_of, region_groups

Array = NDArray[np.float64]
HARMONICS: Final = 3
STRIDE_BAND_HZ: Final = (0.25, 1.6)
PADDED: Final = 4096
LEAST_SWING: Final = 1e-9
SWINGS: Final = {
    "legs": ("ANKLE_LEFT", "ANKLE_RIGHT", "x"),
    "arms": ("WRIST_LEFT", "WRIST_RIGHT", "x"),
    "torso": ("NECK", "PELVIS", "z"),
    "head": ("HEAD", "PELVIS", "z"),
}
"""By region, what swings once in a stride: the distance of two joints along an axis, the clearest first."""
MEASURES: Final = tuple(
    f"{wave} {harmonic}" for harmonic in range(1, HARMONICS + 1) for wave in ("cosine", "sine")
)


def stride_harmonics(
    values: NDArray[np.floating], shown: Sequence[str] = REGIONS
) -> tuple[NDArray[np.float32], tuple[str, ...]]:
    """Harmonics of the joints of some regions, and their names.

    Parameters
    ----------
    values
        Windows (window, time, joint, channel) of `gaitbook.representation.skeleton`.
    shown
        Regions that may be seen; rhythm and phase are taken from the first of `SWINGS` among them.

    Returns
    -------
    numbers, names
        (window, number), in the unit of the windows, and names such as ``"legs KNEE_LEFT x cosine 2"``.

    Raises
    ------
    ValueError
        No region is shown.

    Examples
    --------
    >>> numbers, names = stride_harmonics(np.zeros((2, 240, 26, 4)), ["head"])
    >>> numbers.shape, names[0], names[5]
    ((2, 108), 'head HEAD x cosine 1', 'head HEAD x sine 3')
    """
    leading = next((region for region in SWINGS if region in shown), None)
    if leading is None:
        raise ValueError("No region is shown: the stride has no rhythm that could be found.")
    places = np.asarray(values)[..., :3].astype(float)
    first, second, axis = SWINGS[leading]
    swing = places[:, :, [JOINTS.index(first), JOINTS.index(second)], AXES.index(axis)]
    swing = swing[..., 0] - swing[..., 1]
    joints = [
        (region, joint)
        for region in shown
        for joint in JOINTS[1:]
        if group_of(joint) in region_groups(region)
    ]
    chosen = places[:, :, [JOINTS.index(joint) for _, joint in joints]]
    numbers = _in_step(chosen.reshape(*chosen.shape[:2], -1), swing, _frequency(swing))
    names = tuple(
        f"{region} {joint} {axis} {measure}"
        for region, joint in joints
        for axis in AXES
        for measure in MEASURES
    )
    return numbers.reshape(len(numbers), -1).astype(np.float32), names


def _frequency(swing: Array) -> Array:
    """Frequency (window,) of the strongest swing (window, time) in the band of strides, in cycles per frame."""
    frames = swing.shape[1]
    tapered = (swing - swing.mean(axis=1, keepdims=True)) * get_window("hann", frames, fftbins=False)
    power = np.abs(rfft(tapered, PADDED, axis=1))
    frequency_hz = np.arange(power.shape[1]) * SAMPLING_RATE_HZ / PADDED
    inside = (frequency_hz > STRIDE_BAND_HZ[0]) & (frequency_hz < STRIDE_BAND_HZ[1])
    peak = np.where(inside, power, 0.0).argmax(axis=1).clip(1, power.shape[1] - 2)
    rows = np.arange(len(power))
    before, at, after = (power[rows, peak + step] for step in (-1, 0, 1))
    curve = before - 2.0 * at + after
    moved = np.divide(0.5 * (before - after), curve, out=np.zeros_like(curve), where=curve < 0)
    slowest, fastest = (bound_hz / SAMPLING_RATE_HZ for bound_hz in STRIDE_BAND_HZ)
    return np.asarray(((peak + moved.clip(-1.0, 1.0)) / PADDED).clip(slowest, fastest))


def _in_step(values: Array, swing: Array, frequency: Array) -> Array:
    """Harmonics (window, coordinate, measure) of values (window, time, coordinate) in the phase of the swing."""
    order = np.arange(1, HARMONICS + 1)
    phase = 2.0 * np.pi * frequency[:, None, None] * np.arange(values.shape[1])[:, None] * order
    basis = np.concatenate([np.ones((*phase.shape[:2], 1)), np.cos(phase), np.sin(phase)], axis=2)
    together = np.concatenate([values, swing[..., None]], axis=2)
    turned = basis.transpose(0, 2, 1)
    weights = np.linalg.solve(turned @ basis, turned @ together)
    waves = weights[:, 1 : HARMONICS + 1] - 1j * weights[:, HARMONICS + 1 :]
    lead = waves[:, 0, -1]
    size = np.abs(lead)
    start = np.divide(lead, size, out=np.ones_like(lead), where=size > LEAST_SWING)
    waves = waves[:, :, :-1] * np.conj(start[:, None, None]) ** order[:, None]
    parts = np.stack([waves.real, -waves.imag], axis=2)
    return parts.reshape(len(values), 2 * HARMONICS, -1).transpose(0, 2, 1)
