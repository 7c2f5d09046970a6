"""Walk or run? What a stride model says of both gaits about the speed where people change from one to the other.

Nobody whom the model has learned from changes gait, and each gait has been seen on its own side of that speed, with
little in common. What is asked here is carried on from both sides.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd

from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.speed_changes import DRAWS
from gaitbook.studies.speed_courses import say_quantity
from gaitbook.studies.stride_measures import UNITS

WALKED_MPS: Final = (1.0, 1.3, 1.6, 1.8, 2.0, 2.1, 2.3, 2.6)
RUN_MPS: Final = (1.3, 1.6, 1.8, 2.0, 2.1, 2.3, 2.6)
COMPARED: Final = (
    "cadence",
    "duty_factor",
    "peak_vertical_force",
    "loading_rate",
    "peak_braking_force",
    "peak_propulsive_force",
    "peak_ankle_dorsiflexion",
    "knee_flexion_peak",
)
GAITS: Final = {"walk": "walking", "run": "running"}
Pair = tuple[KnownAnswer, KnownAnswer]


def foretell_transition(
    pairs: Sequence[Pair],
    model: StrideModel,
    *,
    walked_mps: Sequence[float] = WALKED_MPS,
    run_mps: Sequence[float] = RUN_MPS,
    draws: int = DRAWS,
    processes: int | None = None,
) -> pd.DataFrame:
    """Numbers of people who walk ever faster and run ever slower.

    Parameters
    ----------
    pairs
        Walk and run of the same people, as given by `gaitbook.pair_gaits`.
    model
        Trained.
    walked_mps, run_mps
        Speeds that are asked for; beyond those that the model has seen it answers at the nearest.
    draws
        How many strides are drawn at each.
    processes
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        Columns subject, group (``"walking"``, ``"running"``), own_mps, speed_mps (as asked), quantity, unit, value,
        low, high, beyond, warning.
    """
    jobs = [
        (answer, speeds, model, draws)
        for pair in pairs
        for answer, speeds in zip(pair, (walked_mps, run_mps), strict=True)
    ]
    done = run_jobs(_foretell, jobs, what="walking and running", processes=processes)
    return pd.concat(done, ignore_index=True)


def transition_courses(asked: pd.DataFrame) -> pd.DataFrame:
    """Means over people, for `gaitbook.plot_speed_courses`; the intervals are the means of everybody's own."""
    chosen = asked[asked["quantity"].isin(COMPARED)]
    by = ["quantity", "unit", "group", "speed_mps"]
    means = chosen.groupby(by, sort=False)[["value", "low", "high", "own_mps"]].mean().reset_index()
    return means.assign(source="foretold", quantity=means["quantity"].map(say_quantity))


def find_crossings(asked: pd.DataFrame, *, at_mps: float = 2.0) -> pd.DataFrame:
    """Where walking and running are the same, for each number that is compared.

    Parameters
    ----------
    asked
        As given by `foretell_transition`.
    at_mps
        A speed that both gaits were asked for, at which they are set side by side.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, unit, walking and running (means at that speed), crossing_mps (the first one of the means;
        NaN where one stays above the other), people (who have a crossing of their own), low_mps and high_mps (the
        middle half of theirs), of (people).
    """
    rows = []
    for quantity in COMPARED:
        part = asked[asked["quantity"] == quantity]
        means = part.groupby(["group", "speed_mps"])["value"].mean().unstack("group")
        alone = [
            _crossing(each.pivot(index="speed_mps", columns="group", values="value"))
            for _, each in part.groupby("subject")
        ]
        own = np.array([each for each in alone if np.isfinite(each)])
        low, high = np.quantile(own, [0.25, 0.75]) if len(own) else (np.nan, np.nan)
        told = {"quantity": say_quantity(quantity), "unit": UNITS[quantity], **means.loc[at_mps].to_dict()}
        rows.append(
            {
                **told,
                "crossing_mps": _crossing(means),
                "low_mps": low,
                "high_mps": high,
                "people": len(own),
                "of": len(alone),
            }
        )
    columns = [
        "quantity",
        "unit",
        "walking",
        "running",
        "crossing_mps",
        "low_mps",
        "high_mps",
        "people",
        "of",
    ]
    return pd.DataFrame(rows)[columns]


def list_warnings(asked: pd.DataFrame) -> pd.DataFrame:
    """What the model says about every speed beyond those that it has seen, and how much wider its intervals are.

    Parameters
    ----------
    asked
        As given by `foretell_transition`.

    Returns
    -------
    pandas.DataFrame
        Columns gait, speed_mps, wider (times the width that the request would have had), warning, of the first person.
    """
    first = asked[asked["subject"] == asked["subject"].iloc[0]]
    told = first[first["beyond"] > 1.0].drop_duplicates(["group", "speed_mps"])
    named = told.rename(columns={"group": "gait", "beyond": "wider"})
    return named[["gait", "speed_mps", "wider", "warning"]].reset_index(drop=True)


def _foretell(
    answer: KnownAnswer, speeds_mps: Sequence[float], model: StrideModel, draws: int
) -> pd.DataFrame:
    changes = [GaitChange(speed_mps=speed) for speed in speeds_mps]
    table = change_effects(answer.stride, answer.body, changes, model, draws=draws)
    told = answer.stride.attrs
    facts: dict[str, Any] = {
        "subject": told["subject"],
        "group": GAITS[told["gait"]],
        "own_mps": float(told["speed_mps"]),
        "speed_mps": np.repeat(speeds_mps, len(UNITS)),
    }
    names = [
        "subject",
        "group",
        "own_mps",
        "speed_mps",
        "quantity",
        "unit",
        "value",
        "low",
        "high",
        "beyond",
        "warning",
    ]
    return table.assign(**facts)[names]


def _crossing(table: pd.DataFrame) -> float:
    """First speed at which the columns walking and running change their order, with straight lines between speeds."""
    apart = (table["walking"] - table["running"]).dropna()
    speeds, values = apart.index.to_numpy(float), apart.to_numpy(float)
    turns = np.flatnonzero(np.sign(values[:-1]) != np.sign(values[1:]))
    if not len(turns):
        return float("nan")
    at = int(turns[0])
    share = values[at] / (values[at] - values[at + 1])
    return float(speeds[at] + share * (speeds[at + 1] - speeds[at]))
