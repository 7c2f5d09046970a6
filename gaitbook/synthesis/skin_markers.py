r"""Markers on skin, as cameras see them.

Skin slides over bone: not noise, but a motion of its own that follows the motion of the segment, differs between
people and is alike for the markers of a segment. Here the displacement of marker :math:`m` on segment :math:`s` is
:math:`d_m = \ell_m\,\alpha_s\,(A_m u_s + B_m a_s)`, with the place :math:`u_s` of the segment (about its mean, seen
from the pelvis) and its acceleration :math:`a_s`, both low-passed and scaled to unit size, matrices :math:`A_m, B_m`
drawn once for the person, the size :math:`\ell_m` and the activity :math:`\alpha_s` of the segment, 1 in walking.
Directions are the laboratory's, not the segment's. On top come the noise of the cameras and bursts in which a marker
is not seen (NaN).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import NDArray
from scipy.signal import butter, sosfiltfilt

from gaitbook.body_model import Marker
from gaitbook.conventions import AXES
from gaitbook.synthesis.laboratory_errors import ALL_MARKER_ERRORS, MarkerErrors, load_laboratory

PELVIS = "pelvis"
INSIDE = ("femur", "tibia", "calcn")
HANDS = ("radius", "hand")
FEWEST_FRAMES = 10

Array = NDArray[Any]


@dataclass(frozen=True)
class MarkerAttachment:
    """How the markers sit on one person: the same in all trials.

    Parameters
    ----------
    segments
        Segment by marker.
    mixing
        (marker, 3, 6) how the unit place and unit acceleration of the segment move the marker in walking, m.
    hidden_share
        (marker,) share of the time for which a marker is not seen.
    """

    segments: Mapping[str, str]
    mixing: Array
    hidden_share: Array


def attach_markers(markers: Iterable[Marker], *, rng: np.random.Generator) -> MarkerAttachment:
    """Return how markers sit on the skin of one person.

    Parameters
    ----------
    markers
        Markers of the person's body, as in ``BodyModel.markers``.
    rng
        Random numbers of the person (not of a trial).

    Raises
    ------
    ValueError
        There are no markers.
    """
    placed = list(markers)
    if not placed:
        raise ValueError("The body has no markers to attach: build it with a marker set")
    numbers = load_laboratory()["soft_tissue"]
    person = np.exp(numbers["person_spread"] * rng.standard_normal())
    own = rng.standard_normal((len(placed), 3, 6))
    names = sorted({marker.segment for marker in placed})
    common = dict(zip(names, rng.standard_normal((len(names), 3, 6)), strict=True))
    alike = np.array([common[marker.segment] for marker in placed])
    mixed = np.sqrt(numbers["shared"]) * alike + np.sqrt(1 - numbers["shared"]) * own
    spread = np.exp(numbers["marker_spread"] * rng.standard_normal(len(placed)))
    size = person * spread * np.array([_of_segment(marker.segment)["size_m"] for marker in placed])
    return MarkerAttachment(
        segments={marker.name: marker.segment for marker in placed},
        mixing=size[:, None, None] * mixed * _shares(),
        hidden_share=np.array([_hidden_share(marker) for marker in placed]),
    )


def skin_markers(
    true_position: xr.DataArray,
    attachment: MarkerAttachment,
    *,
    rng: np.random.Generator,
    errors: MarkerErrors = ALL_MARKER_ERRORS,
) -> xr.DataArray:
    """Return markers as cameras see them: moved by skin, noisy, at times not seen (NaN).

    Parameters
    ----------
    true_position
        Markers that ride on the bones (time, marker, axis), m; axis x forward, y up, z right.
    attachment
        How they sit on the person, from `attach_markers`.
    rng
        Random numbers of the trial.
    errors
        Size of each kind of error.

    Returns
    -------
    xarray.DataArray
        ``marker_position`` (time, marker, axis), m. With all errors zero it is the truth.

    Raises
    ------
    ValueError
        Markers are not attached, too few frames, gaps in the truth; all faults are named.

    References
    ----------
    Leardini (2005), doi:10.1016/j.gaitpost.2004.05.002.
    """
    true_position = true_position.transpose("time", "marker", "axis").sel(axis=list(AXES))
    _require_sense(true_position, attachment)
    names = [str(name) for name in true_position["marker"].values]
    rows = [list(attachment.segments).index(name) for name in names]
    rate_hz = 1.0 / float(np.diff(true_position["time"].values).mean())
    driver = _drivers(true_position.values, [attachment.segments[name] for name in names], rate_hz)
    moved = errors.soft_tissue * np.einsum("mik,tmk->tmi", attachment.mixing[rows], driver)
    noise = errors.noise * load_laboratory()["instrument"]["noise_m"]
    value = true_position.values + (moved + noise * rng.standard_normal(moved.shape))
    hidden = _bursts(rng, len(value), errors.occlusion * attachment.hidden_share[rows], rate_hz)
    hidden |= rng.random(len(names)) < errors.lost_share
    value[hidden] = np.nan
    return true_position.copy(data=value).rename("marker_position").assign_attrs(units="m")


def _require_sense(true_position: xr.DataArray, attachment: MarkerAttachment) -> None:
    faults = []
    strangers = [str(name) for name in true_position["marker"].values if name not in attachment.segments]
    if strangers:
        faults.append(f"not attached to the person: {', '.join(strangers)}")
    if true_position.sizes["time"] < FEWEST_FRAMES:
        faults.append(f"{true_position.sizes['time']} frame(s), expected {FEWEST_FRAMES} or more")
    if not np.isfinite(true_position.values).all():
        faults.append("the truth has gaps: markers on bones are always somewhere")
    if faults:
        raise ValueError("Markers cannot be put on skin: " + "; ".join(faults))


def _of_segment(segment: str) -> Mapping[str, float]:
    numbers = load_laboratory()["soft_tissue"]
    found: Mapping[str, float] = numbers["segments"].get(_without_side(segment), numbers["other"])
    return found


def _without_side(segment: str) -> str:
    return segment.removesuffix("_r").removesuffix("_l")


def _shares() -> Array:
    """Weights of the six drivers, each of unit mean square, for a displacement of unit mean square over three axes."""
    of_acceleration = load_laboratory()["soft_tissue"]["of_acceleration"]
    return np.asarray(np.sqrt(np.repeat([1 - of_acceleration, of_acceleration], 3)) / 3)


def _hidden_share(marker: Marker) -> float:
    numbers, segment = load_laboratory()["occlusion"], _without_side(marker.segment)
    outward = marker.position_m[2] * (-1.0 if marker.segment.endswith("_l") else 1.0)
    if segment == PELVIS and marker.position_m[0] > -0.02:  # noqa: PLR2004 - near the plane of the ASIS, m
        return float(numbers["front_of_pelvis_share"])
    if segment in INSIDE and outward < 0:
        return float(numbers["inside_share"])
    return float(numbers["hand_share" if segment in HANDS else "share"])


def _drivers(position: Array, segments: list[str], rate_hz: float) -> Array:
    """Place and acceleration of the segment of each marker, of unit size in walking, (time, marker, 6)."""
    names = sorted(set(segments))
    riding = np.array([[segment == name for segment in segments] for name in names], dtype=float)
    middle = np.einsum("sm,tmi->tsi", riding / riding.sum(axis=1, keepdims=True), position)
    pelvis = middle[:, [names.index(PELVIS)]] if PELVIS in names else middle.mean(axis=1, keepdims=True)
    place = np.where(np.array(names)[None, :, None] == PELVIS, _in_place(middle), middle - pelvis)
    accelerated = np.gradient(np.gradient(middle, axis=0), axis=0) * rate_hz**2
    # one-sided differences at the ends are no accelerations
    accelerated[:2], accelerated[-2:] = accelerated[2], accelerated[-3]
    place, accelerated = (_low_passed(signal, rate_hz) for signal in (place, accelerated))
    numbers = load_laboratory()["soft_tissue"]
    typical = np.array([_of_segment(name)["acceleration_mps2"] for name in names])
    activity = np.minimum(np.sqrt(_size(accelerated) / typical), numbers["largest_activity"])
    driver = np.concatenate([_unit(place), _unit(accelerated)], axis=-1) * activity[:, None]
    return np.asarray(driver[:, [names.index(segment) for segment in segments]])


def _low_passed(signal: Array, rate_hz: float) -> Array:
    cutoff_hz = load_laboratory()["soft_tissue"]["cutoff_hz"]
    if rate_hz <= 2.5 * cutoff_hz:
        return signal
    sections = butter(2, cutoff_hz, fs=rate_hz, output="sos")
    padding = min(len(signal) - 1, int(rate_hz / cutoff_hz))
    return np.asarray(sosfiltfilt(sections, signal, axis=0, padtype="even", padlen=padding))


def _in_place(position: Array) -> Array:
    """Position about a straight path at constant velocity, as on a belt."""
    time = np.linspace(-1.0, 1.0, len(position))
    slope = np.tensordot(time, position, axes=1) / (time @ time)
    return np.asarray(position - time[:, None, None] * slope)


def _size(signal: Array) -> Array:
    """Root mean square length of vectors (time, segment, 3) about their mean, (segment,)."""
    return np.asarray(np.sqrt(((signal - signal.mean(axis=0)) ** 2).sum(axis=-1).mean(axis=0)))


def _unit(signal: Array) -> Array:
    """Vectors (time, segment, 3) about their mean, of root mean square length sqrt(3); zero where nothing moves."""
    size = _size(signal)[:, None]
    return np.asarray((signal - signal.mean(axis=0)) * np.sqrt(3) / np.where(size > 0, size, np.inf))


def _bursts(rng: np.random.Generator, frames: int, share: Array, rate_hz: float) -> NDArray[np.bool_]:
    """Frames in which a marker is not seen (time, marker), in bursts whose lengths are geometric."""
    mean_frames = max(load_laboratory()["occlusion"]["mean_burst_s"] * rate_hz, 1.0)
    edges = np.zeros((frames + 1, len(share)), dtype=int)
    counts = rng.poisson(np.minimum(share, 1.0) * frames / mean_frames)
    marker = np.repeat(np.arange(len(share)), counts)
    start = rng.integers(0, frames, marker.size)
    stop = np.minimum(start + rng.geometric(1 / mean_frames, marker.size), frames)
    np.add.at(edges, (start, marker), 1)
    np.add.at(edges, (stop, marker), -1)
    return np.asarray(np.cumsum(edges[:-1], axis=0) > 0)
