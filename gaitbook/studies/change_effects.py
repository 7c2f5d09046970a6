"""What a change of gait does to one person: each number of the stride with its interval, and the chance of benefit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pandas as pd
import xarray as xr
from scipy.stats import norm

from gaitbook.body_model import BodyModel
from gaitbook.mechanics.knee import Frame, Method
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange, request_size
from gaitbook.studies.changed_strides import DRAWS, change_stride, fill_stride
from gaitbook.studies.stride_measures import UNITS, measure_strides

LEVEL: Final = 0.9
CALIBRATION: Final = "stride_calibration"
"""Where the card of a model keeps, by origin, gait and kind of request, the floor and factor of each number."""
SIMULATED, RECORDED = "simulated", "recorded"
COLUMNS: Final = (
    "change",
    "kind",
    "quantity",
    "unit",
    "own",
    "value",
    "low",
    "high",
    "difference",
    "difference_low",
    "difference_high",
    "percent",
    "probability_lower",
    "beyond",
    "warning",
)


class Width(NamedTuple):
    """Error where all draws agree, for a request of size one, and what half an interval is in such deviations."""

    floor: float
    factor: float


def change_effects(
    stride: xr.Dataset,
    body: BodyModel,
    changes: Sequence[GaitChange],
    model: StrideModel,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    frame: Frame = "tibia",
    method: Method = "newton-euler",
) -> pd.DataFrame:
    """Numbers of a person's stride under each request, beside the person's own.

    Parameters
    ----------
    stride
        The person's own, as given by `gaitbook.mean_stride`.
    body
        The person's body.
    changes
        What is asked for.
    model
        Trained and calibrated; without calibration intervals are those of the draws.
    draws, seed
        How many strides are drawn, and which.
    frame, method
        Of the knee moments, as for `gaitbook.knee_moment`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`, a row per request and number: ``own``, ``value`` with its 90 % interval ``low`` to ``high``,
        ``difference`` (value minus own) with its interval, ``percent`` of the own, ``probability_lower`` that the
        number falls, ``beyond`` and ``warning`` as `gaitbook.change_stride` tells them.
    """
    own = measure_strides(fill_stride(stride, model), body, frame=frame, method=method).iloc[0]
    parts = []
    for change in changes:
        drawn = change_stride(stride, change, model, draws=draws, seed=seed)
        measured = measure_strides(drawn, body, frame=frame, method=method)
        widths = widths_of(model.card, origin_of(stride), str(stride.attrs["gait"]), change.kind)
        facts = {**drawn.attrs, "size": request_size(change, float(stride.attrs["speed_mps"]))}
        parts.append(_rows(own, measured, widths, facts))
    return pd.concat(parts, ignore_index=True)


def widths_of(card: Mapping[str, Any], origin: str, gait: str, kind: str) -> dict[str, Width]:
    """Widths of the intervals of each number, from the card of a model.

    Parameters
    ----------
    card
        Of the model.
    origin, gait
        Of the stride, as `origin_of` tells it; where nobody recorded was calibrated on, simulated people count.
    kind
        Of the request; where none of this kind was calibrated on, the widest of the gait counts, and where nothing
        was, the draws are taken as they are.
    """
    table: Mapping[str, Mapping[str, Sequence[float]]] = card.get(CALIBRATION, {})
    for place in (origin, SIMULATED):
        exact = table.get(f"{place}/{gait}/{kind}")
        if exact is not None:
            return {name: Width(*pair) for name, pair in exact.items()}
        alike = [entry for key, entry in table.items() if key.startswith(f"{place}/{gait}/")]
        if alike:
            names = sorted({name for entry in alike for name in entry})
            return {
                name: _widest([Width(*entry[name]) for entry in alike if name in entry]) for name in names
            }
    return {}


def origin_of(stride: xr.Dataset) -> str:
    """``"simulated"`` or ``"recorded"``."""
    return SIMULATED if stride.attrs.get("source", SIMULATED) == SIMULATED else RECORDED


def spread(deviation: float, width: Width, size: float) -> float:
    """Deviation (in units of the factor) of a number whose draws have this deviation, for a request of this size."""
    return float(np.hypot(deviation, width.floor * size))


def _widest(widths: Sequence[Width]) -> Width:
    return max(widths, key=lambda each: each.floor * each.factor)


def _rows(
    own: pd.Series, measured: pd.DataFrame, widths: Mapping[str, Width], facts: Mapping[str, Any]
) -> pd.DataFrame:
    usual = float(norm.ppf(0.5 + LEVEL / 2))
    beyond = float(facts["beyond"])
    rows = []
    for name, unit in UNITS.items():
        values = measured[name].to_numpy()
        width = widths.get(name, Width(0.0, usual))
        half = width.factor * spread(float(values.std(ddof=1)), width, facts["size"]) * beyond
        value, before = float(values.mean()), float(own[name])
        difference = value - before
        chance = norm.cdf(-difference / max(half / usual, 1e-12))
        rows.append(
            {
                "change": facts["change"],
                "kind": facts["kind"],
                "quantity": name,
                "unit": unit,
                "own": before,
                "value": value,
                "low": value - half,
                "high": value + half,
                "difference": difference,
                "difference_low": difference - half,
                "difference_high": difference + half,
                "percent": 100.0 * difference / before if before else np.nan,
                "probability_lower": float(chance),
                "beyond": beyond,
                "warning": facts["warning"],
            }
        )
    return pd.DataFrame(rows, columns=list(COLUMNS))
