"""Groups of people, each to be predicted from the others: alike in sex and age, the same for all models and targets."""

from collections.abc import Iterator
from typing import Final

import numpy as np
import pandas as pd

NEEDED: Final = ("sex", "age_year")
NAMED: Final = 5
"""People named in an error, at most."""


def deal_people(people: pd.DataFrame, *, folds: int = 5, seed: int = 0) -> pd.Series:
    """Fold of each participant; all visits and tasks of a participant belong to it.

    People are lined up by sex and age, and each run of as many neighbors as there are folds is dealt out at random.

    Parameters
    ----------
    people
        One row per ``subject``, with ``sex`` and ``age_year``. Where a participant has many rows (visits, tasks), deal
        the participants first and look up the fold of each row: ``fold.loc[rows["subject"]]``.
    folds
        Groups of people.
    seed
        Of the dealing. The order of rows does not matter.

    Returns
    -------
    pandas.Series
        Fold, from 0, by ``subject`` in the order of ``people``. Sizes of folds differ by one at most, and so do the
        numbers of each sex.

    Raises
    ------
    ValueError
        Columns, sexes or ages are missing, participants repeat, or there are fewer people than folds; all faults are
        named.

    Examples
    --------
    >>> people = pd.DataFrame({"sex": ["female", "male"] * 4, "age_year": range(30, 38)})
    >>> fold = deal_people(people, folds=2)
    >>> fold.groupby([people["sex"], fold]).size().tolist()
    [2, 2, 2, 2]
    """
    faults = list(_find_faults(people, folds))
    if faults:
        raise ValueError("People cannot be dealt into folds: " + "; ".join(faults))
    line = people.assign(name=people.index.astype(str)).sort_values([*NEEDED, "name"])
    rng = np.random.default_rng(seed)
    dealt = np.concatenate([rng.permutation(folds) for _ in range(len(line) // folds)])
    alike = (line["sex"] == line["sex"].iloc[-1]).to_numpy()[: len(dealt)]
    fewest_first = np.bincount(dealt[alike], minlength=folds) + rng.random(folds)
    rest = fewest_first.argsort()[: len(line) - len(dealt)]
    return pd.Series(np.concatenate([dealt, rest]), line.index, name="fold").loc[people.index]


def _find_faults(people: pd.DataFrame, folds: int) -> Iterator[str]:
    repeated = people.index[people.index.duplicated()].unique()
    if len(repeated):
        yield (
            f"{len(repeated)} participants have more than one row ({_name(repeated)}): keep one each, "
            "all their visits and tasks share its fold"
        )
    missing = [column for column in NEEDED if column not in people]
    if missing:
        yield f"the people table has no column {', '.join(missing)}"
    for column in (each for each in NEEDED if each in people):
        absent = people.index[people[column].isna()]
        if len(absent):
            yield f"{len(absent)} people have no {column} ({_name(absent)}): fill it in or leave them out"
    if folds < 2:  # noqa: PLR2004 - someone must be left to teach
        yield f"{folds} folds leave nobody to learn from: at least 2 are needed"
    elif len(people) < folds:
        sexes = people["sex"].value_counts().items() if "sex" in people else []
        by_sex = ", ".join(f"{number} {sex}" for sex, number in sexes) or "none"
        yield (
            f"{len(people)} people ({by_sex}) are fewer than the {folds} folds: "
            "fit them with others or leave them out"
        )


def _name(people: pd.Index) -> str:
    return ", ".join(map(str, people[:NAMED])) + (", ..." if len(people) > NAMED else "")
