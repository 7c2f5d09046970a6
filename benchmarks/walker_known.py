"""Make the table of two encoders, one of which knows whom it reads: `walker_known.py [FOLDER]`, half an hour.

An encoder learns, without labels, from the first thousand people who are studied, and another for as long from a
thousand others. Both read the first thousand (`walkers_known.npz`): what the first tells more is what an encoder gains
by having seen the people it is judged on.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from walker_tables import FOLDER, walk_everyone

from gaitbook.models.fitting import FittingPlan
from gaitbook.studies.gait_embedding import SCALE_OF, embed, fit_encoder
from gaitbook.studies.walker_features import FEWER_AXES, STUDY_PEOPLE, WalkerFeatures, write_features
from gaitbook.studies.walking_windows import WalkingWindows, cut_trials
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people

PEOPLE, STEPS = 1000, 500
CONFIGURATION = "fast"


def read_known(known: WalkingWindows, others: WalkingWindows) -> dict[str, pd.DataFrame]:
    """What encoders that learned from these people, and from others, make of these people."""
    plan = FittingPlan(family=CONFIGURATION, steps=STEPS, precision="bf16")
    learned = {"known": known, "strangers": others}
    return {
        name: embed(fit_encoder(windows, CONFIGURATION, plan), known).astype(np.float64)
        for name, windows in learned.items()
    }


def write_known(folder: Path, sets: dict[str, pd.DataFrame]) -> Path:
    """Write both sets of features."""
    none = pd.DataFrame(columns=["subject", "task", "reason"])
    return write_features(folder / "walkers_known.npz", WalkerFeatures(sets, none), most=FEWER_AXES)


if __name__ == "__main__":
    everyone = draw_people(STUDY_PEOPLE + PEOPLE)
    styles = draw_causes(everyone).styles
    first, second = (
        cut_trials(walk_everyone(some, styles), scale=SCALE_OF[CONFIGURATION])
        for some in (everyone.iloc[:PEOPLE], everyone.iloc[STUDY_PEOPLE:])
    )
    path = write_known(Path(sys.argv[1]) if sys.argv[1:] else FOLDER, read_known(first, second))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
