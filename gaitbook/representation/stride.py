"""The stride of a person: one closed cycle of motion, and the force under each foot from its landing to its lift-off.

A stride begins where the right foot lands. Motion is periodic and told over its phase, the path of the pelvis without
the even travel; force is told over the stance of each foot, the center of pressure by its lever about the heel. So
nothing has to be cut where a foot lands, and a change of speed moves no edges.
"""

from collections.abc import Hashable, Mapping
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from gaitbook.body_model import BodyModel
from gaitbook.cohort.events import detect_contacts, find_strides
from gaitbook.cohort.mirroring import mirror_array
from gaitbook.cohort.opensim_files import CALCANEI
from gaitbook.conventions import AXES, CONTACT_FORCE_N, FEET, RIGHT, UP
from gaitbook.mechanics.body_points import body_points
from gaitbook.representation.channels import ANGLES
from gaitbook.representation.curves import (
    PHASES,
    STANCES,
    close_cycle,
    cut_stances,
    read_cycles,
    read_stances,
)

Array = NDArray[np.float64]

LEVER_AXES: Final = ("x", "z")
FORCES: Final = ("ground_reaction_force", "center_of_pressure", "free_moment")
PERSON: Final = (
    "subject",
    "sex",
    "age_year",
    "height_m",
    "mass_kg",
    "knee_varus_rad",
    "abdominal_fat",
    "gait",
    "label",
    "license",
    "source",
)
"""Attributes of a trial that its stride keeps."""


def mean_stride(trial: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """Mean of the strides of a trial.

    Parameters
    ----------
    trial
        Facing +x, with ``joint_angle`` and ``pelvis_position`` of the whole body without gaps, force, center of
        pressure and free moment of both feet, and ``speed_mps``, ``mass_kg`` and ``height_m``.
    model
        The person's body.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (phase, coordinate), rad; ``pelvis_offset`` (phase, axis), m, from even travel, with mean zero
        forward and across; ``stance_force`` (foot, stance, axis), N; ``stance_lever`` (foot, stance, lever), N m,
        center of pressure from the heel times vertical force; ``stance_free_moment`` (foot, stance), N m; ``strike``
        (foot), phase of landing; ``stance_share`` (foot), strides. ``attrs``: the person's, ``speed_mps``,
        ``period_s`` and how many ``strides``.

    Raises
    ------
    ValueError
        The trial lacks what it needs, or has no whole stride of the right foot with a contact of the left in it.
    """
    _require(trial)
    spans = _stride_spans(trial)
    if spans.empty:
        raise ValueError(
            f"{_name(trial)} has no whole stride: the right foot must land twice, and the left land and lift between; "
            "take a longer trial"
        )
    lever = _levers(trial, model)
    each = [_cut(trial, lever, span) for span in spans.to_dict("records")]
    mean = xr.concat(each, dim="cycle").mean("cycle", keep_attrs=True)
    person = {name: trial.attrs[name] for name in PERSON if name in trial.attrs}
    period_s = float((spans["end_s"] - spans["start_s"]).mean())
    facts = {"speed_mps": float(trial.attrs["speed_mps"]), "period_s": period_s, "strides": len(each)}
    return mean.assign_attrs({**person, **facts})


def mirror_stride(stride: xr.Dataset) -> xr.Dataset:
    """Stride of the mirror image, which begins where the left foot landed; of one stride, not of many draws."""
    begins = float(stride["strike"].sel(foot="left"))
    mirrored = stride.assign({str(name): mirror_array(array) for name, array in stride.data_vars.items()})
    across = mirrored["stance_lever"]["lever"] == RIGHT
    lever = xr.where(across, -mirrored["stance_lever"], mirrored["stance_lever"], keep_attrs=True)
    phase = np.arange(PHASES) / PHASES + begins
    moved = {
        name: mirrored[name]
        .transpose("phase", ...)
        .copy(data=read_cycles(mirrored[name].expand_dims("draw"), [phase]))
        for name in ("joint_angle", "pelvis_offset")
    }
    strike = (mirrored["strike"] - begins) % 1.0
    lever = lever.transpose(*stride["stance_lever"].dims)
    twist = -mirrored["stance_free_moment"]
    return mirrored.assign({**moved, "stance_lever": lever, "stance_free_moment": twist, "strike": strike})


def as_draws(strides: xr.Dataset) -> xr.Dataset:
    """Strides with the dim ``draw`` and ``period_s`` (draw), also where there is only one."""
    drawn = strides if "draw" in strides.dims else strides.expand_dims("draw")
    period_s = drawn["period_s"].values if "period_s" in drawn else drawn.attrs["period_s"]
    each = np.broadcast_to(np.asarray(period_s, dtype=float), drawn.sizes["draw"])
    return drawn.assign(period_s=("draw", each.copy(), {"units": "s"}))


def unroll_strides(
    strides: xr.Dataset, *, sampling_rate_hz: float = 100.0, begin: float = 0.0, end: float = 1.0
) -> xr.Dataset:
    """One trial in which strides follow one another, each from ``begin`` to ``end`` of its cycle, on a treadmill.

    Nothing joins one to the next: what is differentiated needs a margin on both sides.

    Parameters
    ----------
    strides
        As given by `mean_stride`, perhaps with the dim ``draw`` and ``period_s`` (draw).
    sampling_rate_hz
        Of the trial.
    begin, end
        Phases; a stride may be told several times over.

    Returns
    -------
    xarray.Dataset
        ``joint_angle`` (time, coordinate), ``pelvis_position`` (time, axis), ``ground_reaction_force`` (time, foot,
        axis), ``free_moment``, ``in_contact``, ``pressure_moment`` (time, foot, lever), N m, which `place_pressure`
        turns into the center of pressure; and the coordinates ``draw`` (time) and ``phase`` (time), strides.
    """
    drawn = as_draws(strides)
    steps = 1.0 / (drawn["period_s"].values * sampling_rate_hz)
    phases = [np.arange(begin, end + 1e-9, step) for step in steps]
    draw, phase = np.repeat(np.arange(len(phases)), list(map(len, phases))), np.concatenate(phases)
    motion = {
        "joint_angle": (("time", "coordinate"), read_cycles(drawn["joint_angle"], phases), {"units": "rad"}),
        "pelvis_position": (("time", "axis"), read_cycles(drawn["pelvis_offset"], phases), {"units": "m"}),
    }
    labels = {"time": np.arange(len(phase)) / sampling_rate_hz, "foot": list(FEET), "lever": list(LEVER_AXES)}
    labels |= {"axis": list(AXES), "coordinate": drawn["coordinate"].values}
    labels |= {"draw": ("time", drawn["draw"].values[draw]), "phase": ("time", phase)}
    facts = {"sampling_rate_hz": sampling_rate_hz, "surface": "treadmill"}
    return xr.Dataset({**motion, **_under_feet(drawn, draw, phase)}, labels, {**strides.attrs, **facts})


def place_pressure(trial: xr.Dataset, model: BodyModel) -> xr.Dataset:
    """Trial of `unroll_strides` with ``center_of_pressure`` (time, foot, axis), m, on the floor below the feet."""
    heels = body_points(trial, model, tuple(CALCANEI.values())).rename(point="foot")
    point = heels.assign_coords(foot=list(CALCANEI)).sel(foot=list(FEET)).copy()
    upward = trial["ground_reaction_force"].sel(axis=UP).values
    down = trial["in_contact"].values & (upward > 0.0)
    lever = trial["pressure_moment"].values / np.maximum(upward, CONTACT_FORCE_N)[..., None]
    place = point.transpose("time", "foot", "axis").values + np.stack(
        [lever[..., 0], np.zeros_like(upward), lever[..., 1]], axis=-1
    )
    place[..., AXES.index(UP)] = 0.0
    labels = ("time", "foot", "axis")
    pressure = (labels, np.where(down[..., None], place, np.nan), {"units": "m"})
    return trial.assign(center_of_pressure=pressure).drop_dims("lever")


def _under_feet(drawn: xr.Dataset, draw: NDArray[np.int_], phase: Array) -> dict[str, Any]:
    """Force, its moments and contact, at the phase (time,) of the draws (time,)."""
    since = (phase[:, None] - drawn["strike"].transpose("draw", "foot").values[draw]) % 1.0
    progress = since / drawn["stance_share"].transpose("draw", "foot").values[draw]
    force, moment, free_moment = (
        read_stances(drawn[name].transpose("draw", "foot", "stance", ...).values, draw, progress)
        for name in ("stance_force", "stance_lever", "stance_free_moment")
    )
    return {
        "ground_reaction_force": (("time", "foot", "axis"), force, {"units": "N"}),
        "pressure_moment": (("time", "foot", "lever"), moment, {"units": "N m"}),
        "free_moment": (("time", "foot"), free_moment, {"units": "N m"}),
        "in_contact": (("time", "foot"), progress <= 1.0, {"units": "1"}),
    }


def _stride_spans(trial: xr.Dataset) -> pd.DataFrame:
    """Strides of the right foot with the contact of the left that begins in them: columns start_s, toe_off_s, ..."""
    contacts = detect_contacts(trial)
    left = contacts[contacts["foot"] == "left"]
    rows = []
    strides = find_strides(contacts, foot="right")
    for start_s, toe_off_s, end_s in strides[["start_s", "toe_off_s", "end_s"]].to_numpy(dtype=float):
        inside = left[left["strike_s"].between(start_s, end_s, inclusive="left")]
        if len(inside) == 1:
            other = inside.iloc[0]
            rows.append((start_s, toe_off_s, end_s, other["strike_s"], other["toe_off_s"]))
    return pd.DataFrame(rows, columns=["start_s", "toe_off_s", "end_s", "left_strike_s", "left_toe_off_s"])


def _cut(trial: xr.Dataset, lever: xr.DataArray, span: Mapping[Hashable, float]) -> xr.Dataset:
    """One stride of a trial, on which its span is a row of `_stride_spans`."""
    start_s, period_s = span["start_s"], span["end_s"] - span["start_s"]
    angle = trial["joint_angle"].sel(coordinate=[c for c in ANGLES if c in trial["coordinate"].values])
    path = trial["pelvis_position"].sel(axis=list(AXES))
    motion = {
        "joint_angle": close_cycle(angle, start_s, period_s),
        "pelvis_offset": close_cycle(path, start_s, period_s),
    }
    level = motion["pelvis_offset"].mean("phase").where(motion["pelvis_offset"]["axis"] != UP, 0.0)
    motion["pelvis_offset"] = (motion["pelvis_offset"] - level).assign_attrs(units="m")
    stances = {
        "right": (start_s, span["toe_off_s"]),
        "left": (span["left_strike_s"], span["left_toe_off_s"]),
    }
    at = np.stack([np.linspace(*stances[foot], STANCES) for foot in FEET])
    landing = np.array([(stances[foot][0] - start_s) / period_s for foot in FEET])
    lasting = np.array([(stances[foot][1] - stances[foot][0]) / period_s for foot in FEET])
    held = {
        "stance_force": cut_stances(trial["ground_reaction_force"].sel(axis=list(AXES)), at),
        "stance_lever": cut_stances(lever, at),
        "stance_free_moment": cut_stances(trial["free_moment"], at),
        "strike": ("foot", landing, {"units": "1"}),
        "stance_share": ("foot", lasting, {"units": "1"}),
    }
    return xr.Dataset({**motion, **held}, {"foot": list(FEET), "stance": np.linspace(0.0, 1.0, STANCES)})


def _levers(trial: xr.Dataset, model: BodyModel) -> xr.DataArray:
    """Center of pressure from the heel times vertical force, (time, foot, lever), N m."""
    heels = body_points(trial, model, tuple(CALCANEI.values())).rename(point="foot")
    heels = heels.assign_coords(foot=list(CALCANEI))
    upward = trial["ground_reaction_force"].sel(axis=UP, drop=True)
    lever = (trial["center_of_pressure"] - heels).sel(axis=list(LEVER_AXES)).fillna(0.0) * upward
    return lever.rename(axis="lever").transpose("time", "foot", "lever").assign_attrs(units="N m")


def _name(trial: xr.Dataset) -> str:
    return f"Trial {trial.attrs.get('subject', '?')} {trial.attrs.get('trial', '?')}"


def _require(trial: xr.Dataset) -> None:
    missing = [name for name in ("joint_angle", "pelvis_position", *FORCES) if name not in trial]
    missing += [name for name in ("speed_mps", "mass_kg", "height_m") if trial.attrs.get(name) is None]
    if missing:
        raise ValueError(
            f"{_name(trial)} lacks {', '.join(missing)}: measure it, or complete the trial by `gaitbook.complete_trial`"
        )
