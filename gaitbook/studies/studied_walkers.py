"""Whom the phenotype studies ask: simulated walkers whose truth is known, or people of one's own.

Features of the simulated ones come with the package; people, causes and phenotypes are drawn again, which takes
seconds. One's own are a folder: health tables, and beside them the features that an encoder has made of the skeletons.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.models.weights import walker_features
from gaitbook.readers.health_tables import read_health_tables
from gaitbook.studies.covariate_design import COLUMNS
from gaitbook.studies.synthetic_people import label_people
from gaitbook.studies.walker_features import STUDY_PEOPLE, TASK, load_features
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people

FEATURES_FILE: Final = "features.npz"
"""In the folder of one's own tables, as ``gaitbook embed`` writes it."""
NEEDED: Final = ("sex", *COLUMNS)
SET_APART: Final = ("without ", "only ", TASK)
"""How the names of sets begin that see a part of the body, or one task."""


@dataclass(frozen=True)
class StudiedWalkers:
    """People, what was measured of them, and what each reader of their walk has made of it.

    Parameters
    ----------
    sets
        Features (subject, feature) by name of the set, all of the same people.
    people
        The same people: sex, age_year, bmi_kgm2, visceral_fat_cm2, height_m.
    phenotypes
        ``value`` (subject, phenotype) with system, unit, type; if simulated, with their truth.
    styles
        True style scores (subject, style) of simulated people, else ``None``.
    record
        The people as a table that says what it is, for `gaitbook.open_ledger`.
    exclusions
        Who was left out, and why.
    """

    sets: Mapping[str, pd.DataFrame]
    people: pd.DataFrame
    phenotypes: xr.Dataset
    styles: pd.DataFrame | None
    record: xr.Dataset
    exclusions: tuple[Exclusion, ...] = ()

    @property
    def features(self) -> pd.DataFrame:
        """Embedding of the encoder."""
        return self.sets["fast"]

    @property
    def readers(self) -> dict[str, pd.DataFrame]:
        """Sets that see the whole body at all tasks."""
        return {name: table for name, table in self.sets.items() if not name.startswith(SET_APART)}

    @property
    def is_truth_known(self) -> bool:
        """Whether the causes of the phenotypes are known."""
        return self.styles is not None


def open_walkers(folder: str | Path = "", *, people: int = STUDY_PEOPLE, every: int = 1) -> StudiedWalkers:
    """Walkers to be studied.

    Parameters
    ----------
    folder
        Health tables, as for `gaitbook.readers.health_tables.read_health_tables`, and ``features.npz`` beside them;
        without, the simulated walkers of the package.
    people
        So many at most, the first of the features.
    every
        Take every so manieth phenotype only, to save time.

    Raises
    ------
    FileNotFoundError
        The folder has no features, or the package has come without them.
    ValueError
        The health tables cannot be read, nobody is left, or the numbers make no sense; all faults are named.
    """
    faults = [f"people is {people}, at least 1 is needed"] if people < 1 else []
    faults += [f"every is {every}, at least 1 is needed"] if every < 1 else []
    if faults:
        raise ValueError("Walkers cannot be opened: " + "; ".join(faults))
    if str(folder):
        return _own_walkers(Path(folder).expanduser(), people, every)
    sets = {name: table.iloc[:people] for name, table in load_features(walker_features()).sets.items()}
    shared = next(iter(sets.values())).index
    crowd = draw_people(STUDY_PEOPLE).loc[shared]
    causes = draw_causes(crowd)
    phenotypes = take_every(draw_phenotypes(crowd, causes), every)
    return StudiedWalkers(sets, crowd, phenotypes, causes.styles, label_people(crowd))


def open_same_input(*, people: int = STUDY_PEOPLE) -> StudiedWalkers | None:
    """Simulated walkers whom both encoders have read, from one recording each; ``None`` if none come with the package.

    Their phenotypes are left out.
    """
    try:
        return _open_some("same input", people)
    except FileNotFoundError:
        return None


def open_views(*, people: int = STUDY_PEOPLE) -> StudiedWalkers:
    """Simulated walkers read whole, without shape, motion or order, and on another day; without phenotypes.

    Raises
    ------
    FileNotFoundError
        The package has come without them.
    """
    return _open_some("views", people)


def open_known(*, people: int = STUDY_PEOPLE) -> StudiedWalkers:
    """Simulated walkers as an encoder reads them that learned from them (``"known"``), and one that did not.

    The sets are named ``"known"`` and ``"strangers"``.

    Raises
    ------
    FileNotFoundError
        The package has come without them.
    """
    return _open_some("known", people)


def open_taught(*, people: int = STUDY_PEOPLE) -> StudiedWalkers:
    """Simulated walkers, and as set ``"taught"`` their styles as a reader tells them who was taught true styles.

    Raises
    ------
    FileNotFoundError
        The package has come without them.
    """
    return _open_some("taught", people)


def _open_some(which: str, people: int) -> StudiedWalkers:
    features = load_features(walker_features(which))
    sets = {name: table.iloc[:people] for name, table in features.sets.items()}
    crowd = draw_people(STUDY_PEOPLE).loc[next(iter(sets.values())).index]
    return StudiedWalkers(sets, crowd, xr.Dataset(), draw_causes(crowd).styles, label_people(crowd))


def take_every(phenotypes: xr.Dataset, every: int) -> xr.Dataset:
    """Every so manieth phenotype, in the order of the table, so that every system keeps its share."""
    return phenotypes.isel(phenotype=slice(None, None, every))


def _own_walkers(folder: Path, most: int, every: int) -> StudiedWalkers:
    file = folder / FEATURES_FILE
    if not file.is_file():
        raise FileNotFoundError(
            f"{folder} has no {FEATURES_FILE}: make it of a cohort of skeletons with "
            f"`gaitbook embed COHORT --table {file}`."
        )
    features, tables = load_features(file), read_health_tables(folder)
    exclusions = tuple(_who_is_left_out(features.subjects, tables.people))
    left_out = {each.item for each in exclusions}
    kept = [name for name in features.subjects if name not in left_out][:most]
    if not kept:
        reasons = ", ".join(sorted({each.reason for each in exclusions}))
        raise ValueError(f"Nobody in {folder} can be studied: {reasons}")
    people = tables.people.loc[kept]
    told = {"name": folder.name, "label": "recorded", "license": "not stated", "citation": ""}
    return StudiedWalkers(
        {name: table.loc[kept] for name, table in features.sets.items()},
        people,
        take_every(tables.phenotypes.sel(subject=kept), every),
        None,
        label_people(people).assign_attrs(told),
        exclusions,
    )


def _who_is_left_out(walked: pd.Index, people: pd.DataFrame) -> Iterable[Exclusion]:
    """People with features but without what must be known of them, and people without features."""
    for name in walked.difference(people.index, sort=False):
        yield Exclusion(str(name), "not in the health tables")
    for name in people.index.difference(walked, sort=False):
        yield Exclusion(str(name), "no features of walking")
    known = people.reindex(columns=list(NEEDED))
    for column in NEEDED:
        lacking = known.index[known[column].isna()].intersection(walked, sort=False)
        earlier = known[list(NEEDED[: NEEDED.index(column)])].loc[lacking].isna().to_numpy().any(axis=1)
        for name in lacking[~np.asarray(earlier, dtype=bool)]:
            yield Exclusion(str(name), f"{column} is not known")
