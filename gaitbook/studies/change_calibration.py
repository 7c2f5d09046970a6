"""Intervals of changed strides, made as wide as errors on people kept for it were.

The error of a number is judged against the spread of its draws and a floor, the median error for a request of size
one: errors grow with what is asked for, and where draws agree by chance an interval does not vanish. The factor is the
quantile of these scaled errors that holds for the next person, too (split conformal prediction; Vovk et al. 2005,
doi:10.1007/b106715; Lei et al. 2018, doi:10.1080/01621459.2017.1307116), separately for every kind of request.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange, request_size
from gaitbook.studies.change_effects import CALIBRATION, LEVEL, Width, origin_of, spread
from gaitbook.studies.changed_strides import change_stride, fill_stride
from gaitbook.studies.stride_measures import UNITS, measure_strides

DRAWS: Final = 20
DIGITS: Final = 4
LEAST_SIZE: Final = 0.05
"""Smaller requests are taken to be this large."""
ERROR_COLUMNS: Final = (
    "subject",
    "origin",
    "gait",
    "kind",
    "change",
    "size",
    "quantity",
    "own",
    "true_own",
    "predicted",
    "true",
    "deviation",
)


def change_errors(
    stride: xr.Dataset,
    body: BodyModel,
    true_own: xr.Dataset,
    truths: Sequence[tuple[GaitChange, xr.Dataset]],
    model: StrideModel,
    *,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Predicted and true change of one person.

    Parameters
    ----------
    stride
        The person's own, as it was measured.
    body
        The person's body.
    true_own
        The person's own as it is; of recorded people the same as ``stride``.
    truths
        Requests with the stride that the person answers with.
    model
        Trained.
    draws
        How many strides are drawn.

    Returns
    -------
    pandas.DataFrame
        Columns `ERROR_COLUMNS`: ``predicted`` and ``true`` are differences from ``own`` and ``true_own``;
        ``deviation`` is that of the draws.
    """
    own = measure_strides(fill_stride(stride, model), body).iloc[0]
    base = measure_strides(fill_stride(true_own, model), body).iloc[0]
    facts = {
        "subject": str(stride.attrs["subject"]),
        "origin": origin_of(stride),
        "gait": stride.attrs["gait"],
    }
    parts = []
    for change, answer in truths:
        measured = measure_strides(change_stride(stride, change, model, draws=draws), body)
        truth = measure_strides(fill_stride(answer, model), body).iloc[0]
        table = pd.DataFrame(
            {
                "own": own,
                "true_own": base,
                "predicted": measured.mean() - own,
                "true": truth - base,
                "deviation": measured.std(ddof=1),
            }
        )
        size = request_size(change, float(stride.attrs["speed_mps"]))
        labels = {**facts, "kind": change.kind, "change": change.label, "size": size}
        parts.append(table.rename_axis("quantity").reset_index().assign(**labels))
    return pd.concat(parts, ignore_index=True)[list(ERROR_COLUMNS)]


def calibrate_widths(errors: pd.DataFrame, *, level: float = LEVEL) -> dict[str, dict[str, list[float]]]:
    """Floor and factor of every number, by origin, gait and kind of request.

    Parameters
    ----------
    errors
        As given by `change_errors`, of people whom the model was not trained on.
    level
        Coverage of the intervals.
    """
    table: dict[str, dict[str, list[float]]] = {}
    for (origin, gait, kind), part in errors.groupby(["origin", "gait", "kind"]):
        found = {}
        for name in UNITS:
            own = part[(part["quantity"] == name) & part["true"].notna()]
            if not own.empty:
                width = conformal_width(
                    own["predicted"] - own["true"], own["deviation"], own["size"], level=level
                )
                found[name] = [float(f"{value:.{DIGITS}g}") for value in width]
        table[f"{origin}/{gait}/{kind}"] = found
    return table


def conformal_width(
    errors: pd.Series, deviations: pd.Series, sizes: pd.Series, *, level: float = LEVEL
) -> Width:
    """Floor and factor that hold for the next of exchangeable errors with the probability ``level``.

    Parameters
    ----------
    errors
        Predicted minus true.
    deviations
        Of the draws.
    sizes
        Of the requests.
    level
        Coverage; with fewer errors than it needs the largest is taken.
    """
    floor = float(np.median(np.abs(errors) / np.maximum(sizes, LEAST_SIZE)))
    width = Width(floor, 1.0)
    cases = zip(errors, deviations, sizes, strict=True)
    scaled = np.sort([abs(error) / max(spread(each, width, size), 1e-12) for error, each, size in cases])
    place = min(int(np.ceil(level * (len(scaled) + 1))), len(scaled)) - 1
    return Width(floor, float(scaled[place]))


def with_calibration(model: StrideModel, errors: pd.DataFrame) -> StrideModel:
    """The model with the widths of its intervals in its card."""
    earlier: Mapping[str, Any] = model.card.get(CALIBRATION, {})
    return replace(model, card={**model.card, CALIBRATION: {**earlier, **calibrate_widths(errors)}})


def covered(errors: pd.DataFrame, widths: Mapping[str, Width]) -> pd.Series:
    """Whether the true difference of each row lies within its interval.

    Parameters
    ----------
    errors
        As given by `change_errors`, of one origin, gait and kind.
    widths
        As given by `gaitbook.studies.change_effects.widths_of`.
    """
    cases = errors[["quantity", "deviation", "size"]].itertuples(index=False, name=None)
    halves = [widths[name].factor * spread(each, widths[name], size) for name, each, size in cases]
    return (errors["predicted"] - errors["true"]).abs() <= halves
