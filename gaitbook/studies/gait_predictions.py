"""Age, body mass index and visceral fat told of walkers, with intervals; nothing is told of those unlike all seen.

The people that the readout of the package has learned from are synthetic, and what links their gait to their health was
invented: every table says so.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.abstention import LEVEL, judge_skeletons
from gaitbook.studies.gait_readout import POOLED, TOLD, GaitReadout, TaskReadout
from gaitbook.studies.person_intervals import fit_intervals, lay_intervals

Array = NDArray[np.float64]
LABEL: Final = (
    "Learned from synthetic people whose links between gait and health were invented: "
    "a demonstration, which says nothing about a real person."
)
BESIDE: Final = (
    "people of this sex and age band are told too {way}: their interval, which knows it, lies beside"
)
COLUMNS: Final = ("subject", "target", "predicted", "low", "high", "familiar", "note", "label")


def read_out(
    readout: GaitReadout, features: pd.DataFrame, people: pd.DataFrame | None = None
) -> pd.DataFrame:
    """What an embedding tells of people.

    Parameters
    ----------
    readout
        As given by `gaitbook.studies.gait_readout.fit_readout`.
    features
        Rows ``subject``, columns (``task``, ``feature``); NaN where a person has no recording of a task.
    people
        Columns sex and age_year, by subject, as far as they are known. Who has no sex is told by the regression for
        all; who has no age has the interval of those of whom the same age is told.

    Returns
    -------
    pandas.DataFrame
        One row per subject and target: subject, target (age_year, bmi_kgm2, visceral_fat_cm2), predicted, low, high
        (90 %; all three NaN where nothing is told), familiar (p of the least usual recording that was used), note
        (tasks used and left out, and why; whether the interval lies beside what is predicted), label.

    Raises
    ------
    ValueError
        The readout knows none of the tasks, or has learned from other numbers; the message names the remedy.
    """
    _require_tasks(readout, features)
    tasks = [name for name in readout.tasks if name in features.columns.get_level_values(0)]
    about = _about(features.index, people)
    told = np.full((len(features), len(tasks), len(TOLD)), np.nan)
    p = np.full((len(features), len(tasks)), np.nan)
    for number, name in enumerate(tasks):
        task = readout.tasks[name]
        every = features.loc[:, [(name, each) for each in task.features]].to_numpy(dtype=float)
        rows = np.flatnonzero(np.isfinite(every).all(axis=1))
        values = every[rows]
        p[rows, number] = _familiar(task, values)
        for model in (*SEXES, POOLED):
            own = (about["model"].iloc[rows] == model).to_numpy()
            told[rows[own], number] = task.tell(values[own], model)
    used = p > LEVEL
    laid = _with_intervals(readout, tasks, np.where(used[..., None], told, np.nan), about)
    laid["familiar"] = np.repeat([_least_familiar(each) for each in p], len(TOLD))
    notes = [_note(readout, dict(zip(tasks, each, strict=True)), row) for each, row in _rows(p, about)]
    laid["note"] = np.repeat(notes, len(TOLD))
    for way, beside in (("high", laid["predicted"] > laid["high"]), ("low", laid["predicted"] < laid["low"])):
        laid.loc[beside, "note"] += "; " + BESIDE.format(way=way)
    return laid.assign(label=LABEL)[list(COLUMNS)]


def _about(subjects: pd.Index, people: pd.DataFrame | None) -> pd.DataFrame:
    """Sex and age as far as they are known, and the model by which a person is told."""
    known = pd.DataFrame(index=subjects) if people is None else people.reindex(subjects)
    sex = known["sex"] if "sex" in known else pd.Series(None, subjects, dtype=object)
    age = known["age_year"] if "age_year" in known else pd.Series(np.nan, subjects)
    model = sex.where(sex.isin(SEXES), POOLED).astype(object)
    return pd.DataFrame({"model": model, "age_year": age.astype(float)})


def _familiar(task: TaskReadout, values: Array) -> Array:
    """Share of people who were seen that are as far from the others."""
    if not len(values):
        return np.empty(0)
    places = pd.DataFrame(task.place(values), columns=list(task.seen.features))
    return np.array([each.p for each in judge_skeletons(task.seen, places).values()])


def _with_intervals(readout: GaitReadout, tasks: list[str], told: Array, about: pd.DataFrame) -> pd.DataFrame:
    """Means over tasks (person, task, target) with the intervals that exactly these tasks deserve."""
    given = np.isfinite(told[..., 0])
    result = np.full((len(about), len(TOLD), 3), np.nan)
    places = [list(readout.tasks).index(name) for name in tasks]
    known = (about["model"] == POOLED).to_numpy(), about["age_year"].notna().to_numpy()
    kinds, kind = np.unique(np.column_stack([given, *known]), axis=0, return_inverse=True)
    for number, key in enumerate(kinds):
        rows, chosen = np.flatnonzero(kind == number), key[: len(tasks)]
        pooled, aged = bool(key[-2]), bool(key[-1])
        if chosen.any():
            mean = told[rows][:, chosen].mean(axis=1)
            errors = readout.errors[int(pooled)][:, np.array(places)[chosen]].mean(axis=1)
            result[rows] = _lay(readout, mean, errors, about.iloc[rows], pooled=pooled, aged=aged)
    table = pd.DataFrame(result.reshape(-1, 3), columns=["predicted", "low", "high"])
    subjects = np.repeat(about.index.to_numpy(), len(TOLD))
    return table.assign(subject=subjects, target=np.tile(TOLD, len(about)))


def _lay(
    readout: GaitReadout, mean: Array, errors: Array, about: pd.DataFrame, *, pooled: bool, aged: bool
) -> Array:
    """Predicted, low and high (person, target, 3) of people whose mean (person, target) is told."""
    place = TOLD.index("age_year")
    taught, asked = readout.people.reset_index(drop=True), about.rename(columns={"model": "sex"})
    if pooled:
        taught = taught.assign(sex=POOLED)
    if not aged:
        # bands must be the same for those who teach and those who are asked, so both are banded by what is told
        taught = taught.assign(age_year=taught["age_year"] - errors[:, place])
        asked = asked.assign(age_year=mean[:, place])
    laid = np.empty((len(asked), len(TOLD), 3))
    for number in range(len(TOLD)):
        error = pd.Series(errors[:, number], taught.index)
        intervals = fit_intervals(-error, 0.0 * error, taught)
        found = lay_intervals(intervals, pd.Series(mean[:, number], asked.index), asked)
        laid[:, number] = found[["predicted", "low", "high"]].to_numpy()
    return laid


def _least_familiar(p: Array) -> float:
    """P of the least usual recording that was used; of the most usual if none was."""
    known = p[np.isfinite(p)]
    if not len(known):
        return float("nan")
    return float(known[known > LEVEL].min() if (known > LEVEL).any() else known.max())


def _rows(p: Array, about: pd.DataFrame) -> Iterator[tuple[Array, pd.Series]]:
    return ((each, row) for each, (_, row) in zip(p, about.iterrows(), strict=True))


def _note(readout: GaitReadout, p: dict[str, float], about: pd.Series) -> str:
    used = [name for name, each in p.items() if each > LEVEL]
    strange = {name: each for name, each in p.items() if each <= LEVEL}
    parts = [f"told by {', '.join(used)}"] if used else []
    parts += [
        f"{name} left out: unlike the {len(readout.people)} people who were seen (p = {each:.2g}), look at the "
        "recording"
        for name, each in strange.items()
    ]
    parts += [] if used or strange else ["no recording of a task that the readout knows"]
    if used and about["model"] == POOLED:
        parts.append("sex unknown: told as of women and men together")
    if used and not np.isfinite(about["age_year"]):
        parts.append("age unknown: interval of people of whom the same age is told")
    return "; ".join(parts)


def _require_tasks(readout: GaitReadout, features: pd.DataFrame) -> None:
    tasks = list(dict.fromkeys(map(str, features.columns.get_level_values(0))))
    known = [name for name in tasks if name in readout.tasks]
    faults = []
    if not known:
        faults.append(
            f"there are recordings of {', '.join(tasks)}, but the readout knows {', '.join(readout.tasks)}: say with "
            "--task which of these is nearest to what was recorded"
        )
    for name in known:
        absent = [each for each in readout.tasks[name].features if each not in features[name]]
        if absent:
            faults.append(
                f"the readout has learned from {len(absent)} numbers of {name} that are not there, such as "
                f"{absent[0]!r}: embed with the encoder that it belongs to"
            )
    if faults:
        raise ValueError("Nothing can be told of the embedding: " + "; ".join(faults))
