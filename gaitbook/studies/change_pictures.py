"""Changed strides as tables and trials that figures draw: knee curves of one person, and a grid of requests."""

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr
from tqdm.auto import tqdm

from gaitbook.body_model import BodyModel
from gaitbook.mechanics.stick_joints import joint_centers
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange, request_size
from gaitbook.representation.stride import place_pressure, unroll_strides
from gaitbook.studies.change_effects import change_effects, origin_of, widths_of
from gaitbook.studies.changed_strides import change_stride, fill_stride, mean_of_draws
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.stride_measures import knee_curves

SAMPLES: Final = 41
FOOT: Final = 0
"""Place of the foot whose stance is drawn: the right one."""
MOMENTS: Final = {"Knee adduction": "adduction", "Knee flexion": "flexion"}
UNIT: Final = "%BW·H"
PEAKS: Final = {"Knee adduction": "knee_adduction_first_peak", "Knee flexion": "knee_flexion_peak"}
"""Number whose calibrated width makes the band of a curve."""
OWN, ASKED, TRUE = "own gait", "asked for", "true answer"
READOUTS: Final = {
    "knee_adduction_first_peak": "Knee adduction, first peak",
    "knee_adduction_impulse": "Knee adduction, impulse",
    "knee_flexion_peak": "Knee flexion, peak",
    "peak_vertical_force": "Vertical force, peak",
}
PER_UNIT: Final = {
    "trunk_lean_deg": "trunk_lean_rad",
    "toe_out_deg": "toe_out_rad",
    "step_width_cm": "step_width_m",
}
REQUEST_SLIDERS: Final = {
    "trunk_lean_deg": "Trunk lean (°)",
    "toe_out_deg": "Toe angle (°; negative is toe-in)",
    "step_width_cm": "Step width (cm; change)",
    "speed_mps": "Speed (m/s)",
}
SCALE: Final = {"trunk_lean_deg": np.pi / 180.0, "toe_out_deg": np.pi / 180.0, "step_width_cm": 0.01}


def change_curves(
    answer: KnownAnswer, model: StrideModel, *, draws: int = 20, changes: Sequence[str] | None = None
) -> pd.DataFrame:
    """Knee moments over the stance of the right foot: own gait, asked for with its 90 % band, and true answer.

    Parameters
    ----------
    answer
        A person with requests.
    model
        Trained and calibrated.
    draws
        How many strides are drawn.
    changes
        Labels of the requests that are wanted; all by default.

    Returns
    -------
    pandas.DataFrame
        Columns panel, quantity, unit, source, phase_percent, value, low, high, for `gaitbook.plot_change_curves`.
    """
    own = _stance(fill_stride(answer.stride, model), answer.body)
    parts = []
    for change, truth in answer.answers:
        if changes is not None and change.label not in changes:
            continue
        drawn = change_stride(answer.stride, change, model, draws=draws)
        curves = {
            OWN: own,
            ASKED: _stance(drawn, answer.body),
            TRUE: _stance(fill_stride(truth, model), answer.body),
        }
        for name in MOMENTS:
            for source, table in curves.items():
                half = (
                    _half(table[name], name, answer, change, model) * drawn.attrs["beyond"]
                    if source == ASKED
                    else np.nan
                )
                parts.append(
                    _rows(table[name].mean(axis=0), half).assign(
                        panel=change.label, quantity=name, source=source
                    )
                )
    return pd.concat(parts, ignore_index=True).assign(unit=UNIT)


def request_grid(
    answer: KnownAnswer, model: StrideModel, nodes: Mapping[str, Sequence[float]], *, draws: int = 12
) -> tuple[list[xr.Dataset], pd.DataFrame, pd.DataFrame]:
    """Trials, curves and numbers of one person at every combination of requests, for `gaitbook.explore_changes`.

    Parameters
    ----------
    answer
        The person.
    model
        Trained and calibrated.
    nodes
        Values of each of `REQUEST_SLIDERS`.
    draws
        How many strides are drawn at each.
    """
    trials, curves, numbers = [], [], []
    grid = [dict(zip(nodes, values, strict=True)) for values in product(*nodes.values())]
    for place in tqdm(grid, desc="what is asked for", disable=None):
        change = GaitChange(
            **{PER_UNIT[name]: float(SCALE[name] * place[name]) for name in PER_UNIT if place.get(name)},
            speed_mps=place.get("speed_mps"),
        )
        drawn = change_stride(answer.stride, change, model, draws=draws)
        trials.append(_trial(mean_of_draws(drawn), answer.body).assign_attrs(place))
        table = change_effects(answer.stride, answer.body, [change], model, draws=draws)
        curves.append(_curves(drawn, answer, change, model).assign(**place))
        numbers.append(_numbers(table).assign(**place))
    return trials, pd.concat(curves, ignore_index=True), pd.concat(numbers, ignore_index=True)


def _curves(drawn: xr.Dataset, answer: KnownAnswer, change: GaitChange, model: StrideModel) -> pd.DataFrame:
    parts = []
    for name, table in _stance(drawn, answer.body).items():
        half = _half(table, name, answer, change, model) * drawn.attrs["beyond"]
        parts.append(
            _rows(table.mean(axis=0), half).assign(quantity=f"{name}, right knee over stance", unit=UNIT)
        )
    return pd.concat(parts, ignore_index=True)


def _numbers(table: pd.DataFrame) -> pd.DataFrame:
    chosen = table[table["quantity"].isin(READOUTS)]
    kept = chosen[["quantity", "value", "low", "high", "unit"]].assign(words=chosen["warning"])
    return kept.assign(quantity=chosen["quantity"].map(READOUTS))


def _trial(stride: xr.Dataset, body: BodyModel) -> xr.Dataset:
    """One stride as a trial with joints, from the landing of the right foot to the next."""
    rate_hz = (SAMPLES - 1) / float(stride.attrs["period_s"])
    trial = place_pressure(unroll_strides(stride, sampling_rate_hz=rate_hz), body)
    trial = trial.drop_vars(["draw", "phase"])
    return trial.assign(skeleton_position=joint_centers(trial, body))


def _stance(strides: xr.Dataset, body: BodyModel) -> dict[str, Any]:
    """Moments (draw, sample) at the right knee over its stance, by name."""
    curves = knee_curves(strides, body)
    down, draw = curves["in_stance"].values[:, FOOT], curves["draw"].values
    share = np.linspace(0.0, 1.0, SAMPLES)
    table: dict[str, Any] = {}
    for name, part in MOMENTS.items():
        moment = curves["knee_moment"].sel(moment=part).values[:, FOOT]
        rows = [moment[down & (draw == each)] for each in dict.fromkeys(draw.tolist())]
        table[name] = np.stack([np.interp(share, np.linspace(0.0, 1.0, len(row)), row) for row in rows])
    return table


def _half(table: Any, name: str, answer: KnownAnswer, change: GaitChange, model: StrideModel) -> Any:  # noqa: ANN401
    """Half the 90 % band of a curve within the data: the spread of its draws, and the floor and factor of its peak."""
    gait = str(answer.stride.attrs["gait"])
    width = widths_of(model.card, origin_of(answer.stride), gait, change.kind).get(PEAKS[name])
    spread = table.std(axis=0, ddof=1) if len(table) > 1 else np.zeros(table.shape[1])
    if change.kind == "own gait" or width is None:
        return 1.645 * spread
    size = request_size(change, float(answer.stride.attrs["speed_mps"]))
    return width.factor * np.hypot(spread, width.floor * size)


def _rows(value: Any, half: Any) -> pd.DataFrame:  # noqa: ANN401
    percent = np.linspace(0.0, 100.0, len(value))
    return pd.DataFrame({"phase_percent": percent, "value": value, "low": value - half, "high": value + half})
