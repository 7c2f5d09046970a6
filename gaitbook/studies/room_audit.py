"""Does a reader of gait read the room? Whether features tell where a person was recorded, and what that spoils.

Three questions. Can the room be told from features? A ridge regression on the rooms (a regularized linear
discriminant, Hastie 1995, doi:10.1214/aos/1176324456) of people it has not seen, judged by the area under the curve,
against rooms dealt out to other people of the same sex. Do predictions of targets rest on it? Predictions without what
tells the rooms apart, beside those with. Does what was learned hold in a room that was never seen? That is asked in
`gaitbook.studies.unseen_rooms`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.studies.paired_scores import (
    COVARIATES,
    DRAWS,
    Predictor,
    limits_of,
    people_of_each_sex,
    predict_beyond,
    require_tables,
    score_sets,
)
from gaitbook.studies.permutation import adjust
from gaitbook.studies.unseen_ridge import UnseenRidge

Array = NDArray[np.float64]
PERMUTATIONS: Final = 200
SIGNIFICANT: Final = 0.05
STREAM: Final = 89
FEWEST_ROOMS: Final = 2
FEWEST_OF_A_ROOM: Final = 20
LEAST_SPREAD: Final = 1e-12
RECORDED, WITHOUT_ROOM = "as recorded", "without the room"


@dataclass(frozen=True)
class RoomSignal:
    """How well rooms are told from features.

    Parameters
    ----------
    areas
        By room: area under the curve, this room against all others, of people who were not learned from.
    area
        Mean over rooms; 0.5 is a guess.
    p
        Share of dealings of rooms to other people with as large a mean, one more counted.
    chance
        Largest mean that 95 % of the dealings stay below.
    """

    areas: pd.Series
    area: float
    p: float
    chance: float


def find_rooms(
    features: pd.DataFrame,
    rooms: pd.Series,
    people: pd.DataFrame,
    fold: pd.Series,
    *,
    permutations: int = PERMUTATIONS,
    seed: int = 0,
) -> RoomSignal:
    """Whether the room can be told from features beyond sex, age, body mass index, visceral fat and height.

    Parameters
    ----------
    features
        (subject, feature), without gaps.
    rooms
        Room by subject.
    people
        With sex and covariates.
    fold
        By subject.
    permutations, seed
        Of the rooms, dealt among people of the same sex.

    Raises
    ------
    ValueError
        Tables do not fit, one room only, or a room with too few people; all faults are named.
    """
    require_rooms(features, rooms, people, {"folds": fold})
    index = features.index
    sex = people.loc[index, "sex"].to_numpy()
    told = people.loc[index, list(COVARIATES)].to_numpy(dtype=float)
    varied = [sex == each for each in np.unique(sex)[1:]]
    left = adjust(features.to_numpy(dtype=float), np.column_stack([told, *varied]))
    ridge = UnseenRidge(left, fold.loc[index].to_numpy())
    names, code = np.unique(rooms.loc[index].to_numpy(dtype=str), return_inverse=True)
    member = np.eye(len(names))[code]
    areas = areas_under_curve(ridge.predict(member), member)
    rng = np.random.default_rng([seed, STREAM])
    dealt = [member[_deal_within(sex, rng)] for _ in range(permutations)]
    null = np.array([areas_under_curve(ridge.predict(each), each).mean() for each in dealt])
    p = (1 + (null >= areas.mean()).sum()) / (1 + permutations)
    chance = float(np.quantile(null, 1 - SIGNIFICANT))
    return RoomSignal(pd.Series(areas, names, name="area"), float(areas.mean()), float(p), chance)


def areas_under_curve(scores: Array, member: Array) -> Array:
    """Area under the receiver's curve (class,) of scores (person, class) for who is a member (person, class)."""
    from scipy.stats import rankdata

    inside = member.sum(axis=0)
    ranks = (rankdata(scores, axis=0) * member).sum(axis=0)
    return np.asarray((ranks - inside * (inside + 1) / 2) / (inside * (len(member) - inside)))


def compare_without_room(
    features: pd.DataFrame,
    rooms: pd.Series,
    values: pd.DataFrame,
    people: pd.DataFrame,
    fold: pd.Series,
    *,
    predict: Predictor = predict_beyond,
    draws: int = DRAWS,
    seed: int = 0,
) -> pd.DataFrame:
    """What predictions lose if the mean of each room is taken from its features.

    Parameters
    ----------
    features, rooms, people, fold
        As for `find_rooms`.
    values
        Targets (subject, target).
    predict
        How features predict.
    draws, seed
        Of the redraws of people.

    Returns
    -------
    pandas.DataFrame
        By sex and target: n, as_recorded and without_room (r beyond covariates), loss with low and high, and
        room_share: share of the variance of the target, beyond covariates, that lies between rooms.

    Raises
    ------
    ValueError
        As `find_rooms`.
    """
    require_rooms(features, rooms, people, {"folds": fold, "values": values})
    parts = []
    for sex, own in people_of_each_sex(people.loc[features.index]):
        told = people.loc[own, list(COVARIATES)]
        indicators = pd.get_dummies(rooms.loc[own], dtype=float).to_numpy()
        mine = features.loc[own].to_numpy(dtype=float)
        flat = pd.DataFrame(mine - _between(mine, indicators), own)
        sets = {RECORDED: features.loc[own], WITHOUT_ROOM: flat}
        scores = score_sets(sets, values.loc[own], told, fold, predict=predict, draws=draws, seed=seed)
        low, high = limits_of(scores.drawn[0] - scores.drawn[1])
        left = adjust(values.loc[own].to_numpy(dtype=float), told.to_numpy(dtype=float))
        columns = {"n": scores.n, "as_recorded": scores.r[0], "without_room": scores.r[1]}
        columns |= {"loss": scores.r[0] - scores.r[1], "low": low, "high": high}
        columns["room_share"] = _share_between(left, indicators)
        parts.append(pd.DataFrame({"sex": sex, "target": values.columns, **columns}))
    return pd.concat(parts, ignore_index=True)


def require_rooms(
    features: pd.DataFrame,
    rooms: pd.Series,
    people: pd.DataFrame,
    others: Mapping[str, pd.DataFrame | pd.Series],
) -> None:
    """Raise one error that names all that is wrong with the tables of an audit of rooms.

    Raises
    ------
    ValueError
        Tables do not fit (`gaitbook.studies.paired_scores.require_tables`), there is one room only, or a room has too
        few people.
    """
    faults = []
    try:
        require_tables({"the features": features}, {"rooms": rooms, **others}, people)
    except ValueError as error:
        faults.append(str(error))
    counts = rooms.reindex(features.index).value_counts()
    if len(counts) < FEWEST_ROOMS:
        faults.append(f"{len(counts)} room is there: an audit needs {FEWEST_ROOMS} or more")
    for room, count in counts[counts < FEWEST_OF_A_ROOM].items():
        faults.append(
            f"{count} people are of room {room}, at least {FEWEST_OF_A_ROOM} are needed: leave it out"
        )
    if faults:
        raise ValueError("; ".join(faults))


def state_rooms(signal: RoomSignal, without: pd.DataFrame, elsewhere: pd.DataFrame) -> str:
    """What the audit found, in words.

    Parameters
    ----------
    signal
        Of `find_rooms`.
    without
        Of `compare_without_room`.
    elsewhere
        Of `gaitbook.studies.unseen_rooms.leave_one_room_out`.
    """
    told = (
        f"area under the curve {signal.area:.2f}, chance {0.5:.2f} to {signal.chance:.2f}, p = {signal.p:.2g}"
    )
    found = signal.p <= SIGNIFICANT
    return (
        f"The room {'can' if found else 'cannot'} be told from the features ({told}). "
        f"Without what differs between rooms {_count_losses(without)}. "
        f"In a room that was never seen {_count_losses(elsewhere)}."
    )


def _count_losses(table: pd.DataFrame) -> str:
    judged = table.dropna(subset=["loss", "low", "high"])
    worse, better = int((judged["low"] > 0).sum()), int((judged["high"] < 0).sum())
    return (
        f"r falls by {judged['loss'].mean():.3f} on average over {len(judged)} targets; its interval lies below "
        f"no change for {worse} and above it for {better}, where {SIGNIFICANT / 2 * len(judged):.1f} each are chance"
    )


def _between(values: Array, indicators: Array) -> Array:
    """Mean of the room of each person, about the mean of all."""
    means = indicators.T @ values / indicators.sum(axis=0)[:, None]
    return np.asarray(indicators @ means - values.mean(axis=0))


def _share_between(values: Array, indicators: Array) -> Array:
    """Share of the variance of values (person, target) that lies between rooms; NaN where they do not vary."""
    known = np.isfinite(values)
    total = np.where(known, values, 0.0)
    centered = np.where(known, total - total.sum(axis=0) / np.maximum(known.sum(axis=0), 1), 0.0)
    inside = indicators.T @ known
    between = ((indicators.T @ centered) ** 2 / np.maximum(inside, 1)).sum(axis=0)
    whole = (centered**2).sum(axis=0)
    return np.asarray(np.divide(between, whole, out=np.full(len(whole), np.nan), where=whole > LEAST_SPREAD))


def _deal_within(groups: NDArray[np.str_], rng: np.random.Generator) -> NDArray[np.intp]:
    """Person whose room each gets: someone of the same group."""
    dealt = np.arange(len(groups))
    for each in np.unique(groups):
        own = np.flatnonzero(groups == each)
        dealt[own] = rng.permutation(own)
    return dealt
