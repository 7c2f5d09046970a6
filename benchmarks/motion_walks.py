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
    DRAWS,
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
from gaitbook.representation.channels import SAMPLING_RATE_HZ
from gaitbook.studies.completion import CompletionPlan, complete_trial
from gaitbook.studies.completion_errors import judge_completion
from gaitbook.studies.condition_table import OURS
from gaitbook.studies.contestants import GAITDYNAMICS, ONCE, REPLACING
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
MISSING_SHARE = 0.2
"""Of body weight: what plates may lack before a foot is said to stand beside them."""


def real_walking() -> Iterator[Line]:
    """Recorded walks as `gaitbook predict` takes them: motion, model of the body and nothing else."""
    rows = []
    for folder in WALKS:
        if not (DATA / folder).is_dir():
            yield Line(f"walks of {folder}", f"{DATA / folder} is absent", "measured", met=False)
            continue
        for motion, recorded in _walks(folder):
            profile, figure = _judge_walk(motion, recorded)
            names = {name: str(recorded.attrs[name]) for name in ("subject", "trial")}
            rows.append({"folder": folder, **names, **profile})
            yield Line("/".join((folder, *names.values())), figure, "reported", met=True)
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


def _judge_walk(motion: MeasuredMotion, recorded: xr.Dataset) -> tuple[dict[str, float], str]:
    """Profile error by axis where the plates see both feet, and all of it in words."""
    completed = complete_trial(motion, model(), plan=CompletionPlan())
    told = seen_by_plates(completed, recorded)
    seen, everywhere = (
        judge_completion(completed.isel(time=part), recorded.isel(time=part)).set_index(["measure", "axis"])[
            "value"
        ]
        for part in (told, slice(None))
    )
    unseen_s = (recorded.sizes["time"] - (told.stop - told.start)) / SAMPLING_RATE_HZ
    weight = plate_weight(recorded) / (GRAVITY_MPS2 * float(recorded.attrs["mass_kg"]))
    profile = {axis: float(seen["profile", axis]) for axis in LIMITS}
    figure = (
        f"vertical {profile['y']:.2f}, AP {profile['x']:.2f}, ML {profile['z']:.2f}, peak {seen['peak', 'y']:.2f} %BW "
        f"(vertical {everywhere['profile', 'y']:.2f} with the {unseen_s:.2f} s at the ends when a foot is beside the "
        f"plates); the plates weigh {weight:.3f} of the mass given"
    )
    return profile, figure


def seen_by_plates(completed: xr.Dataset, recorded: xr.Dataset) -> slice:
    """Frames between the ends at which the plates carry much less than the measured motion requires by Newton.

    Over ground a foot stands beside the plates before the first step and after the last one; its force is not zero but
    was not measured.
    """
    weight_n = GRAVITY_MPS2 * float(recorded.attrs["mass_kg"])
    missing_n = completed["required_force"].sel(axis="y") - recorded["ground_reaction_force"].sel(
        axis="y"
    ).sum("foot")
    whole = np.flatnonzero(missing_n.values < MISSING_SHARE * weight_n)
    return slice(int(whole[0]), int(whole[-1]) + 1)


def gaps() -> Iterator[Line]:
    """All motion missing for a moment in every second: ours, and force from motion that was filled."""
    motions = [*simulate_people(1, count(10)), *runners("test", 6)]
    contestants = [Contestant(OURS, model(), CompletionPlan(draws=DRAWS))]
    refinement = peers().get(GAITDYNAMICS[1])
    if isinstance(refinement, RegressorPeer):
        contestants += [
            Contestant(f"refinement, {filling}", replace(refinement, filling=filling), ONCE)
            for filling in FILLINGS
        ]
    contestants += [each for each in learned_peers() if each.name in REPLACING]
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
