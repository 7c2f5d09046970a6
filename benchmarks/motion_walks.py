"""Real walking that no model was trained on, and motion that is missing for a while."""

import os
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr
from motion_contest import (
    ANSWER_PLAN,
    DRAWS,
    REFINEMENT,
    REPLACEMENT,
    count,
    learned_peers,
    model,
    peers,
    runners,
    simulate_people,
)
from report import Line

import gaitbook as gb
from gaitbook.conventions import GRAVITY_MPS2
from gaitbook.models.filling import FILLINGS
from gaitbook.models.peer_models import RegressorPeer
from gaitbook.readers.osim_model import read_body
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.condition_table import OURS
from gaitbook.studies.hidden_parts import Contestant
from gaitbook.studies.measured_motion import FORCES, MeasuredMotion, measure_motion
from gaitbook.studies.plate_weight import plate_weight
from gaitbook.studies.prediction_bodies import read_person_body
from gaitbook.studies.prediction_inputs import prepare_input
from gaitbook.studies.prediction_people import Told
from gaitbook.studies.prediction_sources import Recording
from gaitbook.studies.time_gaps import judge_gaps
from gaitbook.studies.uncertainty import mean_over_subjects

ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("GAITBOOK_DATA", str(ROOT.parent / "shared" / "data")))
TABLES = ROOT / "_build" / "motion"
LIMITS = {"y": 5.0, "x": 1.8, "z": 1.2}
"""Most profile error by axis, %BW."""
WALKS = ("opencap", "arnold2013")
UNWEIGHED = ("opencap",)
GAP_S = 0.3


def real_walking() -> Iterator[Line]:
    """Recorded walks as `gaitbook predict` takes them: motion, model of the body and nothing else."""
    rows = []
    for folder in WALKS:
        if not (DATA / folder).is_dir():
            yield Line(f"walks of {folder}", f"{DATA / folder} is absent", "measured", met=False)
            continue
        for motion, recorded in _walks(folder):
            completed = complete_trial(motion, model(), plan=CompletionPlan())
            table = judge_completion(completed, recorded)
            profile = table[table["measure"] == "profile"].set_index("axis")["value"]
            peak = table[(table["measure"] == "peak") & (table["axis"] == "y")]["value"].iloc[0]
            weight = plate_weight(recorded) / (GRAVITY_MPS2 * float(recorded.attrs["mass_kg"]))
            rows.append({"folder": folder, "subject": recorded.attrs["subject"], **profile})
            shown = ", ".join(
                f"{name} {profile[axis]:.2f}" for name, axis in (("vertical", "y"), ("AP", "x"), ("ML", "z"))
            )
            figure = (
                f"{shown}, peak {peak:.2f} %BW; {recorded.sizes['time'] / 100:.2f} s; the plates weigh "
                f"{weight:.3f} of the mass given"
            )
            what = f"{folder}/{recorded.attrs['subject']}/{recorded.attrs['trial']}"
            yield Line(what, figure, "reported", met=True)
    people = (
        pd.DataFrame(rows).groupby(["folder", "subject"])[list(LIMITS)].mean() if rows else pd.DataFrame()
    )
    for axis, name in (("y", "vertical"), ("x", "AP"), ("z", "ML")):
        if len(people):
            mean = mean_over_subjects(people[axis])
            figure = f"{mean} %BW, n {mean.n}"
            yield Line(
                f"real walking, {name} profile", figure, f"<= {LIMITS[axis]}", mean.value <= LIMITS[axis]
            )


def gaps() -> Iterator[Line]:
    """All motion missing for a moment in every second: ours, and force from motion that was filled."""
    motions = [*simulate_people(1, count(10)), *runners("test", 6)]
    contestants = [Contestant(OURS, model(), CompletionPlan(draws=DRAWS))]
    refinement = peers().get(REFINEMENT)
    if isinstance(refinement, RegressorPeer):
        contestants += [
            Contestant(f"refinement, {filling}", replace(refinement, filling=filling), ANSWER_PLAN)
            for filling in FILLINGS
        ]
    contestants += [each for each in learned_peers() if each.name in REPLACEMENT]
    table = judge_gaps(motions, contestants, gaps_s=(GAP_S,))
    TABLES.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLES / "gaps.csv", index=False, float_format="%.5g")
    profile = table[(table["axis"] == "y") & (table["measure"] == "profile")]
    means = profile.groupby(["source", "model", "subject"], sort=False)["value"].mean()
    for source in profile["source"].unique():
        best = min((means[source, one.name].mean() for one in contestants[1:]), default=np.nan)
        for one in contestants:
            mean = mean_over_subjects(means[source, one.name])
            what = f"all motion missing for {GAP_S:g} s in every second, {source}, {one.name}"
            target = "less than each of the others" if one.name == OURS else "reported"
            yield Line(
                what, f"vertical {mean} %BW, n {mean.n}", target, one.name != OURS or mean.value < best
            )


def _walks(folder: str) -> Iterator[tuple[MeasuredMotion, xr.Dataset]]:
    """Recorded walks: what the model is given, and the same trial with the force that was measured."""
    for trial in _imported(folder):
        model_file = _model_file(folder, str(trial.attrs["subject"]))
        told = Told(read_person_body(model_file), mass_kg=_mass_kg(folder, trial))
        bare = trial.drop_vars([*FORCES, "marker_position", "standing_position"], errors="ignore")
        given = prepare_input(Recording(str(trial.attrs["trial"]), bare.copy), told)
        height_m = given.motion.trial.attrs["height_m"]
        whole = measure_motion(trial.assign_attrs(height_m=height_m), model=given.motion.model).trial
        mass_kg = given.motion.trial.attrs["mass_kg"]
        yield given.motion, whole.reindex_like(given.motion.trial["time"]).assign_attrs(mass_kg=mass_kg)


def _mass_kg(folder: str, trial: xr.Dataset) -> float:
    """Mass by the plates where no table tells it: that of a model need not be the person's."""
    return plate_weight(trial) / GRAVITY_MPS2 if folder in UNWEIGHED else float(trial.attrs["mass_kg"])


def _model_file(folder: str, subject: str) -> Path:
    models = sorted((DATA / folder).rglob("*.osim"))
    return next((path for path in models if subject in path.stem), models[0])


@cache
def _imported(folder: str) -> tuple[xr.Dataset, ...]:
    """Trials of a folder, imported as a user would; the mass is that of the only model, where no table tells it."""
    scratch = Path(tempfile.mkdtemp(prefix="gaitbook_walks_"))
    models = list((DATA / folder).rglob("*.osim"))
    people = None
    if len(models) == 1:
        people = scratch / "people.csv"
        people.write_text(f"subject,mass_kg\n{folder},{read_body(models[0]).mass_kg}\n", encoding="utf-8")
    before = os.environ.get("GAITBOOK_COHORTS")
    os.environ["GAITBOOK_COHORTS"] = str(scratch / "cohorts")
    try:
        gb.import_cohort(DATA / folder, folder, participants=people, progress=False)
        cohort = gb.open_cohort(scratch / "cohorts" / folder, progress=False)
        return tuple(trial.load() for trial in gb.iterate_trials(cohort) if "ground_reaction_force" in trial)
    finally:
        os.environ.pop("GAITBOOK_COHORTS")
        if before:
            os.environ["GAITBOOK_COHORTS"] = before
