"""Study: every contestant, every condition, the same people; ours judged with its intervals as drawn and calibrated.

The work is shared by processes, a trial each. The statistics respect people: whatever is compared is first averaged
within a person, and two models are compared on the same people.
"""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd

from gaitbook.conventions import UP
from gaitbook.representation.hiding import hidden_coordinates
from gaitbook.studies.calibration import interval_factors
from gaitbook.studies.comparison import compare_methods
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.condition_table import OURS
from gaitbook.studies.hidden_parts import Contestant, judge_conditions
from gaitbook.studies.measured_motion import MeasuredMotion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of
from gaitbook.studies.uncertainty import summarize

CONDITIONS: Final = ("nothing", "trunk", "pelvis", "hips", "knees", "ankles", "only right leg")
"""One part at a time, and one leg alone, whose foot is not the one that is judged."""
SHOWN: Final[Mapping[str, tuple[str, str]]] = {
    "vertical error": (UP, "profile"),
    "error of vertical peak": (UP, "peak"),
    "vertical CRPS": (UP, "crps"),
}
"""Words of a figure, and the axis and measure that they stand for."""
CALIBRATED, AS_DRAWN = "calibrated", "as drawn"
GAITS: Final = {"walk": "walking", "run": "running"}
PERCENT: Final = 100.0


def hold_contest(
    motions: Sequence[MeasuredMotion],
    contestants: Sequence[Contestant],
    *,
    conditions: Sequence[str] = CONDITIONS,
    processes: int | None = None,
    progress: bool = True,
) -> pd.DataFrame:
    """Errors of every contestant under every condition, as by `gaitbook.studies.hidden_parts.judge_conditions`.

    Parameters
    ----------
    motions
        Trials of people whom no contestant was trained on.
    contestants
        Ours is judged with its intervals as drawn and calibrated; the others as they are.
    conditions
        What is hidden.
    processes, progress
        As for `gaitbook.studies.processes.run_jobs`.

    Returns
    -------
    pandas.DataFrame
        Columns model, condition, source, subject, trial, gait, intervals (``"as drawn"`` or ``"calibrated"``), axis,
        measure, value, unit, and group, such as ``"rbds, running"``. Rows of ours carry ``residual`` too (%BW).
    """
    ours = [one for one in contestants if one.name == OURS]
    others = [one for one in contestants if one.name != OURS]
    jobs = [(motion, ours, others, tuple(conditions)) for motion in motions]
    parts = run_jobs(_judge_trial, jobs, what="completing", processes=processes, progress=progress)
    return with_group(pd.concat(parts, ignore_index=True))


def panel_table(
    judged: pd.DataFrame,
    shown: Mapping[str, tuple[str, str]] = SHOWN,
    *,
    rows: str = "condition",
    series: str = "model",
) -> pd.DataFrame:
    """Means over people for `gaitbook.plot_conditions`: condition, model, group, measure, value, low, high, n, unit.

    Shares come in percent; an interval of a share ends where shares do.

    Parameters
    ----------
    judged
        As given by `hold_contest`, or like it.
    shown
        Words of a measure, and the axis and measure that they stand for.
    rows, series
        Columns that become the rows of the figure and its marks.
    """
    parts = []
    for words, (axis, measure) in shown.items():
        part = judged[(judged["axis"] == axis) & (judged["measure"] == measure)]
        unit = str(part["unit"].iloc[0])
        part = part.assign(value=part["value"] * (PERCENT if unit == "1" else 1.0))
        keys = {"condition": part[rows], "model": part[series], "group": part["group"]}
        table = part.drop(columns=["condition", "model"], errors="ignore").assign(**keys)
        for name in keys:
            table[name] = pd.Categorical(table[name], list(dict.fromkeys(table[name])))
        found = summarize(table, list(keys), unit="%" if unit == "1" else unit)
        if unit == "1":
            found[["low", "high"]] = found[["low", "high"]].clip(0.0, PERCENT)
        parts.append(found.assign(measure=words))
    return pd.concat(parts, ignore_index=True).astype(dict.fromkeys(("condition", "model", "group"), str))


def against_best_peer(judged: pd.DataFrame, *, axis: str = UP, measure: str = "profile") -> pd.DataFrame:
    """Ours minus the best other contestant, on the same people, by group and condition.

    The best is the one with the smallest mean error under the condition, chosen on these very people, which favors it.

    Parameters
    ----------
    judged
        As given by `hold_contest`.
    axis, measure
        What is compared.

    Returns
    -------
    pandas.DataFrame
        Columns group, condition, best_peer, share (error of ours in percent of its), value (difference), low, high, n,
        p_value (Wilcoxon, Holm-corrected), unit.
    """
    chosen = judged[(judged["axis"] == axis) & (judged["measure"] == measure)]
    unit = str(chosen["unit"].iloc[0])
    keys = ["group", "condition"]
    people = chosen.groupby([*keys, "model", "subject"], sort=False)["value"].mean().reset_index()
    means = people.groupby([*keys, "model"], sort=False)["value"].mean().reset_index()
    own = means[means["model"] == OURS].set_index(keys)["value"]
    peers = means[means["model"] != OURS]
    best = peers.loc[peers.groupby(keys, sort=False)["value"].idxmin()].set_index(keys)
    beaten = people.merge(best["model"].rename("best").reset_index(), on=keys)
    pairs = beaten[beaten["model"].isin([OURS]) | (beaten["model"] == beaten["best"])]
    pairs = pairs.rename(columns={"model": "method"})
    found = compare_methods(pairs, by=keys, unit=unit).set_index(keys)
    found = found.assign(best_peer=best["model"], share_percent=(PERCENT * own / best["value"]).round(0))
    columns = ["best_peer", "share_percent", "value", "low", "high", "n", "p_value", "unit"]
    return found.loc[own.index, columns].reset_index()


def worst_case(judged: pd.DataFrame, group: str) -> pd.Series:
    """Row of the largest vertical profile error of ours in a group: who, which trial, under which condition.

    Parameters
    ----------
    judged
        As given by `hold_contest`.
    group
        Such as ``"rbds, running"``.
    """
    vertical = (judged["axis"] == UP) & (judged["measure"] == "profile")
    own = judged[vertical & (judged["model"] == OURS) & (judged["group"] == group)]
    return own.iloc[int(own["value"].argmax())]


def with_group(judged: pd.DataFrame) -> pd.DataFrame:
    """Table with the column group, such as ``"rbds, running"``, from its source and gait."""
    return judged.assign(group=judged["source"] + ", " + judged["gait"].map(GAITS))


def _judge_trial(
    motion: MeasuredMotion,
    ours: Sequence[Contestant],
    others: Sequence[Contestant],
    conditions: Sequence[str],
) -> pd.DataFrame:
    parts = [_judge_ours(motion, one, condition) for one in ours for condition in conditions]
    if others:
        table = judge_conditions([motion], others, conditions=conditions, progress=False)
        parts.append(table.assign(intervals=AS_DRAWN))
    return pd.concat(parts, ignore_index=True)


def _judge_ours(motion: MeasuredMotion, one: Contestant, condition: str) -> pd.DataFrame:
    """Both kinds of intervals from the same draws."""
    completed = one.complete(motion, hidden_coordinates(condition))
    factors = interval_factors(one.model.card, motion.trial, condition)  # type: ignore[union-attr]
    kinds = {AS_DRAWN: None, CALIBRATED: factors}
    tables = [
        judge_completion(completed, motion.trial, factors=each).assign(intervals=name)
        for name, each in kinds.items()
    ]
    residual = completed.attrs["residual_percent_bw"]
    row = {"axis": "", "measure": "residual", "value": residual, "unit": "%BW", "intervals": AS_DRAWN}
    facts = {name: str(motion.trial.attrs[name]) for name in ("source", "subject", "trial")}
    labels = {"model": one.name, "condition": condition, **facts, "gait": gait_of(motion.trial)}
    return pd.concat([*tables, pd.DataFrame([row])], ignore_index=True).assign(**labels)
