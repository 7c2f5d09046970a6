"""Numbers of a stride: what clinics and laboratories read off it, of one or of many draws at once."""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.conventions import FEET, FORWARD, GRAVITY_MPS2, UP
from gaitbook.mechanics.knee import Frame, Method
from gaitbook.mechanics.knee_summary import MEDIAL_FORCE, to_body_weight_height
from gaitbook.mechanics.loads import knee_moment
from gaitbook.representation.stride import as_draws, place_pressure, unroll_strides

Array = NDArray[np.float64]

RATE_HZ: Final = {"walk": 100.0, "run": 200.0}
"""Of what knee moments are computed from: a run stands for so short a time that samples would miss its peaks."""
MARGIN: Final = 0.06
"""Strides told before and after, so that accelerations are known where the feet are down."""
KNEE: Final = {
    "knee_adduction_first_peak": "%BW·H",
    "knee_adduction_second_peak": "%BW·H",
    "knee_adduction_impulse": "%BW·H·s",
    "knee_flexion_peak": "%BW·H",
}
MEDIAL: Final = "medial_contact_force"
GAIT: Final = {
    "stride_length": "m",
    "cadence": "steps/min",
    "contact_time": "s",
    "duty_factor": "%",
    "peak_vertical_force": "%BW",
    "peak_braking_force": "%BW",
    "peak_propulsive_force": "%BW",
    "loading_rate": "BW/s",
    "peak_knee_flexion": "°",
    "peak_hip_flexion": "°",
    "peak_hip_extension": "°",
    "peak_ankle_dorsiflexion": "°",
    "peak_plantarflexion": "°",
}
UNITS: Final = {**KNEE, MEDIAL: "BW", **GAIT}
LOADING: Final = (0.2, 0.8)
"""Part of the rise to the first peak over which loading rate is taken."""


def measure_strides(
    strides: xr.Dataset, model: BodyModel, *, frame: Frame = "tibia", method: Method = "newton-euler"
) -> pd.DataFrame:
    """Numbers of every draw, mean of both sides.

    Parameters
    ----------
    strides
        As given by `gaitbook.representation.stride.mean_stride`, perhaps with the dim ``draw``.
    model
        The person's body.
    frame, method
        Of the knee moments, as for `gaitbook.knee_moment`.

    Returns
    -------
    pandas.DataFrame
        A row per draw, a column per name in `UNITS`. ``medial_contact_force`` is NaN for runs.
    """
    knee = knee_curves(strides, model, frame=frame, method=method)
    return pd.concat([_knee_numbers(knee, strides), gait_numbers(strides)], axis=1)


def knee_curves(
    strides: xr.Dataset, model: BodyModel, *, frame: Frame = "tibia", method: Method = "newton-euler"
) -> xr.Dataset:
    """External knee moments (time, foot, moment), %BW·H, of strides one after the other, as `unroll_strides` has them.

    Parameters
    ----------
    strides, model, frame, method
        As for `measure_strides`.

    Returns
    -------
    xarray.Dataset
        ``knee_moment`` and ``in_stance`` (time, foot): the one whole stance of each foot; with the coordinates
        ``draw`` and ``phase`` (time).
    """
    ends = float((strides["strike"] + strides["stance_share"]).max())
    rate_hz = RATE_HZ["run" if strides.attrs.get("gait") == "run" else "walk"]
    trial = place_pressure(
        unroll_strides(strides, sampling_rate_hz=rate_hz, begin=-MARGIN, end=ends + MARGIN), model
    )
    moment = to_body_weight_height(knee_moment(trial, model, frame=frame, method=method))
    told = as_draws(strides)[["strike", "stance_share"]].sel(draw=trial["draw"].variable)
    start = told["strike"].transpose("time", "foot").values
    last = start + told["stance_share"].transpose("time", "foot").values
    phase = trial["phase"].values[:, None]
    inside = (("time", "foot"), (phase >= start) & (phase <= last), {"units": "1"})
    labels = {"draw": trial["draw"], "phase": trial["phase"]}
    return xr.Dataset({"knee_moment": moment, "in_stance": inside}).assign_coords(labels)


def gait_numbers(strides: xr.Dataset) -> pd.DataFrame:
    """What of `GAIT` a stride tells without a body, a row per draw."""
    drawn = as_draws(strides)
    weight_n = float(strides.attrs["mass_kg"]) * GRAVITY_MPS2
    period_s = drawn["period_s"].values
    share = drawn["stance_share"].mean("foot").values
    force = 100.0 * drawn["stance_force"] / weight_n
    forward, up = force.sel(axis=FORWARD), force.sel(axis=UP)
    angle = drawn["joint_angle"]
    numbers = {
        "stride_length": float(strides.attrs["speed_mps"]) * period_s,
        "cadence": 120.0 / period_s,
        "contact_time": share * period_s,
        "duty_factor": 100.0 * share,
        "peak_vertical_force": up.max("stance").mean("foot").values,
        "peak_braking_force": -forward.min("stance").mean("foot").values,
        "peak_propulsive_force": forward.max("stance").mean("foot").values,
        "loading_rate": _loading_rate(up.transpose("draw", "foot", "stance").values, share * period_s),
        "peak_knee_flexion": _peak(angle, "knee_angle"),
        "peak_hip_flexion": _peak(angle, "hip_flexion"),
        "peak_hip_extension": _peak(-angle, "hip_flexion"),
        "peak_ankle_dorsiflexion": _peak(angle, "ankle_angle"),
        "peak_plantarflexion": _peak(-angle, "ankle_angle"),
    }
    return pd.DataFrame(numbers, index=drawn["draw"].values)


def _knee_numbers(curves: xr.Dataset, strides: xr.Dataset) -> pd.DataFrame:
    moment = curves["knee_moment"].transpose("time", "foot", "moment")
    adduction, flexion = (moment.sel(moment=name).values for name in ("adduction", "flexion"))
    inside, draw = curves["in_stance"].values, curves["draw"].values
    step_s = float(np.median(np.diff(curves["time"].values)))
    rows = []
    for each in pd.unique(draw):
        here = draw == each
        feet = [
            _stance_numbers(adduction[here & inside[:, f], f], flexion[here & inside[:, f], f], step_s)
            for f in range(len(FEET))
        ]
        rows.append(np.mean(feet, axis=0))
    table = pd.DataFrame(rows, columns=list(KNEE), index=pd.unique(draw))
    rest, per_adduction, per_flexion = MEDIAL_FORCE
    force = (
        rest
        + per_adduction * table["knee_adduction_first_peak"]
        + per_flexion * table["knee_flexion_peak"].abs()
    )
    return table.assign(**{MEDIAL: force if strides.attrs.get("gait") != "run" else np.nan})


def _stance_numbers(adduction: Array, flexion: Array, step_s: float) -> list[float]:
    middle = len(adduction) // 2
    impulse = float(np.trapezoid(np.maximum(adduction, 0.0), dx=step_s))
    return [float(adduction[:middle].max()), float(adduction[middle:].max()), impulse, float(flexion.max())]


def _peak(angle: xr.DataArray, name: str) -> Array:
    """Largest angle over the cycle, mean of both sides, degrees, (draw,)."""
    sides = angle.sel(coordinate=[f"{name}_r", f"{name}_l"])
    return np.rad2deg(sides.max("phase").mean("coordinate").values)


def _loading_rate(up_percent: Array, contact_s: Array) -> Array:
    """Mean slope from a fifth to four fifths of the way to the first peak, body weights per second, (draw,)."""
    first = up_percent[..., : up_percent.shape[-1] // 2]
    rates = np.zeros(first.shape[:2])
    for place in np.ndindex(*rates.shape):
        curve = first[place]
        top = curve.max()
        begins, ends = (int(np.argmax(curve >= share * top)) for share in LOADING)
        rise_s = max(ends - begins, 1) / (up_percent.shape[-1] - 1) * contact_s[place[0]]
        rates[place] = (curve[ends] - curve[begins]) / 100.0 / rise_s
    return np.asarray(rates.mean(axis=1))
