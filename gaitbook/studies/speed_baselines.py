"""A person at another speed by laws of scaling, from that person's numbers at one speed.

Whatever generates people at other speeds has to do better than two simple rules: these laws of the literature, which
know nobody else, and `gaitbook.studies.speed_mixed_model`, which knows other people. Numbers come as long tables,
columns subject, gait (``"walk"`` or ``"run"``), speed_mps, height_m, quantity and value, with the quantities and units
of `gaitbook.studies.stride_measures.UNITS`.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gaitbook.conventions import GRAVITY_MPS2

Array = NDArray[np.float64]

PERSON: Final = ["subject", "gait"]
NUMBERS: Final = [*PERSON, "speed_mps", "quantity", "value"]
NEEDED: Final = ("cadence", "contact_time", "peak_vertical_force")
"""Numbers at the own speed on which other laws rest."""
LEG_PER_HEIGHT: Final = 0.53
"""doi:10.1123/jab.21.2.167."""
RUNNING_CADENCE: Final = 0.2
"""Power of speed, from 77 and 80 strides per minute at 2.4 and 2.9 m/s (doi:10.1371/journal.pone.0184273).

Trained men keep theirs steadier: 4 % from 3.15 to 4.12 m/s (PMID 2674599).
"""
STANCE_PERCENT_PER_MPS: Final = -3.5
"""doi:10.1016/0141-5425(85)90055-x."""


class Law(NamedTuple):
    """How quantities of a gait follow speed, in words, and who says so."""

    gaits: tuple[str, ...]
    quantities: tuple[str, ...]
    rule: str
    source: str


_WALK, _RUN, _BOTH = ("walk",), ("run",), ("walk", "run")
_TIMING, _CONTACT = ("stride_length", "cadence"), ("contact_time", "duty_factor")
_FORE_AFT = ("peak_braking_force", "peak_propulsive_force")
_HIP = ("peak_hip_flexion", "peak_hip_extension")
_OTHER_ANGLES = ("peak_knee_flexion", "peak_ankle_dorsiflexion", "peak_plantarflexion")
_KNEE = (
    "knee_adduction_first_peak",
    "knee_adduction_second_peak",
    "knee_flexion_peak",
    "medial_contact_force",
)

LAWS: Final = (
    Law(_WALK, _TIMING, "step length over cadence stays: both ∝ √v", "doi:10.1016/s0966-6362(98)00009-5"),
    Law(_RUN, _TIMING, "cadence ∝ v^0.2", "doi:10.1371/journal.pone.0184273"),
    Law(_WALK, _CONTACT, "stance falls by 3.5 % of the stride per m/s", "doi:10.1016/0141-5425(85)90055-x"),
    Law(_RUN, _CONTACT, "leg stiffness stays", "doi:10.1016/0021-9290(95)00029-1, doi:10.1123/jab.21.2.167"),
    Law(_WALK, ("peak_vertical_force",), "beyond body weight ∝ v²", "doi:10.1152/physrev.1989.69.4.1199"),
    Law(_RUN, ("peak_vertical_force",), "∝ step time / contact time", "doi:10.1123/jab.21.2.167"),
    Law(_BOTH, _FORE_AFT, "along the leg: ∝ vertical × way in contact", "doi:10.1242/jeb.203.2.229"),
    Law(_BOTH, ("loading_rate",), "∝ vertical / contact time", "doi:10.1123/jab.21.2.167"),
    Law(_BOTH, _HIP, "the leg sweeps its way over one foot", "doi:10.1097/00003677-200504000-00006"),
    Law(_BOTH, _OTHER_ANGLES, "no change", "none"),
    Law(_BOTH, _KNEE, "∝ vertical: no change of the lever", "none"),
    Law(_BOTH, ("knee_adduction_impulse",), "∝ step time: no change of the lever", "none"),
)


def scaling_laws(own: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Numbers of people at other speeds by `LAWS`.

    Parameters
    ----------
    own
        Numbers of each person at one speed per gait, with all of `NEEDED`.
    asked
        Columns subject, gait, speed_mps; as many rows per person as wanted.

    Returns
    -------
    pandas.DataFrame
        Columns subject, gait, speed_mps, quantity, value, for every quantity of `own` that is not NaN.

    Raises
    ------
    ValueError
        If a column, somebody's own numbers or those of `NEEDED` are missing, somebody has numbers at several speeds,
        or a quantity has no law.
    """
    require_columns(own, [*NUMBERS, "height_m"], "own")
    known = own.dropna(subset="value")
    _require_laws(known)
    rows = beside_own(known, asked).merge(_bases(known), on=PERSON)
    factor, sweep_deg = _changes(rows)
    value, quantity = rows["value"].to_numpy(float).copy(), rows["quantity"].to_numpy()
    for name, each in factor.items():
        value[quantity == name] *= each[quantity == name]
    return rows.assign(value=value + np.where(np.isin(quantity, _HIP), sweep_deg, 0.0))[NUMBERS]


def require_columns(table: pd.DataFrame, names: Sequence[str], what: str) -> None:
    """Complain, in one sentence, about columns that a table lacks."""
    if missing := [name for name in names if name not in table]:
        raise ValueError(f"{what} lacks the column(s) {', '.join(missing)}: it needs {', '.join(names)}")


def beside_own(own: pd.DataFrame, asked: pd.DataFrame) -> pd.DataFrame:
    """Own numbers, of several trials their means, at every speed asked of the person; the own speed as own_mps."""
    require_columns(asked, [*PERSON, "speed_mps"], "asked")
    speeds = own.groupby(PERSON)["speed_mps"].nunique()
    if several := _names(speeds[speeds > 1].index.to_frame()):
        raise ValueError(f"numbers at several speeds of {several}: give those of one speed per gait")
    named = own.rename(columns={"speed_mps": "own_mps"})
    means = named.groupby([*PERSON, "own_mps", "quantity"], sort=False)["value"].mean().reset_index()
    rows = asked[[*PERSON, "speed_mps"]].merge(means, on=PERSON, how="left")
    if strangers := _names(rows[rows["own_mps"].isna()]):
        raise ValueError(f"no own numbers of {strangers}: give them at one speed of the gait asked for")
    return rows


def _names(people: pd.DataFrame) -> str:
    pairs = people[PERSON].drop_duplicates().itertuples(index=False)
    return ", ".join(f"{subject} ({gait})" for subject, gait in pairs)


def _bases(own: pd.DataFrame) -> pd.DataFrame:
    """Height and `NEEDED` of each person and gait."""
    wide = own.pivot_table(index=PERSON, columns="quantity", values="value").reindex(columns=list(NEEDED))
    people = own.groupby(PERSON)[["height_m"]].mean().join(wide).reset_index()
    if gaps := _names(people[people.isna().any(axis=1)]):
        raise ValueError(f"give height_m, {', '.join(NEEDED)} of {gaps}: the laws rest on them")
    return people


def _require_laws(own: pd.DataFrame) -> None:
    law = {(gait, name) for each in LAWS for gait in each.gaits for name in each.quantities}
    pairs = own[["gait", "quantity"]].drop_duplicates().itertuples(index=False)
    if unknown := sorted(f"{name} ({gait})" for gait, name in pairs if (gait, name) not in law):
        raise ValueError(f"no law of scaling speaks of {', '.join(unknown)}: leave these quantities out")


def _changes(rows: pd.DataFrame) -> tuple[dict[str, Array], Array]:
    """Factor (row,) of each quantity that is multiplied, and what is added to the hip's peaks, degrees (row,)."""
    before, after = (rows[name].to_numpy(float) for name in ("own_mps", "speed_mps"))
    contact_s, step_s = rows["contact_time"].to_numpy(float), 60.0 / rows["cadence"].to_numpy(float)
    leg_m = LEG_PER_HEIGHT * rows["height_m"].to_numpy(float)
    peak = rows["peak_vertical_force"].to_numpy(float) / 100.0
    ratio, walks = after / before, rows["gait"].to_numpy() == "walk"
    cadence = np.where(walks, np.sqrt(ratio), ratio**RUNNING_CADENCE)
    share = contact_s / (2.0 * step_s) + STANCE_PERCENT_PER_MPS / 100.0 * (after - before)
    stiffness = _leg_stiffness(contact_s, step_s, before, leg_m)
    sprung_s = _sprung_contact(stiffness, step_s / cadence, after, leg_m)
    contact = np.where(walks, 2.0 * share * step_s / cadence, sprung_s) / contact_s
    vertical = np.where(walks, (1.0 + (peak - 1.0) * ratio**2) / peak, 1.0 / (cadence * contact))
    ways = (before * np.minimum(step_s, contact_s), after * np.minimum(step_s / cadence, contact * contact_s))
    first, second = (np.rad2deg(np.arcsin(np.minimum(way / (2.0 * leg_m), 1.0))) for way in ways)
    factor = dict.fromkeys(_FORE_AFT, vertical * contact * ratio) | dict.fromkeys(_KNEE, vertical)
    factor |= {"stride_length": ratio / cadence, "cadence": cadence, "knee_adduction_impulse": 1.0 / cadence}
    factor |= {"contact_time": contact, "duty_factor": contact * cadence}
    return factor | {"peak_vertical_force": vertical, "loading_rate": vertical / contact}, second - first


def _leg_stiffness(contact_s: Array, step_s: Array, speed_mps: Array, leg_m: Array) -> Array:
    """Body weights per meter, of a runner whose vertical force is half a sine (doi:10.1123/jab.21.2.167)."""
    peak = np.pi / 2.0 * step_s / contact_s
    sinks_m = GRAVITY_MPS2 * contact_s**2 * (peak / np.pi**2 - 1.0 / 8.0)
    leans_m = leg_m - np.sqrt(np.maximum(leg_m**2 - (speed_mps * contact_s / 2.0) ** 2, 0.0))
    return np.asarray(peak / (sinks_m + leans_m))


def _sprung_contact(stiffness: Array, step_s: Array, speed_mps: Array, leg_m: Array) -> Array:
    """Contact time, s, at which the leg has this stiffness, by bisection: a stiffer leg is on the ground for less."""
    low, high = np.full(len(step_s), 1e-3), np.minimum(2.0 * step_s, 2.0 * leg_m / speed_mps)
    for _ in range(60):
        middle = (low + high) / 2.0
        stiffer = _leg_stiffness(middle, step_s, speed_mps, leg_m) > stiffness
        low, high = np.where(stiffer, middle, low), np.where(stiffer, high, middle)
    return np.asarray((low + high) / 2.0)
