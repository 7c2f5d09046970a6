"""Make the tables of the people who are studied, and the readout: `walker_tables.py [FOLDER]`, an hour on two cores.

The first people of `default-large` are simulated again, at all tasks, and read by the encoder `fast`, by keypoints and
harmonics, and as a gait laboratory would (`walkers.npz`). A readout of age, body mass index and visceral fat is fitted
to them (`readout.npz`). Both encoders read the first thousand at one task (`walkers_same_input.npz`). Without FOLDER
the files that come with the package are written.
"""

import sys
from pathlib import Path

import pandas as pd
import xarray as xr
from joblib import Parallel, delayed

sys.path.insert(0, str(Path(__file__).parents[1]))

from gaitbook.cohort.checksums import hash_file
from gaitbook.models.gait_embedding import TrainedEncoder, load_encoder
from gaitbook.models.weights import encoder_weights
from gaitbook.representation.skeleton import REGIONS
from gaitbook.studies.engineered_gait import collect_engineered
from gaitbook.studies.gait_embedding import embed
from gaitbook.studies.gait_readout import fit_readout
from gaitbook.studies.readout_files import save_readout
from gaitbook.studies.walker_features import (
    STUDY_PEOPLE,
    WalkerFeatures,
    cut_both,
    read_features,
    write_features,
)
from gaitbook.studies.walking_windows import WalkingWindows, keypoint_features
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.default_cohort import room_of
from gaitbook.synthesis.depth_tasks import observe_tasks
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride

COHORT = "default-large"
SAME_PEOPLE, SAME_TASK = 1000, "tm_3kmh"
FOLDER = Path(__file__).parents[1] / "gaitbook" / "weights"


def walk(row: dict, styles: dict) -> list[xr.Dataset]:
    """All tasks of a person."""
    stride = solve_stride(
        row,
        speed_mps=float(row["comfortable_speed_mps"]),
        gait="walk",
        condition=Condition(),
        styles=styles,
        seed=0,
    )
    duration_s, room = PLANS[COHORT].task_s, room_of(int(row["number"]))
    return list(observe_tasks(stride, row, styles=styles, duration_s=duration_s, room=room))


def walk_everyone(people: pd.DataFrame, styles: pd.DataFrame) -> list[xr.Dataset]:
    """All tasks of all people."""
    rows = [{**row, "subject": name} for name, row in people.to_dict("index").items()]
    found = Parallel(n_jobs=-1, return_as="list", verbose=1)(
        delayed(walk)(row, styles.loc[row["subject"]].to_dict()) for row in rows
    )
    return [trial for each in found for trial in each]


def write_readout(
    folder: Path, encoder: TrainedEncoder, windows: WalkingWindows, people: pd.DataFrame
) -> None:
    """Fit the readout to the embedding of everyone, and write it."""
    card = {"encoder": hash_file(encoder_weights("fast")), "cohort": COHORT, "label": "synthetic"}
    save_readout(fit_readout(embed(encoder, windows), people, card=card), folder / "readout.npz")


def write_same_input(folder: Path, windows: dict[str, WalkingWindows]) -> None:
    """What both encoders, and keypoints, see in the same recordings."""
    few = {scale: first_at_task(each) for scale, each in windows.items()}
    sets = {"keypoints": keypoint_features(few["frame"])}
    for name in ("fast", "paper"):
        encoder = load_encoder(encoder_weights(name))
        sets[name] = embed(encoder, few[encoder.scale])
    none = pd.DataFrame(columns=["subject", "task", "reason"])
    write_features(folder / "walkers_same_input.npz", WalkerFeatures(sets, none))


def first_at_task(windows: WalkingWindows) -> WalkingWindows:
    """Windows of the first people at one task."""
    first = list(dict.fromkeys(windows.labels["subject"]))[:SAME_PEOPLE]
    chosen = (windows.labels["task"] == SAME_TASK) & windows.labels["subject"].isin(first)
    labels = windows.labels[chosen].reset_index(drop=True)
    return WalkingWindows(windows.values[chosen.to_numpy()], labels, windows.scale, windows.excluded)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    everyone = draw_people(STUDY_PEOPLE)
    trials = walk_everyone(everyone, draw_causes(everyone).styles)
    engineered = collect_engineered(trials)
    cut = cut_both(lambda: iter(trials), total=len(trials))
    del trials
    ours = load_encoder(encoder_weights("fast"))
    features = read_features(cut, {"fast": ours}, others={"engineered": engineered}, regions=REGIONS)
    path = write_features(target / "walkers.npz", features)
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB, {len(features.subjects)} people")
    write_readout(target, ours, cut[ours.scale], everyone)
    write_same_input(target, cut)
