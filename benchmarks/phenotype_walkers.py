"""The simulated walkers of part F: features of the table that comes with the package, and their truth drawn again.

WALKERS and SAME_INPUT name files of other tables of features; PEOPLE takes so many people of them.
"""

import hashlib
import os
from functools import cache
from pathlib import Path

import pandas as pd
import xarray as xr

from gaitbook.models.weights import walker_features
from gaitbook.studies.walker_features import STUDY_PEOPLE, WalkerFeatures, load_features
from gaitbook.synthesis.causes import Causes, draw_causes
from gaitbook.synthesis.phenotypes import draw_phenotypes
from gaitbook.synthesis.population import draw_people

ROOT = Path(__file__).parents[1]
TABLES = ROOT / "_build" / "phenotypes"
OURS, PAPER, KEYPOINTS = "fast", "paper", "keypoints"
HASH_LENGTH = 12


@cache
def walkers() -> WalkerFeatures:
    """All sets of features of the people who are studied."""
    return _fewer(load_features(features_file()))


@cache
def same_input() -> WalkerFeatures | None:
    """Both encoders and keypoints on the same recordings; none where there is no such table."""
    named = os.environ.get("SAME_INPUT")
    try:
        path = Path(named) if named else walker_features("same input")
    except FileNotFoundError:
        return None
    return _fewer(load_features(path))


@cache
def taught() -> WalkerFeatures:
    """Styles of everyone, as a reader tells them who was taught true styles."""
    return _fewer(load_features(walker_features("taught")))


def features_file() -> Path:
    """File of the features."""
    named = os.environ.get("WALKERS")
    return Path(named) if named else walker_features()


def features_hash() -> str:
    """A few letters that tell this table of features from any other."""
    return hashlib.sha256(features_file().read_bytes()).hexdigest()[:HASH_LENGTH]


@cache
def people() -> pd.DataFrame:
    """Everyone who is studied, as drawn."""
    return draw_people(STUDY_PEOPLE)


@cache
def causes() -> Causes:
    """Hidden scores and styles of everyone."""
    return draw_causes(people())


@cache
def phenotypes() -> xr.Dataset:
    """Phenotypes of everyone, with their truth."""
    return draw_phenotypes(people(), causes())


def true_values() -> tuple[pd.DataFrame, pd.Series]:
    """Targets (subject, target) on which a system truly acts, of the people with features, and system by target."""
    chosen = phenotypes().sel(phenotype=phenotypes()["kind"] == "true_effect")
    values = chosen["value"].transpose("subject", "phenotype").to_pandas().astype(float)
    return values.loc[walkers().subjects], chosen["system"].to_series()


def write_table(table: pd.DataFrame, name: str) -> None:
    """Keep a table beside the others of this topic."""
    TABLES.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLES / f"{name}.csv", index=False, float_format="%.5g")


def _fewer(features: WalkerFeatures) -> WalkerFeatures:
    count = int(os.environ.get("PEOPLE") or len(features.subjects))
    return WalkerFeatures(
        {name: table.iloc[:count] for name, table in features.sets.items()}, features.excluded
    )
