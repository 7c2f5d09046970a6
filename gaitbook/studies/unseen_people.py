"""People of an edition whom a model has not seen: in a cohort that it learned from, those who were kept out."""

from typing import Final

import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.store import iterate_trials
from gaitbook.models.motion_model import MotionModel
from gaitbook.studies.held_out_motion import MARGIN_S, SIMULATED, middle_of
from gaitbook.studies.measured_motion import MeasuredMotion, measure_all_motion
from gaitbook.studies.motion_training import role

NEEDED: Final = ("ground_reaction_force", "in_contact")


def unseen_motions(
    cohort: xr.DataTree,
    model: MotionModel,
    *,
    people: int = 0,
    seconds: float = 4.0,
    exclusions: list[Exclusion] | None = None,
) -> list[MeasuredMotion]:
    """One trial with force of each person of a cohort whom a model has not seen, measured and cut out of the middle.

    Parameters
    ----------
    cohort
        As given by `gaitbook.open_cohort`.
    model
        Its card tells which cohorts it learned from.
    people
        At most so many, the first by name; zero takes all.
    seconds
        Length that is kept.
    exclusions
        Where trials whose motion cannot be found are put, with the reason.

    Returns
    -------
    list of MeasuredMotion
        Of several trials of a person the one in the middle by name, which is the middle speed of the runners. Empty
        where everybody was learned from.
    """
    known = cohort.attrs.get("name") in learned_cohorts(model)
    chosen = [
        subject
        for source, subject in _people(cohort)
        if role(subject) == "test" or not (known or source == SIMULATED)
    ]
    return _measure(cohort, chosen, people, seconds, exclusions)


def learned_motions(
    cohort: xr.DataTree,
    model: MotionModel,
    *,
    people: int = 0,
    seconds: float = 4.0,
    exclusions: list[Exclusion] | None = None,
) -> list[MeasuredMotion]:
    """One trial of each person of a cohort from whom a model did learn; parameters and result as `unseen_motions`."""
    if cohort.attrs.get("name") not in learned_cohorts(model):
        return []
    chosen = [subject for _, subject in _people(cohort) if role(subject) == "train"]
    return _measure(cohort, chosen, people, seconds, exclusions)


def learned_cohorts(model: MotionModel) -> frozenset[str]:
    """Names of the cohorts that a model learned from, as its card tells."""
    return frozenset(study.split("/")[0] for study in model.card.get("trials", {}))


def _people(cohort: xr.DataTree) -> list[tuple[str, str]]:
    """Source and name of every person, in order."""
    places = {tuple(node.path.split("/")[1:3]) for node in cohort.leaves if node.has_data}
    return sorted((source, subject) for source, subject in places)


def _measure(
    cohort: xr.DataTree, subjects: list[str], people: int, seconds: float, exclusions: list[Exclusion] | None
) -> list[MeasuredMotion]:
    left_out = exclusions if exclusions is not None else []
    motions: list[MeasuredMotion] = []
    for subject in subjects:
        if people and len(motions) >= people:
            break
        trials = [each for each in iterate_trials(cohort, subjects=[subject]) if set(NEEDED) <= set(each)]
        if not trials:
            left_out.append(Exclusion(subject, f"no trial with {' and '.join(NEEDED)}"))
            continue
        trial = middle_of(trials[len(trials) // 2], seconds + 2.0 * MARGIN_S).load()
        measured = measure_all_motion([trial], left_out)
        motions += [each._replace(trial=middle_of(each.trial, seconds)) for each in measured]
    return motions
