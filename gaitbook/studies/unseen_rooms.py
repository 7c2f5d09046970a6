"""Does what was learned in some rooms hold in one that was never seen?

Each room is predicted from all others. Its people also lack the teachers that were recorded beside them, so the score
is set beside that of groups of people of the same sizes in which rooms are mixed: what differs is the room alone.
"""

from typing import Final

import numpy as np
import pandas as pd

from gaitbook.studies.paired_scores import (
    COVARIATES,
    DRAWS,
    Predictor,
    limits_of,
    people_of_each_sex,
    predict_beyond,
    score_predictions,
)
from gaitbook.studies.room_audit import require_rooms

REPEATS: Final = 5
STREAM: Final = 101


def leave_one_room_out(
    features: pd.DataFrame,
    rooms: pd.Series,
    values: pd.DataFrame,
    people: pd.DataFrame,
    *,
    predict: Predictor = predict_beyond,
    repeats: int = REPEATS,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """How well targets are told in a room that was never seen, and in rooms that were, from as many people.

    Parameters
    ----------
    features, rooms, people
        As for `gaitbook.studies.room_audit.find_rooms`.
    values
        Targets (subject, target).
    predict
        How features predict.
    repeats
        How often people are dealt into mixed groups as large as the rooms; scores are averaged.
    draws, seed
        Of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        By sex and target: n, new_room and rooms_mixed (r beyond covariates; a room whose predictions are all too high
        counts as wrong), loss with low and high.

    Raises
    ------
    ValueError
        As `gaitbook.studies.room_audit.require_rooms`.
    """
    require_rooms(features, rooms, people, {"values": values})
    rng = np.random.default_rng([seed, STREAM])
    parts = []
    for sex, own in people_of_each_sex(people.loc[features.index]):
        code = np.unique(rooms.loc[own].to_numpy(dtype=str), return_inverse=True)[1]
        told, known = people.loc[own, list(COVARIATES)], values.loc[own]
        mine, truth, covariates = (table.loc[own].to_numpy(dtype=float) for table in (features, known, told))
        dealt = [code, *(rng.permutation(code) for _ in range(repeats))]
        predicted = {f"dealing {k}": predict(mine, truth, covariates, each) for k, each in enumerate(dealt)}
        scores = score_predictions(predicted, known, told, np.zeros_like(code), draws=draws, seed=seed)
        mixed = scores.r[1:].mean(axis=0)
        low, high = limits_of(scores.drawn[1:].mean(axis=0) - scores.drawn[0])
        columns = {"n": scores.n, "new_room": scores.r[0], "rooms_mixed": mixed, "loss": mixed - scores.r[0]}
        parts.append(
            pd.DataFrame({"sex": sex, "target": values.columns, **columns, "low": low, "high": high})
        )
    return pd.concat(parts, ignore_index=True)
