"""People at speeds that they were not seen at, in groups: who they are, what is foretold, and by what simpler ways."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from gaitbook.models.stride_model import StrideModel
from gaitbook.studies.changed_strides import fill_stride
from gaitbook.studies.known_changes import KnownAnswer, can_run
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.speed_baselines import scaling_laws
from gaitbook.studies.speed_changes import DRAWS, foretell_speeds, own_numbers
from gaitbook.studies.speed_mixed_model import fit_speed_models
from gaitbook.studies.stride_measures import measure_strides

LAWS, MIXED = "scaling laws", "mixed model"
_ASKED: Final = ["subject", "gait", "speed_mps"]
_MEASURED: Final = ["group", "subject", "gait", "height_m", "speed_mps", "quantity", "value"]


def runner_numbers(people: int, *, first: int = 0) -> list[int]:
    """Numbers of the first simulated people, from ``first`` on, who are young and light enough to run.

    Parameters
    ----------
    people
        How many.
    first
        Number to begin with.
    """
    found: list[int] = []
    number = first
    while len(found) < people:
        if can_run(number):
            found.append(number)
        number += 1
    return found


def pair_gaits(
    walks: Sequence[KnownAnswer], runs: Sequence[KnownAnswer]
) -> list[tuple[KnownAnswer, KnownAnswer]]:
    """People who are among the walkers and among the runners, as (walk, run)."""
    running = {run.stride.attrs["subject"]: run for run in runs}
    named = [(walk, running.get(walk.stride.attrs["subject"])) for walk in walks]
    return [(walk, run) for walk, run in named if run is not None]


def foretell_groups(
    groups: Mapping[str, Sequence[KnownAnswer]],
    model: StrideModel,
    *,
    draws: int = DRAWS,
    processes: int | None = None,
) -> pd.DataFrame:
    """Numbers of groups of people at speeds that they were not seen at.

    Parameters
    ----------
    groups
        People by the name of their group; groups of nobody are left out.
    model
        Trained.
    draws
        How many strides are drawn of each person at each speed.
    processes
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        As `gaitbook.foretell_speeds`, with the column ``group``.

    Raises
    ------
    ValueError
        There is nobody in any group.
    """
    parts = [
        foretell_speeds(answers, model, draws=draws, processes=processes).assign(group=name)
        for name, answers in groups.items()
        if answers
    ]
    if not parts:
        raise ValueError("There is nobody in any group: give at least one person with strides at two speeds.")
    return pd.concat(parts, ignore_index=True)


def measure_groups(
    groups: Mapping[str, Sequence[KnownAnswer]], model: StrideModel, *, processes: int | None = None
) -> pd.DataFrame:
    """Numbers of groups of people at all of their speeds as they are, for mixed models to be fitted on.

    Parameters
    ----------
    groups, processes
        As for `foretell_groups`.
    model
        Fills what was not measured, as it does when it foretells.

    Returns
    -------
    pandas.DataFrame
        Columns group, subject, gait, height_m, speed_mps, quantity, value.
    """
    jobs = [(name, answer, model) for name, answers in groups.items() for answer in answers]
    done = run_jobs(_measure, jobs, what="people to learn from", processes=processes)
    return pd.concat(done, ignore_index=True) if done else pd.DataFrame(columns=_MEASURED)


def simple_ways(foretold: pd.DataFrame, learned: pd.DataFrame) -> pd.DataFrame:
    """The same numbers by laws of scaling, and by mixed models of other people.

    Parameters
    ----------
    foretold
        As given by `foretell_groups`.
    learned
        Of other people, as given by `measure_groups`; where a group is missing, only the laws answer.

    Returns
    -------
    pandas.DataFrame
        Columns group, way, subject, gait, speed_mps (those foretold and the own one), quantity, value.
    """
    parts = []
    for group, part in foretold.groupby("group", sort=False):
        own = own_numbers(part)
        asked = pd.concat([part[_ASKED], own[_ASKED]]).drop_duplicates()
        parts.append(scaling_laws(own, asked).assign(way=LAWS, group=group))
        others = learned[learned["group"] == group]
        if len(others):
            fitted = fit_speed_models(others).predict(own, asked).drop(columns=["low", "high"])
            parts.append(fitted.assign(way=MIXED, group=group))
    return pd.concat(parts, ignore_index=True)[["group", "way", *_ASKED, "quantity", "value"]]


def _measure(group: str, answer: KnownAnswer, model: StrideModel) -> pd.DataFrame:
    parts = []
    for stride in (answer.stride, *(truth for _, truth in answer.answers)):
        numbers = measure_strides(fill_stride(stride, model), answer.body).iloc[0]
        named = pd.DataFrame({"quantity": numbers.index, "value": numbers.to_numpy(float)})
        parts.append(named.assign(speed_mps=float(stride.attrs["speed_mps"])))
    facts = {name: answer.stride.attrs[name] for name in ("subject", "gait", "height_m")}
    return pd.concat(parts).dropna(subset=["value"]).assign(group=group, **facts)[_MEASURED]
