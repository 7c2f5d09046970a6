"""Answers of people to requests, laid out as tables: for figures, for mixed models, and for a comparison of ways."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.schema import trial_path
from gaitbook.cohort.store import iterate_trials
from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects, spread, widths_of
from gaitbook.studies.known_changes import modifications
from gaitbook.studies.motion_training import role
from gaitbook.studies.response_features import predict_response
from gaitbook.studies.stride_library import measured_stride
from gaitbook.studies.stride_measures import UNITS
from gaitbook.studies.uncertainty import Estimate, mean_over_subjects

CONDITIONS: Final = {
    "trunk_lean_rad": ("trunk lean (°)", 180.0 / np.pi),
    "toe_out_rad": ("toe-out (°)", 180.0 / np.pi),
    "step_width_m": ("step width (cm)", 100.0),
    "medial_thrust_rad": ("medial thrust (°)", 180.0 / np.pi),
    "stride_length": ("stride length (%)", 100.0),
}
"""Name of each dose in tables, with the unit that it is told in."""
FEATURES: Final = (
    "knee_adduction_first_peak",
    "knee_flexion_peak",
    "stride_length",
    "cadence",
    "duty_factor",
    "peak_vertical_force",
)
"""Own numbers that may tell who responds."""
FIRST_PEAK: Final = "knee_adduction_first_peak"
RESAMPLES: Final = 2000
FEWEST_PEOPLE: Final = 10
NEEDED: Final = ("ground_reaction_force", "center_of_pressure", "free_moment")


def agreement_points(errors: pd.DataFrame, card: Mapping[str, Any]) -> pd.DataFrame:
    """Foretold and true changes with the intervals of the foretold, for `gaitbook.plot_agreement`.

    Parameters
    ----------
    errors
        As given by `gaitbook.simulated_errors`.
    card
        Of the model.
    """
    keys = errors[["origin", "gait", "kind", "quantity"]].astype(str).to_numpy()
    sizes = errors[["deviation", "size"]].to_numpy(float)
    halves = np.array([_half(card, key, *each) for key, each in zip(keys, sizes, strict=True)])
    points = errors[["quantity", "true", "predicted"]].assign(group=errors["kind"])
    points["low"], points["high"] = points["predicted"] - halves, points["predicted"] + halves
    return points.assign(unit=points["quantity"].map(UNITS)).reset_index(drop=True)


def response_table(errors: pd.DataFrame) -> pd.DataFrame:
    """Foretold changes by condition and dose, for `gaitbook.dose_response`: requests with one dose only.

    Returns
    -------
    pandas.DataFrame
        Columns subject, condition, dose, quantity, value (difference from the own gait), own.
    """
    named = {change.label: _condition(change) for change in modifications()}
    alone = errors[errors["change"].map(named).notna()]
    pairs = alone["change"].map(named)
    table = alone[["subject", "quantity", "own"]].assign(value=alone["predicted"])
    return table.assign(condition=[name for name, _ in pairs], dose=[dose for _, dose in pairs]).reset_index(
        drop=True
    )


def in_percent(responses: pd.DataFrame) -> pd.DataFrame:
    """The same with changes in percent of the own."""
    return responses.assign(value=100.0 * responses["value"] / responses["own"])


def own_features(errors: pd.DataFrame) -> pd.DataFrame:
    """Numbers of people's own gait, a row per subject: may they tell who responds?"""
    own = errors[errors["quantity"].isin(FEATURES)].drop_duplicates(["subject", "quantity"])
    return own.pivot(index="subject", columns="quantity", values="own").reset_index()


def explain_response(features: pd.DataFrame, responses: pd.DataFrame, *, seed: int = 0) -> pd.DataFrame:
    """Which own numbers tell who responds, by `gaitbook.studies.response_features.predict_response`.

    Parameters
    ----------
    features
        As given by `own_features`.
    responses
        As given by `response_table`.
    seed
        Of the bootstrap.

    Returns
    -------
    pandas.DataFrame
        Empty where there are fewer than ten people: nothing can be told from so few.
    """
    if features["subject"].nunique() < FEWEST_PEOPLE:
        return pd.DataFrame(
            columns=["condition", "quantity", "feature", "coefficient", "low", "high", "p", "q", "n"]
        )
    return predict_response(features, responses, seed=seed)


def compare_ways(ways: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Mean absolute errors of several ways over the same people and requests.

    Parameters
    ----------
    ways
        By name, tables with subject, change, quantity, predicted and true.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, way, value, low, high (95 % over people), unit, n.
    """
    rows = []
    for way, table in ways.items():
        for quantity in dict.fromkeys(table["quantity"]):
            mean = mean_over_subjects(_errors_of(table, quantity).to_numpy(), unit=UNITS[quantity])
            told = {"value": mean.value, "low": mean.low, "high": mean.high, "unit": mean.unit, "n": mean.n}
            rows.append({"quantity": quantity, "way": way, **told})
    return pd.DataFrame(rows).sort_values("quantity", kind="stable", ignore_index=True)


def error_ratio(one: pd.DataFrame, other: pd.DataFrame, quantities: Sequence[str]) -> Estimate:
    """Error of one way over that of another, mean over numbers, with its 95 % interval over people.

    Parameters
    ----------
    one, other
        As for `compare_ways`, of the same people and requests.
    quantities
        Numbers that count alike.
    """
    first, second = (
        np.stack([_errors_of(way, name).to_numpy() for name in quantities]) for way in (one, other)
    )
    people = first.shape[1]
    picks = np.random.default_rng(0).integers(people, size=(RESAMPLES, people))
    drawn = (first[:, picks].mean(axis=2) / second[:, picks].mean(axis=2)).mean(axis=0)
    low, high = np.quantile(drawn, [0.025, 0.975])
    value = float((first.mean(axis=1) / second.mean(axis=1)).mean())
    return Estimate(value, float(low), float(high), n=people, unit="", level=0.95)


def unseen_strides(
    cohort: xr.DataTree, model: StrideModel, *, people: int = 3, exclusions: list[Exclusion] | None = None
) -> list[tuple[xr.Dataset, BodyModel]]:
    """Mean stride and body of recorded people whom a stride model has not learned from.

    Parameters
    ----------
    cohort
        As given by `gaitbook.open_cohort`.
    model
        Its card names the cohorts that it learned from; of these only people kept for tests are new.
    people
        At most so many, the first by name.
    exclusions
        Where trials without a whole stride are put, with the reason.
    """
    known = cohort.attrs.get("name") in model.card.get("cohorts", ())
    left_out = exclusions if exclusions is not None else []
    found: dict[str, tuple[xr.Dataset, BodyModel]] = {}
    for trial in iterate_trials(cohort):
        subject = str(trial.attrs["subject"])
        if len(found) >= people or subject in found or (known and role(subject) != "test"):
            continue
        if not set(NEEDED) <= set(trial):
            left_out.append(
                Exclusion(trial_path(trial.attrs), f"no {' and no '.join(set(NEEDED) - set(trial))}")
            )
            continue
        try:
            found[subject] = measured_stride(trial.load())
        except (ValueError, KeyError) as reason:
            left_out.append(Exclusion(trial_path(trial.attrs), " ".join(map(str, reason.args))))
    return list(found.values())


def forecast(
    strides: Sequence[tuple[xr.Dataset, BodyModel]],
    changes: Sequence[GaitChange],
    model: StrideModel,
    *,
    draws: int = 20,
    quantity: str = FIRST_PEAK,
) -> pd.DataFrame:
    """What requests would do to one number of recorded people.

    Returns
    -------
    pandas.DataFrame
        Columns subject, speed_mps, change, own, difference, difference_low, difference_high, probability_lower,
        warning; empty without people.
    """
    kept = [
        "change",
        "own",
        "difference",
        "difference_low",
        "difference_high",
        "probability_lower",
        "warning",
    ]
    parts = [pd.DataFrame(columns=["subject", "speed_mps", *kept])]
    for stride, body in strides:
        table = change_effects(stride, body, changes, model, draws=draws)
        own = table.loc[table["quantity"] == quantity, kept]
        facts = {"subject": stride.attrs["subject"], "speed_mps": stride.attrs["speed_mps"]}
        parts.append(own.assign(**facts)[["subject", "speed_mps", *kept]])
    return pd.concat(parts[1:] or parts, ignore_index=True)


def _half(card: Mapping[str, Any], key: Any, deviation: float, size: float) -> float:  # noqa: ANN401
    origin, gait, kind, quantity = key
    width = widths_of(card, origin, gait, kind).get(quantity)
    return np.nan if width is None else width.factor * spread(deviation, width, size)


def _condition(change: GaitChange) -> tuple[str, float] | None:
    asked = [(name, value) for name, value in change.doses.items() if value]
    if len(asked) != 1 or change.speed_mps is not None:
        return None
    name, scale = CONDITIONS[asked[0][0]]
    return name, round(scale * asked[0][1], 3)


def _errors_of(table: pd.DataFrame, quantity: str) -> pd.Series:
    own = table[table["quantity"] == quantity]
    return (own["predicted"] - own["true"]).abs().groupby(own["subject"]).mean()
