"""The runner of Hamner at 2 and 3 m/s: motion, plates and model as published, imported as a user would."""

import os
import tempfile
from pathlib import Path

import gaitbook as gb
from gaitbook.readers.osim_model import read_body
from gaitbook.representation.gait_change import GaitChange
from gaitbook.representation.states import known_motion
from gaitbook.representation.stride import mean_stride
from gaitbook.studies.known_changes import KnownAnswer
from gaitbook.studies.measured_motion import measure_motion

BOTH = 2
ROOT = Path(__file__).parents[1]
DATA = Path(os.environ.get("GAITBOOK_DATA", str(ROOT.parent / "shared" / "data")))
HEIGHT_M = 1.77
"""Mean of the runners of Hamner and Delp (2013, doi:10.1016/j.jbiomech.2012.11.024); this one's is not told."""


def hamner_runner() -> list[KnownAnswer]:
    """The runner told by each speed, with the other as the answer; none where the files are absent."""
    folder = DATA / "hamner"
    if not folder.is_dir():
        return []
    body = read_body(next(folder.glob("*.osim")))
    with tempfile.TemporaryDirectory() as scratch:
        people = Path(scratch) / "people.csv"
        people.write_text(
            f"subject,mass_kg,height_m\nhamner,{body.mass_kg:.2f},{HEIGHT_M}\n", encoding="utf-8"
        )
        earlier = os.environ.get("GAITBOOK_COHORTS")
        os.environ["GAITBOOK_COHORTS"] = scratch
        gb.import_cohort(folder, "hamner", participants=people, progress=False)
        trials = [trial.load() for trial in gb.iterate_trials(gb.open_cohort(Path(scratch) / "hamner"))]
        os.environ.pop("GAITBOOK_COHORTS")
        if earlier is not None:
            os.environ["GAITBOOK_COHORTS"] = earlier
    strides = []
    for trial in trials:
        if not {"joint_angle", "ground_reaction_force"} <= set(trial):
            continue
        speed_mps = int("".join(filter(str.isdigit, trial.attrs["trial"]))[:3]) / 100.0
        told = trial.astype(float, keep_attrs=True).assign_attrs(
            speed_mps=speed_mps, gait="run", source="hamner"
        )
        motion = measure_motion(told.drop_vars("marker_position", errors="ignore"), model=body)
        angle = known_motion(motion.trial)["joint_angle"]
        seen = angle["coordinate"].values[angle.notnull().all("time").values]
        whole = motion.trial.drop_dims("coordinate").assign(
            joint_angle=motion.trial["joint_angle"].sel(coordinate=seen)
        )
        strides.append((mean_stride(whole, motion.model), motion.model))
    if len(strides) != BOTH:
        return []
    (slow, _), (fast, _) = strides
    return [
        KnownAnswer(own, model, own, ((GaitChange(speed_mps=float(other.attrs["speed_mps"])), other),))
        for (own, model), other in zip(strides, (fast, slow), strict=True)
    ]
