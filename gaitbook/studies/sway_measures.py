"""Numbers of quiet standing: how far, how fast and over which area the body sways.

As in posturography with force plates (Prieto et al. 1996, doi:10.1109/10.532130), of the trunk and of the head
instead of the center of pressure. A camera's noise is larger than sway; the middle of many joints and a low pass leave
of it what they must.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.stats import chi2

from gaitbook.studies.skeleton_paths import PELVIS_JOINTS, SkeletonPaths, both_sides
from gaitbook.studies.skeleton_steps import FORE_AFT, SIDEWAYS

Array = NDArray[np.float64]
TRUNK: Final = (*PELVIS_JOINTS, "SPINE_NAVEL", "SPINE_CHEST", "NECK", *both_sides("CLAVICLE", "SHOULDER"))
HEAD: Final = ("HEAD", "NOSE", *both_sides("EYE", "EAR"))
JOINTS: Final = (*TRUNK, *HEAD)
LOW_PASS_HZ: Final = 1.0
"""Sway of the trunk is slower; most noise of a camera is faster."""
ELLIPSE_SHARE: Final = 0.95


def measure_sway(paths: SkeletonPaths) -> dict[str, float]:
    """Numbers of the sway of trunk and head.

    Parameters
    ----------
    paths
        Of the joints in `JOINTS`, low-passed by `LOW_PASS_HZ`.

    Returns
    -------
    dict
        For trunk and head each: path_m and path_mps (its length, and per second), fore_aft and sideways root mean
        square, range and speed, area_m2 of the ellipse that holds 95 % of a normal distribution, and frequency_hz, at
        which a point on a circle of the mean distance would have the mean speed.
    """
    return {
        f"{part}_sway_{name}": value
        for part, joints in (("trunk", TRUNK), ("head", HEAD))
        for name, value in _sway(paths.of(*joints)[:, [FORE_AFT, SIDEWAYS]], paths.rate_hz)
    }


def _sway(path_m: Array, rate_hz: float) -> Iterator[tuple[str, float]]:
    apart = path_m - path_m.mean(axis=0)
    steps = np.diff(apart, axis=0)
    lengths = np.hypot(*steps.T)
    mean_mps = float(lengths.mean() * rate_hz)
    distance_m = float(np.hypot(*apart.T).mean())
    yield "path_m", float(lengths.sum())
    yield "path_mps", mean_mps
    for column, axis in enumerate(("fore_aft", "sideways")):
        yield f"{axis}_rms_m", float(apart[:, column].std())
        yield f"{axis}_range_m", float(np.ptp(apart[:, column]))
        yield f"{axis}_mps", float(np.abs(steps[:, column]).mean() * rate_hz)
    spread = max(float(np.linalg.det(np.cov(apart.T))), 0.0)
    yield "area_m2", float(np.pi * chi2.ppf(ELLIPSE_SHARE, 2) * np.sqrt(spread))
    yield "frequency_hz", mean_mps / (2.0 * np.pi * distance_m) if distance_m > 0 else 0.0
