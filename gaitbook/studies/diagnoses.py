"""Yes or no: what gait adds to the covariates in telling diagnoses, habits and medicines, as probabilities.

Logistic regressions of all of them at once (`gaitbook.studies.shared_logistic`), women and men apart, in the folds of
the test of gains. Two numbers judge a probability: how often it puts a case before a person without (area under the
curve), and how far it is from the answer (the Brier score, mean squared).
"""

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import SEXES
from gaitbook.studies.gain_discoveries import FOLDS, GainDiscoveries, gain_design
from gaitbook.studies.paired_scores import limits_of, redraw_people
from gaitbook.studies.person_folds import deal_people
from gaitbook.studies.prediction_scores import redrawn_areas, redrawn_brier_scores
from gaitbook.studies.shared_logistic import SharedLogistic
from gaitbook.studies.studied_walkers import StudiedWalkers

Array = NDArray[np.float64]
DRAWS: Final = 500
BINARY: Final = "binary"


def score_diagnoses(
    found: GainDiscoveries, walkers: StudiedWalkers, *, draws: int = DRAWS, seed: int = 0
) -> pd.DataFrame:
    """Areas under the curve and Brier scores by covariates, and by covariates and gait, of people left out.

    Parameters
    ----------
    found
        Which targets were asked about, and which were discovered, in these people.
    walkers
        Their features, covariates and phenotypes; those of ``type`` ``"binary"`` are told.
    draws, seed
        Redraws of people for the interval; seed of these and of the folds.

    Returns
    -------
    pandas.DataFrame
        One row per yes-or-no target that was asked about, and sex: phenotype, system, sex, n, cases, auc_covariates,
        auc_with_gait, gain, low, high (95 %, both redrawn together), brier_covariates, brier_with_gait, q (of the test
        of its gain), reason (why there are no numbers, else empty).
    """
    binary = walkers.phenotypes["phenotype"].values[walkers.phenotypes["type"].values == BINARY]
    table = found.table
    asked = table[table["phenotype"].isin(binary.tolist()) & table["p"].notna()]
    parts = [
        _score_sex(walkers, asked[asked["sex"] == sex], draws, seed)
        for sex in SEXES
        if sex in set(asked["sex"])
    ]
    return pd.concat([asked.iloc[:0][["phenotype", "system", "sex", "q"]], *parts], ignore_index=True)


def _score_sex(walkers: StudiedWalkers, asked: pd.DataFrame, draws: int, seed: int) -> pd.DataFrame:
    sex = asked["sex"].iloc[0]
    people = walkers.people[walkers.people["sex"] == sex]
    fold = deal_people(people, folds=FOLDS, seed=seed).to_numpy(dtype=np.intp)
    chosen = walkers.phenotypes["value"].sel(subject=people.index, phenotype=asked["phenotype"].tolist())
    truth = chosen.transpose("subject", "phenotype").values.astype(float)
    features = walkers.features.loc[people.index].to_numpy(dtype=float)
    told = SharedLogistic(features, gain_design(people), fold).predict(truth)
    weights = np.concatenate([np.ones((1, len(people))), redraw_people(len(people), draws=draws, seed=seed)])
    both = {"covariates": told.covariates, "with_gait": told.both}
    area = {name: redrawn_areas(each, truth, fold, weights) for name, each in both.items()}
    brier = {name: redrawn_brier_scores(each, truth, fold, weights[:1])[0] for name, each in both.items()}
    gain = area["with_gait"] - area["covariates"]
    low, high = limits_of(gain[1:])
    return asked[["phenotype", "system", "sex"]].assign(
        n=np.isfinite(truth).sum(axis=0),
        cases=np.nansum(truth, axis=0).astype(int),
        auc_covariates=area["covariates"][0],
        auc_with_gait=area["with_gait"][0],
        gain=gain[0],
        low=low,
        high=high,
        brier_covariates=brier["covariates"],
        brier_with_gait=brier["with_gait"],
        q=asked["q"],
        reason=told.reason,
    )
