"""What speed does to a person, foretold from one speed: numbers, rises from one speed to another, spread of people."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from gaitbook.models.stride_model import StrideModel
from gaitbook.representation.gait_change import GaitChange
from gaitbook.studies.change_effects import change_effects
from gaitbook.studies.changed_strides import fill_stride
from gaitbook.studies.known_changes import KnownAnswer, simulated_answers
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.stride_measures import UNITS, measure_strides
from gaitbook.studies.uncertainty import mean_over_subjects

RISING: Final = (
    "peak_vertical_force",
    "peak_braking_force",
    "peak_propulsive_force",
    "stride_length",
    "contact_time",
    "peak_knee_flexion",
)
"""Numbers whose rise with speed is compared."""
COMPARED: Final = (*RISING, "loading_rate", "knee_flexion_peak")
COLUMNS: Final = (
    "subject",
    "gait",
    "own_mps",
    "height_m",
    "speed_mps",
    "quantity",
    "own",
    "value",
    "low",
    "high",
    "true",
)
RESAMPLES: Final = 2000
DRAWS: Final = 20


def foretell_speeds(
    answers: Sequence[KnownAnswer],
    model: StrideModel,
    *,
    draws: int = DRAWS,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Numbers of people at speeds that they were not seen at.

    Parameters
    ----------
    answers
        People with their strides at other speeds, as `gaitbook.studies.known_changes` has them.
    model
        Trained.
    draws
        How many strides are drawn.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        Columns `COLUMNS`: ``own`` is the number at the own speed ``own_mps``, ``value`` with its 90 % interval what is
        foretold at ``speed_mps``, and ``true`` what was measured (or simulated) there.
    """
    jobs = [(answer, model, draws) for answer in answers]
    done = run_jobs(_foretell, jobs, what="other speeds", processes=processes, progress=progress)
    return pd.concat(done, ignore_index=True)


def simulated_at_speeds(
    numbers: Sequence[int],
    *,
    gait: str,
    own_mps: float,
    speeds_mps: Sequence[float],
    processes: int | None = None,
    progress: bool = True,
) -> list[KnownAnswer]:
    """Simulated people at several speeds, told by one of them.

    Parameters
    ----------
    numbers
        Of the people, from 0.
    gait, own_mps, speeds_mps
        What they do, at which speed they are seen, and at which they are foretold.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.
    """
    changes = tuple(GaitChange(speed_mps=each) for each in speeds_mps)
    jobs = [(number, changes, gait, own_mps) for number in numbers]
    return run_jobs(_simulate, jobs, what="people at other speeds", processes=processes, progress=progress)


def rises(foretold: pd.DataFrame, first_mps: float, last_mps: float, *, seed: int = 0) -> pd.DataFrame:
    """Rise of the group mean from one speed to another, foretold and true.

    Parameters
    ----------
    foretold
        As given by `foretell_speeds`, with both speeds of everybody.
    first_mps, last_mps
        The speeds.
    seed
        Of the bootstrap over people.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, foretold, true (means over people), ratio, low, high (90 %, bootstrap over people), n.
    """
    rows = []
    for quantity, part in foretold.groupby("quantity", sort=False):
        first, last = (
            part[np.isclose(part["speed_mps"], speed)].set_index("subject")[["value", "true"]]
            for speed in (first_mps, last_mps)
        )
        rise = (last - first).dropna()
        if rise.empty:
            continue
        mean = rise.mean()
        picks = np.random.default_rng(seed).integers(len(rise), size=(RESAMPLES, len(rise)))
        drawn = rise.to_numpy()[picks].mean(axis=1)
        low, high = np.quantile(drawn[:, 0] / drawn[:, 1], [0.05, 0.95])
        told = {"foretold": mean["value"], "true": mean["true"], "ratio": mean["value"] / mean["true"]}
        rows.append({"quantity": quantity, **told, "low": low, "high": high, "n": len(rise)})
    return pd.DataFrame(rows)


def spreads(foretold: pd.DataFrame) -> pd.DataFrame:
    """Spread between people of what is foretold, over the true one, mean over speeds: columns quantity, ratio, n."""
    by = foretold.groupby(["quantity", "speed_mps"], sort=False)[["value", "true"]].std()
    ratio = (by["value"] / by["true"]).groupby("quantity", sort=False).mean()
    people = foretold.groupby("quantity")["subject"].nunique()
    return pd.DataFrame({"ratio": ratio, "n": people.reindex(ratio.index)}).reset_index()


def speed_errors(foretold: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute errors of what is foretold, and of other ways to foretell it.

    Parameters
    ----------
    foretold
        As given by `foretell_speeds`.
    others
        Columns way, subject, gait, speed_mps, quantity, value.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, way (``"model"`` first), error, low, high (95 % over people), n.
    """
    keys = ["subject", "gait", "speed_mps", "quantity"]
    true = foretold[[*keys, "true"]]
    ways = pd.concat([foretold[[*keys, "value"]].assign(way="model"), others[[*keys, "value", "way"]]])
    both = ways.merge(true, on=keys)
    both["error"] = (both["value"] - both["true"]).abs()
    people = both.dropna(subset=["error"]).groupby(["quantity", "way", "subject"], sort=False)["error"].mean()
    rows = []
    for (quantity, way), part in people.groupby(["quantity", "way"], sort=False):
        mean = mean_over_subjects(part.to_numpy())
        rows.append(
            {
                "quantity": quantity,
                "way": way,
                "error": mean.value,
                "low": mean.low,
                "high": mean.high,
                "n": mean.n,
            }
        )
    return pd.DataFrame(rows)


def own_numbers(foretold: pd.DataFrame) -> pd.DataFrame:
    """Numbers at the own speed, as `gaitbook.studies.speed_baselines` wants them."""
    own = foretold.drop_duplicates(["subject", "gait", "quantity"])
    table = own[["subject", "gait", "height_m", "quantity"]].assign(
        speed_mps=own["own_mps"], value=own["own"]
    )
    return table.dropna(subset=["value"])


def true_numbers(foretold: pd.DataFrame) -> pd.DataFrame:
    """Numbers at all speeds as they are, to learn a mixed model from."""
    there = foretold[["subject", "gait", "height_m", "speed_mps", "quantity"]].assign(value=foretold["true"])
    return pd.concat([own_numbers(foretold), there], ignore_index=True).dropna(subset=["value"])


def _foretell(answer: KnownAnswer, model: StrideModel, draws: int) -> pd.DataFrame:
    changes = [change for change, _ in answer.answers]
    table = change_effects(answer.stride, answer.body, changes, model, draws=draws)
    parts = []
    for number, (change, truth) in enumerate(answer.answers):
        own = table.iloc[number * len(UNITS) : (number + 1) * len(UNITS)]
        true = measure_strides(fill_stride(truth, model), answer.body).iloc[0]
        parts.append(own.assign(speed_mps=change.speed_mps, true=own["quantity"].map(true)))
    told = answer.stride.attrs
    facts = {
        "subject": told["subject"],
        "gait": told["gait"],
        "own_mps": told["speed_mps"],
        "height_m": told["height_m"],
    }
    return pd.concat(parts).assign(**facts)[list(COLUMNS)]


def _simulate(number: int, changes: Sequence[GaitChange], gait: str, own_mps: float) -> KnownAnswer:
    return simulated_answers(number, changes, gait=gait, speed_mps=own_mps)
