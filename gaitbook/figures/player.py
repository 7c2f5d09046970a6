"""The player: a recording as a moving skeleton with the ground reaction force at its feet.

The same small state serves three readers: a live widget in Jupyter, a page without a kernel, and a still image
where there is no JavaScript. Figures compute nothing: positions and forces are those of the trial at the drawn
instants, rounded to millimeters and to thousandths of body weight.
"""

from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.events import detect_contacts
from gaitbook.conventions import FEET
from gaitbook.figures.drawing import Drawing
from gaitbook.figures.player_state import force_in_body_weights, loaded_frame, make_state
from gaitbook.figures.skeleton import Skeleton, build_skeleton
from gaitbook.figures.still import draw_still
from gaitbook.figures.widget import make_widget, mark_up

RATE_HZ: Final = 50.0
MOST_FRAMES: Final = 150


def play_trial(
    trial: xr.Dataset, *, start_s: float | None = None, duration_s: float = 2.0, label: str = ""
) -> Drawing:
    """Skeleton player with force arrows, of a part of a trial.

    Parameters
    ----------
    trial
        Trial with ``marker_position`` (time, marker, axis), m, of a known marker set; ``ground_reaction_force``
        (time, foot, axis), N, and ``center_of_pressure`` (time, foot, axis), m, are drawn where it has them. Without
        a center of pressure the arrow starts on the ground under the markers of the foot.
    start_s
        First instant, s of the trial's own time. By default the player starts with the first complete contact and
        ends after a whole number of strides, so that it can repeat without a jump.
    duration_s
        Longest time shown, s.
    label
        Name of the cohort, printed small and added to the alternative text.

    Returns
    -------
    Drawing
        Its table holds the force of each foot at each drawn instant, % of body weight (without force: how many
        markers are seen); ``widget`` is ``None`` where anywidget is not installed.

    Raises
    ------
    ValueError
        If the trial has no markers or no known marker set, has force but no mass, or no sample in the time asked for;
        one message says all that is missing.

    Examples
    --------
    >>> import gaitbook as gb
    >>> drawing = gb.play_trial(gb.simulate_trial(speed_mps=3.0), duration_s=1.0)
    >>> list(drawing.table.columns)
    ['time_s', 'foot', 'fore_aft_percent_bw', 'vertical_percent_bw', 'mediolateral_percent_bw']
    """
    _refuse(trial, duration_s)
    part = _cut(trial, start_s, duration_s)
    skeleton = build_skeleton(part["marker_position"])
    alt = _describe(trial, part, label)
    state = make_state(part, skeleton, label=label, alt=alt)
    table = _tabulate(part, skeleton)
    frame = loaded_frame(state)
    saved = {"state": state, "frame": frame}
    still = f'<div class="gaitbook-player-still">{draw_still(state, frame, alt)}</div>'
    return Drawing(
        table=table,
        alt=alt,
        html=mark_up("player", saved, still),
        widget=make_widget("player", saved, styles=("figures",)),
    )


def _refuse(trial: xr.Dataset, duration_s: float) -> None:
    faults = []
    if "marker_position" not in trial:
        faults.append("it has no marker_position: import the markers (.c3d or .trc) of the recording")
    if "ground_reaction_force" in trial and not trial.attrs.get("mass_kg"):
        faults.append(
            "it has force but no mass_kg: add the body mass, arrows are drawn in body weights (or drop "
            "ground_reaction_force)"
        )
    if not duration_s > 0:
        faults.append(f"duration_s is {duration_s:g}, expected more than 0")
    if faults:
        raise ValueError(f"Cannot play trial {trial.attrs.get('trial', '?')}: " + "; ".join(faults) + ".")


def _cut(trial: xr.Dataset, start_s: float | None, duration_s: float) -> xr.Dataset:
    """The drawn instants: at most `MOST_FRAMES`, at about `RATE_HZ`."""
    first_s, last_s = (start_s, np.inf) if start_s is not None else _whole_strides(trial, duration_s)
    time_s = trial["time"].values
    last_s = min(last_s, first_s + duration_s)
    chosen = np.flatnonzero((time_s >= first_s - 1e-9) & (time_s <= last_s + 1e-9))
    if chosen.size > 1:
        rate_hz = 1 / np.median(np.diff(time_s))
        step = max(round(rate_hz / RATE_HZ), -(-chosen.size // MOST_FRAMES), 1)
        chosen = chosen[::step]
    if chosen.size < 2:  # noqa: PLR2004 - one instant does not move
        raise ValueError(
            f"Cannot play trial {trial.attrs.get('trial', '?')}: fewer than two samples between {first_s:g} and "
            f"{last_s:g} s; the trial runs from {time_s[0]:g} to {time_s[-1]:g} s."
        )
    return trial.isel(time=chosen).load()


def _whole_strides(trial: xr.Dataset, duration_s: float) -> tuple[float, float]:
    start_s = float(trial["time"].values[0])
    if "ground_reaction_force" not in trial:
        return start_s, np.inf
    contacts = detect_contacts(trial)
    if contacts.empty:
        return start_s, np.inf
    first = contacts.iloc[0]
    again_s = contacts.loc[contacts["foot"] == first["foot"], "strike_s"].to_numpy(float)
    again_s = again_s[(again_s > first["strike_s"]) & (again_s <= first["strike_s"] + duration_s)]
    return float(first["strike_s"]), float(again_s[-1]) if again_s.size else np.inf


def _tabulate(part: xr.Dataset, skeleton: Skeleton) -> pd.DataFrame:
    time_s = np.round(part["time"].values, 4)
    force_bw = force_in_body_weights(part)
    if force_bw is None:
        seen = np.isfinite(skeleton.position_m[:, : skeleton.marker_count]).all(axis=-1).sum(axis=1)
        return pd.DataFrame({"time_s": time_s, "markers_seen": seen})
    percent = np.round(100 * force_bw, 2) + 0.0
    columns = {
        f"{name}_percent_bw": percent[..., axis].ravel()
        for axis, name in enumerate(("fore_aft", "vertical", "mediolateral"))
    }
    return pd.DataFrame({"time_s": np.repeat(time_s, len(FEET)), "foot": list(FEET) * len(time_s), **columns})


def _describe(trial: xr.Dataset, part: xr.Dataset, label: str) -> str:
    time_s = part["time"].values
    speed = f" at {trial.attrs['speed_mps']:g} m/s" if "speed_mps" in trial.attrs else ""
    arrows = ""
    if "ground_reaction_force" in part:
        arrows = " An arrow at each foot in contact shows its ground reaction force"
        under = ", drawn from under the middle of the foot" if "center_of_pressure" not in part else ""
        arrows += f"{under}."
    data = f" Data: {label}." if label else ""
    return (
        f"Skeleton of a person{speed}, drawn from skin markers in three dimensions, {time_s[-1] - time_s[0]:.1f} s "
        f"long; the right leg is blue, the left one orange.{arrows}{data}"
    )
