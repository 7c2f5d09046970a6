"""Make the table of what a taught reader sees: `walker_taught.py [FOLDER]`, half an hour on two cores.

Four thousand people who are neither studied nor known to the encoder are simulated. By what the encoder makes of them a
ridge regression learns their true styles of walking, which nobody knows of real people, and tells those of the people
who are studied (`walkers_taught.npz`). No reader without a teacher can be expected to see more in the same numbers.
"""

import sys
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from walker_tables import FOLDER, walk_everyone

from gaitbook.models.gait_embedding import TrainedEncoder, load_encoder
from gaitbook.models.weights import encoder_weights
from gaitbook.studies.gait_embedding import embed
from gaitbook.studies.walker_features import STUDY_PEOPLE, WalkerFeatures, write_features
from gaitbook.studies.walking_windows import cut_trials
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.population import draw_people

FIRST, LAST = 3415, 7414
FEWER = 500
"""People who are simulated in one go."""
PENALTIES = tuple(10.0**power for power in np.arange(2.0, 5.6, 0.5))
SET = "taught"


def read_walks(people: pd.DataFrame, styles: pd.DataFrame, encoder: TrainedEncoder) -> pd.DataFrame:
    """Embedding of people, simulated some at a time."""
    parts = []
    for start in range(0, len(people), FEWER):
        trials = walk_everyone(people.iloc[start : start + FEWER], styles)
        parts.append(embed(encoder, cut_trials(trials, scale=encoder.scale)))
    return pd.concat(parts)


def tell_styles(taught: pd.DataFrame, styles: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Styles of the people asked, as those who are taught teach."""
    reader = make_pipeline(StandardScaler(), RidgeCV(alphas=PENALTIES, alpha_per_target=True))
    reader.fit(taught.to_numpy(), styles.loc[taught.index].to_numpy())
    return pd.DataFrame(reader.predict(asked.to_numpy()), asked.index, styles.columns)


def write_taught(folder: Path, told: pd.DataFrame) -> Path:
    """Write styles as a set of features."""
    none = pd.DataFrame(columns=["subject", "task", "reason"])
    return write_features(folder / "walkers_taught.npz", WalkerFeatures({SET: told}, none))


if __name__ == "__main__":
    everyone = draw_people(LAST)
    true = draw_causes(everyone).styles
    ours = load_encoder(encoder_weights("fast"))
    studied, others = (
        read_walks(everyone.iloc[some], true, ours) for some in (slice(STUDY_PEOPLE), slice(FIRST - 1, LAST))
    )
    path = write_taught(Path(sys.argv[1]) if sys.argv[1:] else FOLDER, tell_styles(others, true, studied))
    print(f"{path}: {path.stat().st_size / 1e6:.2f} MB")
