"""Study: who are the synthetic people?

They are set beside the open tables, and named so that every figure says what they are.
"""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.studies.published_targets import judge
from gaitbook.synthesis.gait import LICENSE
from gaitbook.synthesis.manner import styles_table

NAME: Final = "simulated people"
EVERYBODY: Final = "everybody"
CITATION: Final = "simulated by gaitbook: motion and force that obey Newton and Euler, with known causes"
OF_SEX: Final = {"female": "women", "male": "men", None: EVERYBODY}
PERCENT: Final = "%"


def label_people(people: pd.DataFrame) -> xr.Dataset:
    """Table of people that says of itself what it is, as a cohort does.

    Parameters
    ----------
    people
        As given by `gaitbook.synthesis.population.draw_people`.

    Returns
    -------
    xarray.Dataset
        A variable per column, with the attributes ``name``, ``label`` (``"synthetic"``), ``license``, ``citation`` and
        ``hash`` (SHA-256 of the table), for `gaitbook.open_ledger`.

    Examples
    --------
    >>> label_people(pd.DataFrame({"age_year": [30.0]}, index=["person-0001"])).attrs["label"]
    'synthetic'
    """
    content = people.to_csv(float_format="%.9g").encode()
    told = {"name": NAME, "label": "synthetic", "license": LICENSE, "citation": CITATION}
    return xr.Dataset.from_dataframe(people).assign_attrs(told, hash=hashlib.sha256(content).hexdigest())


def judge_people(people: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """Size, fat and speed of the people beside those of open tables.

    Parameters
    ----------
    people
        As given by `gaitbook.synthesis.population.draw_people`.
    level
        Coverage of the intervals.

    Returns
    -------
    pandas.DataFrame
        The columns of `gaitbook.studies.published_targets.judge`, and ``group`` (women, men, everybody). Where no table
        is at hand, both ends of the range are NaN.
    """
    rows = [_judge_row(people, row, level) for row in _load_tables()]
    return pd.concat(rows, ignore_index=True)


def alike_people(people: pd.DataFrame, styles: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """People without what makes the parts of a body independent: one signature for all, and styles of legs only.

    Parameters
    ----------
    people
        As given by `gaitbook.synthesis.population.draw_people`.
    styles
        Their style scores (subject, style).

    Returns
    -------
    tuple of pandas.DataFrame
        People, all with the number of the first one, and styles.
    """
    table = styles_table()["styles"]
    of_legs = [name for name, row in table.items() if row["part"] == "legs" and name != "asymmetry"]
    silent = dict.fromkeys(styles.columns.difference(of_legs), 0.0)
    return people.assign(number=people["number"].iloc[0]), styles.assign(**silent)


def limit_shares(checked: pd.DataFrame) -> pd.DataFrame:
    """How much of what a law or the ground allows each trial uses: one is the limit itself.

    Parameters
    ----------
    checked
        As given by `gaitbook.studies.physics_check.check_all`.

    Returns
    -------
    pandas.DataFrame
        The rows of `checked` with the column ``share``: the value over its greatest (widened to what the samples can
        show, where they show less than the limit asks for); the least over the value; of percentages, what is missing
        over what may be missing. Zero is exactly zero.
    """
    value = checked["value"]
    greatest = checked["greatest"].where(~checked["limited"], checked[["greatest", "shown"]].max(axis=1))
    upper = np.where(value <= 0.0, 0.0, value / greatest.where(greatest > 0.0, np.nan))
    # a limit of zero is kept exactly or not at all
    upper = np.where((greatest == 0.0) & (value > 0.0), np.inf, upper)
    is_part = checked["unit"].astype(str).str.startswith(PERCENT)
    lower = np.where(is_part, (100.0 - value) / (100.0 - checked["least"]), checked["least"] / value)
    share = np.where(checked["least"].notna(), lower, upper)
    # rounding leaves a percentage at a hair above a hundred
    return checked.assign(share=np.where(np.abs(share) < 1e-12, 0.0, share))  # noqa: PLR2004


def count_kinds(phenotypes: xr.Dataset) -> pd.DataFrame:
    """What kind of phenotypes each body system has, and how many of them gait can know of.

    Parameters
    ----------
    phenotypes
        As given by `gaitbook.synthesis.phenotypes.draw_phenotypes`.

    Returns
    -------
    pandas.DataFrame
        One row for all and one per system, those with the fewest in the gait of women first: columns system,
        true_effect, confounded_only, null, copies (second readings, and what contains a covariate), gait_women,
        gait_men (how many share a cause with the gait beyond the covariates).
    """
    kinds = pd.crosstab(phenotypes["system"].to_series(), phenotypes["kind"].to_series())
    order = ["true_effect", "confounded_only", "null"]
    copies = kinds.reindex(columns=["duplicate", "tautology"], fill_value=0).sum(axis=1)
    seen = phenotypes["seen_in_gait"].to_series().unstack("sex")
    by_system = seen.groupby(phenotypes["system"].to_series().reindex(seen.index)).sum()
    table = kinds.reindex(columns=order, fill_value=0).assign(
        copies=copies, gait_women=by_system["female"], gait_men=by_system["male"]
    )
    ordered = table.sort_values("gait_women", kind="stable")
    whole = pd.concat([table.sum().to_frame("all").T, ordered]).rename_axis("system").reset_index()
    whole["system"] = whole["system"].str.replace("_", " ")
    return whole.astype(dict.fromkeys([*order, "copies", "gait_women", "gait_men"], int))


def _judge_row(people: pd.DataFrame, row: Mapping[str, Any], level: float) -> pd.DataFrame:
    sex = row.get("sex")
    chosen = people if sex is None else people[people["sex"] == sex]
    own = {"subject": chosen.index, "gait": "", "speed_mps": 0.0, "quantity": row["column"]}
    measured = pd.DataFrame(own | {"value": chosen[row["column"]].to_numpy()})
    target = {"quantity": row["column"], "gait": "", "speed_mps": 0.0, **row}
    judged = judge(measured, [target], level=level)
    return judged.assign(group=OF_SEX[sex], speed_mps="")


@cache
def _load_tables() -> Sequence[Mapping[str, Any]]:
    import yaml

    text = files("gaitbook.studies").joinpath("people_tables.yml").read_text(encoding="utf-8")
    rows: Sequence[Mapping[str, Any]] = yaml.safe_load(text)["tables"]
    return rows
