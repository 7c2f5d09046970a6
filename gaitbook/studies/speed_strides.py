"""Study: one person from slow walking to sprinting; force over stance at every speed."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.cohort.events import cut_cycles, detect_contacts
from gaitbook.conventions import AXES, FEET, FORWARD, UP
from gaitbook.mechanics.knee_summary import to_body_weight_height
from gaitbook.mechanics.loads import knee_moment
from gaitbook.mechanics.stick_joints import joint_centers
from gaitbook.studies.gait_measures import DEGREES_PER_RAD, find_steps, stance_forces
from gaitbook.studies.trial_facts import gait_of, weight_n
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.reference_forces import running_force

Walker = Callable[..., xr.Dataset]

WALKS_MPS: Final = (0.5, 0.9, 1.3, 1.7, 2.1)
RUNS_MPS: Final = (2.4, 2.8, 3.5, 4.5, 6.0, 7.5, 9.0)
SECONDS: Final = {"walk": 4.5, "run": 2.0}
"""Long enough for two landings of the right foot at any speed."""
SAMPLES: Final = 51
ANGLES: Final = {
    "Hip flexion": "hip_flexion",
    "Knee flexion": "knee_angle",
    "Ankle dorsiflexion": "ankle_angle",
}
LOADED: Final = 0.02
"""Body weights above which a foot of the reference stands."""


def simulate_speeds(
    walker: Walker,
    person: Mapping[str, Any] | pd.Series,
    *,
    styles: Mapping[str, float] | None = None,
    walks_mps: Sequence[float] = WALKS_MPS,
    runs_mps: Sequence[float] = RUNS_MPS,
    sampling_rate_hz: float = 100.0,
) -> list[xr.Dataset]:
    """Trials of one person at many speeds, every stride like the other, with the joint centers.

    Parameters
    ----------
    walker
        `gaitbook.synthesis.gait.simulate_gait`.
    person
        Row of `gaitbook.synthesis.population.draw_people`.
    styles
        Scores by style.
    walks_mps, runs_mps
        Speeds; a person who runs goes on where one who walks has stopped.
    sampling_rate_hz
        Of the trials.

    Returns
    -------
    list of xarray.Dataset
        As simulated, with ``skeleton_position`` (time, joint, axis), m.
    """
    asked = [*product(["walk"], walks_mps), *product(["run"], runs_mps)]
    trials = []
    for gait, speed_mps in tqdm(asked, desc="from slow to fast", disable=None):
        trial = walker(
            person,
            speed_mps=speed_mps,
            gait=gait,
            styles=styles,
            duration_s=SECONDS[gait],
            sampling_rate_hz=sampling_rate_hz,
            variability=0.0,
        )
        trials.append(trial.assign(skeleton_position=joint_centers(trial, person_body(trial.attrs))))
    return trials


def stride_curves(trials: Iterable[xr.Dataset], *, setting: str = "speed_mps") -> pd.DataFrame:
    """Angles, forces and the knee's adduction moment over the first stride of the right foot, both sides.

    Parameters
    ----------
    trials
        With motion and force on both feet.
    setting
        Attribute that tells the trials apart.

    Returns
    -------
    pandas.DataFrame
        Columns setting, quantity, series (right, left), phase_percent, value, unit, for `gaitbook.explore_gait`.
    """
    return pd.concat(
        [_curves(trial).assign(setting=float(trial.attrs[setting])) for trial in trials], ignore_index=True
    )


def stance_cycles(trials: Iterable[xr.Dataset]) -> pd.DataFrame:
    """Force on a foot over stance, one mean curve per trial: for `gaitbook.mean_cycles`.

    Returns
    -------
    pandas.DataFrame
        Columns subject, gait, speed_mps, axis, phase_percent, value (%BW; z to the outside on both sides), source
        (``"simulated"``).
    """
    parts = []
    for trial in trials:
        force = 100.0 * stance_forces(trial, find_steps(trial).contacts).mean("cycle")
        table = force.to_dataframe("value").reset_index().rename(columns={"phase": "phase_percent"})
        own = {name: trial.attrs[name] for name in ("subject", "speed_mps")}
        parts.append(table.assign(**own, gait=gait_of(trial), source="simulated"))
    return pd.concat(parts, ignore_index=True)


def reference_runs(speeds_mps: Sequence[float]) -> pd.DataFrame:
    """Mean force over stance of the recorded runners that the cohort was made after.

    Parameters
    ----------
    speeds_mps
        Between 2.5 and 4.5 m/s; beyond these the reference is no recording.

    Returns
    -------
    pandas.DataFrame
        Columns gait, speed_mps, axis, phase_percent, value (BW, z to the outside), for
        `gaitbook.studies.realism.waveform_rows`.

    References
    ----------
    Fukuchi et al. (2017), doi:10.7717/peerj.3298.
    """
    parts = []
    for speed_mps in speeds_mps:
        reference = running_force(speed_mps)
        force, phase = reference.force, reference.phase
        stands = phase[force[:, AXES.index(UP)] > LOADED]
        percent = np.linspace(0.0, 100.0, 101)
        at = stands[0] + (stands[-1] - stands[0]) * percent / 100.0
        for place, axis in enumerate(AXES):
            rows = pd.DataFrame({"phase_percent": percent, "value": np.interp(at, phase, force[:, place])})
            parts.append(rows.assign(gait="run", speed_mps=speed_mps, axis=axis))
    return pd.concat(parts, ignore_index=True)


def beside_reference(means: pd.DataFrame, reference: pd.DataFrame) -> pd.DataFrame:
    """Mean curves of simulated people with those of the recorded runners at the same speeds.

    Parameters
    ----------
    means
        As given by `gaitbook.mean_cycles`, in %BW.
    reference
        As given by `reference_runs`; it tells no interval here.

    Returns
    -------
    pandas.DataFrame
        As `means`, with the source ``"measured"`` (the runners).
    """
    wanted = reference[reference["speed_mps"].isin(means["speed_mps"])]
    mean = 100.0 * wanted["value"]
    rows = wanted[["axis", "speed_mps", "phase_percent"]].assign(
        mean=mean, low=np.nan, high=np.nan, source="measured"
    )
    return pd.concat([rows, means], ignore_index=True)


def _curves(trial: xr.Dataset) -> pd.DataFrame:
    span = _first_stride(trial)
    force = 100.0 * trial["ground_reaction_force"] / weight_n(trial)
    knee = to_body_weight_height(knee_moment(trial, person_body(trial.attrs)))
    by_foot = {
        "Vertical force": (force.sel(axis=UP, drop=True), "%BW"),
        "Fore-aft force": (force.sel(axis=FORWARD, drop=True), "%BW"),
        "Knee adduction": (knee.sel(moment="adduction", drop=True), "%BW·H"),
    }
    whole = [
        (name, foot, array.sel(foot=foot, drop=True), unit)
        for name, (array, unit) in by_foot.items()
        for foot in FEET
    ]
    angle = DEGREES_PER_RAD * trial["joint_angle"]
    whole += [
        (name, foot, angle.sel(coordinate=f"{coordinate}_{foot[0]}", drop=True), "°")
        for name, coordinate in ANGLES.items()
        for foot in FEET
    ]
    parts = []
    for name, foot, array, unit in whole:
        cycle = cut_cycles(array.reset_coords(drop=True), span, samples=SAMPLES).isel(cycle=0)
        labels = {"quantity": name, "series": foot, "unit": unit}
        own = {"phase_percent": cycle["phase"].values, "value": cycle.values}
        parts.append(pd.DataFrame(own).assign(**labels))
    return pd.concat(parts, ignore_index=True)


def _first_stride(trial: xr.Dataset) -> pd.DataFrame:
    """The stride that the explorer shows: between the first two landings of the right foot."""
    strike_s = detect_contacts(trial).query("foot == 'right'")["strike_s"].to_numpy(float)
    if len(strike_s) < 2:  # noqa: PLR2004 - a stride lies between two landings
        raise ValueError(f"{trial.attrs.get('trial', 'the trial')} has no whole stride of the right foot")
    return pd.DataFrame({"start_s": strike_s[:1], "end_s": strike_s[1:2]})
