"""Tables of what speed does: courses for a figure, rises, errors beside simple ways, and whether intervals hold."""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd

from gaitbook.studies.speed_changes import COMPARED, RISING, rises, speed_errors, spreads
from gaitbook.studies.speed_people import LAWS, MIXED
from gaitbook.studies.stride_measures import UNITS
from gaitbook.studies.uncertainty import Estimate, mean_over_subjects

WORDS: Final = {
    "stride_length": "stride length",
    "cadence": "cadence",
    "contact_time": "contact time",
    "duty_factor": "duty factor",
    "peak_vertical_force": "peak vertical force",
    "peak_braking_force": "peak braking force",
    "peak_propulsive_force": "peak propulsive force",
    "loading_rate": "loading rate",
    "peak_knee_flexion": "peak knee flexion",
    "peak_hip_extension": "peak hip extension",
    "knee_flexion_peak": "knee flexion moment",
    "knee_adduction_first_peak": "knee adduction moment",
}
"""Numbers that are shown, in this order, and what they are called."""
OWN_WAY: Final = "model"
PUBLISHED: Final = {
    "stride_length": (1.81, 3.02, 1.96, 2.74),
    "peak_vertical_force": (244.0, 263.0, 230.0, 253.0),
    "peak_knee_flexion": (109.0, 120.9, 100.3, 124.5),
    "peak_propulsive_force": (27.7, 38.5, 22.1, 32.8),
}
"""Group means of GaitDynamics, generated at 3 and 5 m/s and measured there, as read off its figures.

doi:10.1038/s41551-025-01565-8; ten runners told by 4 m/s; of the fore-aft force the larger peak.
"""


def tabulate_courses(
    foretold: pd.DataFrame, simple: pd.DataFrame, *, quantities: Sequence[str] = tuple(WORDS)
) -> pd.DataFrame:
    """Means over people of all numbers at all speeds, for `gaitbook.plot_speed_courses`.

    Parameters
    ----------
    foretold
        As given by `gaitbook.foretell_groups`.
    simple
        As given by `gaitbook.simple_ways`.
    quantities
        Which numbers.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, unit, group, source, speed_mps, value, low, high, own_mps. What is foretold has the mean of
        everybody's own 90 % interval, of no width at the own speed; what was measured the 95 % interval of the mean.
    """
    parts = []
    chosen = foretold[foretold["quantity"].isin(quantities)].dropna(subset=["value"])
    for (group, quantity), part in chosen.groupby(["group", "quantity"], sort=False):
        others = simple[(simple["group"] == group) & (simple["quantity"] == quantity)]
        rows = pd.concat([_foretold_rows(part), _measured_rows(part), _simple_rows(others)])
        own_mps, _ = _own_mean(part)
        parts.append(rows.assign(group=str(group), quantity=str(quantity), own_mps=own_mps))
    columns = ["quantity", "unit", "group", "source", "speed_mps", "value", "low", "high", "own_mps"]
    return _in_order(pd.concat(parts, ignore_index=True), quantities)[columns]


def tabulate_rises(
    foretold: pd.DataFrame, *, quantities: Sequence[str] = RISING, seed: int = 0
) -> pd.DataFrame:
    """Rise of each group from its slowest to its fastest speed, and spread between people, foretold over true.

    Parameters
    ----------
    foretold
        As given by `gaitbook.foretell_groups`.
    quantities
        Which numbers.
    seed
        Of the bootstrap over people.

    Returns
    -------
    pandas.DataFrame
        Columns group, quantity, unit, from_mps, to_mps, foretold, true, ratio, ratio_low, ratio_high (90 %, bootstrap
        over people), spread_ratio, people. Where nobody has both speeds of the group a row is missing.
    """
    parts = []
    for group, part in foretold.groupby("group", sort=False):
        first, last = float(part["speed_mps"].min()), float(part["speed_mps"].max())
        rise = rises(part, first, last, seed=seed)
        if rise.empty:
            continue
        spread = spreads(part).set_index("quantity")["ratio"]
        rise = rise[rise["quantity"].isin(quantities)].rename(
            columns={"low": "ratio_low", "high": "ratio_high", "n": "people"}
        )
        facts = {"group": group, "from_mps": first, "to_mps": last}
        parts.append(rise.assign(**facts, spread_ratio=rise["quantity"].map(spread)))
    columns = ["group", "quantity", "unit", "from_mps", "to_mps", "foretold", "true"]
    columns += ["ratio", "ratio_low", "ratio_high", "spread_ratio", "people"]
    if not parts:
        return pd.DataFrame(columns=columns)
    return _by_group(pd.concat(parts, ignore_index=True), quantities)[columns]


def tabulate_errors(
    foretold: pd.DataFrame, simple: pd.DataFrame, *, quantities: Sequence[str] = COMPARED
) -> pd.DataFrame:
    """Mean absolute error of every way in each group.

    Parameters
    ----------
    foretold
        As given by `gaitbook.foretell_groups`.
    simple
        As given by `gaitbook.simple_ways`.
    quantities
        Which numbers.

    Returns
    -------
    pandas.DataFrame
        Columns group, quantity, unit, a column per way (model, scaling laws, mixed model), the way that is best, and
        people.
    """
    parts = []
    for group, part in foretold.groupby("group", sort=False):
        found = speed_errors(part, simple[simple["group"] == group].drop(columns="group"))
        found = found[found["quantity"].isin(quantities)]
        wide = found.pivot_table(index="quantity", columns="way", values="error", sort=False)
        wide = wide.reindex(columns=[OWN_WAY, LAWS, MIXED])
        best = wide.idxmin(axis=1)
        people = found.groupby("quantity", sort=False)["n"].max()
        parts.append(wide.assign(group=group, best=best, people=people).reset_index())
    table = _by_group(pd.concat(parts, ignore_index=True), quantities)
    return table[["group", "quantity", "unit", OWN_WAY, LAWS, MIXED, "best", "people"]]


def list_wins(errors: pd.DataFrame) -> pd.DataFrame:
    """How often the model errs least in each group, and which numbers a simple way foretells better.

    Parameters
    ----------
    errors
        As given by `tabulate_errors`.

    Returns
    -------
    pandas.DataFrame
        Columns group, wins, of, simple_is_better (names of numbers, with the way).
    """
    rows = []
    for group, part in errors.groupby("group", sort=False):
        lost = part[part["best"] != OWN_WAY]
        words = ", ".join(f"{row.quantity} ({row.best})" for row in lost.itertuples()) or "none"
        wins = len(part) - len(lost)
        rows.append({"group": group, "wins": wins, "of": len(part), "simple_is_better": words})
    return pd.DataFrame(rows, columns=["group", "wins", "of", "simple_is_better"])


def cover_speeds(foretold: pd.DataFrame, *, quantities: Sequence[str] = COMPARED) -> dict[str, Estimate]:
    """Share of true numbers inside their 90 % intervals, percent, by group; people are the unit.

    Parameters
    ----------
    foretold
        As given by `gaitbook.foretell_groups`.
    quantities
        Which numbers.
    """
    known = foretold[foretold["quantity"].isin(quantities)].dropna(subset=["true", "value"])
    inside = 100.0 * known["true"].between(known["low"], known["high"])
    people = inside.groupby([known["group"], known["subject"]], sort=False).mean()
    return {
        str(group): mean_over_subjects(part.to_numpy(), unit="%")
        for group, part in people.groupby(level=0, sort=False)
    }


def mean_ratio(foretold: pd.DataFrame, *, quantities: Sequence[str] = RISING) -> dict[str, float]:
    """Mean over numbers of the spread between people that is foretold over the true one, by group."""
    chosen = foretold[foretold["quantity"].isin(quantities)]
    groups = chosen.groupby("group", sort=False)
    return {str(group): float(spreads(part)["ratio"].mean()) for group, part in groups}


def beside_published(table: pd.DataFrame) -> pd.DataFrame:
    """Ratios of rises of `tabulate_rises`, beside those of GaitDynamics where it has them.

    Returns
    -------
    pandas.DataFrame
        Columns quantity, ``GaitDynamics, 3 to 5 m/s``, and one per group.
    """
    said = {say_quantity(name): (g5 - g3) / (m5 - m3) for name, (g3, g5, m3, m5) in PUBLISHED.items()}
    wide = table.pivot_table(index="quantity", columns="group", values="ratio", sort=False)
    wide = wide.reindex(list(said))
    theirs = pd.Series(said, name="GaitDynamics, 3 to 5 m/s")
    return pd.concat([theirs, wide], axis=1).rename_axis("quantity").reset_index()


def say_quantity(name: str) -> str:
    """What a number is called."""
    return WORDS.get(name, name.replace("_", " "))


def _in_order(table: pd.DataFrame, quantities: Sequence[str]) -> pd.DataFrame:
    """Rows with their numbers in this order, these with unit and in words."""
    place = table["quantity"].map({name: at for at, name in enumerate(quantities)}).to_numpy()
    named = table.assign(unit=table["quantity"].map(UNITS), quantity=table["quantity"].map(say_quantity))
    return named.iloc[np.argsort(place, kind="stable")].reset_index(drop=True)


def _by_group(table: pd.DataFrame, quantities: Sequence[str]) -> pd.DataFrame:
    """The same, group after group."""
    ordered = _in_order(table, quantities)
    place = ordered["group"].map({name: at for at, name in enumerate(dict.fromkeys(table["group"]))})
    return ordered.iloc[np.argsort(place.to_numpy(), kind="stable")].reset_index(drop=True)


def _own_mean(part: pd.DataFrame) -> tuple[float, "pd.Series[float]"]:
    """Own speed of a group, mean over people, and everybody's own number."""
    own = part.drop_duplicates("subject")
    return float(own["own_mps"].mean()), own["own"]


def _foretold_rows(part: pd.DataFrame) -> pd.DataFrame:
    speed_mps, own = _own_mean(part)
    means = part.groupby("speed_mps")[["value", "low", "high"]].mean().reset_index()
    known = pd.DataFrame([{"speed_mps": speed_mps, **dict.fromkeys(("value", "low", "high"), own.mean())}])
    return pd.concat([known, means]).assign(source="foretold")


def _measured_rows(part: pd.DataFrame) -> pd.DataFrame:
    speed_mps, own = _own_mean(part)
    rows = [(speed_mps, own), *((speed, rows["true"]) for speed, rows in part.groupby("speed_mps"))]
    found = [(speed, mean_over_subjects(values.to_numpy())) for speed, values in rows]
    table = [(speed, one.value, one.low, one.high) for speed, one in found]
    named = pd.DataFrame(table, columns=["speed_mps", "value", "low", "high"])
    return named.replace([np.inf, -np.inf], np.nan).assign(source="measured")


def _simple_rows(others: pd.DataFrame) -> pd.DataFrame:
    means = others.groupby(["way", "speed_mps"], sort=False)["value"].mean().reset_index()
    return means.rename(columns={"way": "source"}).assign(low=np.nan, high=np.nan)
