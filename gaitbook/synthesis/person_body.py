"""The body of one person: height, mass, sex, frontal knee alignment and the abdomen that body mass and fat tell."""

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from gaitbook.body_model import BodyModel
from gaitbook.conventions import SEXES
from gaitbook.mechanics.generic_body import generic_body
from gaitbook.synthesis.population import load_population

NEEDED = ("height_m", "mass_kg")
LARGEST_FAT = 6.0
"""A z score beyond this is something else."""


def person_body(person: Mapping[str, Any] | pd.Series, *, markers: str | None = None) -> BodyModel:
    """Body of a person: the generic one with their size, sex, knees and abdomen.

    Parameters
    ----------
    person
        Row of `draw_people` or attributes of a trial: ``height_m``, ``mass_kg`` and, if known, ``sex`` (mean of both
        without), ``knee_varus_rad`` and ``abdominal_fat`` (zero without).
    markers
        Marker set to put on the body, one of `list_placements`; ``None`` for none.

    Returns
    -------
    BodyModel
        Same segments, joints and coordinates, in the same order, for everyone; see `generic_body`.

    Raises
    ------
    ValueError
        Something needed is missing or makes no sense; all faults are named.

    Examples
    --------
    >>> body = person_body({"height_m": 1.7, "mass_kg": 80.0, "sex": "male", "knee_varus_rad": 0.03})
    >>> round(body.mass_kg, 6)
    80.0
    """
    _require_size(person)
    height_m, mass_kg = float(person["height_m"]), float(person["mass_kg"])
    sex = person.get("sex")
    return generic_body(
        height_m=height_m,
        mass_kg=mass_kg,
        sex=sex,
        markers=markers,
        knee_varus_rad=float(person.get("knee_varus_rad", 0.0)),
        abdominal_mass_kg=abdominal_mass(
            height_m=height_m,
            mass_kg=mass_kg,
            sex=sex if sex in SEXES else None,
            abdominal_fat=float(person.get("abdominal_fat", 0.0)),
        ),
    )


def person_attributes(person: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """What is known of a person, in plain Python, for the attributes of a trial."""
    known = {name: person[name] for name in names if name in person}
    return {name: value.item() if isinstance(value, np.generic) else value for name, value in known.items()}


def abdominal_mass(
    *, height_m: float, mass_kg: float, sex: str | None = None, abdominal_fat: float = 0.0
) -> float:
    """Mass in front of the lumbar spine beyond what a lean body carries there, kg.

    m = s h² w ln(1 + exp((BMI - b) / w)) exp(k z): nearly nothing in lean people, a share s of what they weigh beyond a
    body mass index b in others, more (k) the more fat z they carry there. An assumption of the cohort.

    Parameters
    ----------
    height_m, mass_kg
        Body height and mass.
    sex
        ``"female"``, ``"male"``, or ``None`` for the mean of both.
    abdominal_fat
        Score of the fat on the trunk beyond what body mass index, age and sex tell.

    Examples
    --------
    >>> [round(abdominal_mass(height_m=1.75, mass_kg=bmi * 1.75**2, sex="male"), 1) for bmi in (18, 22, 30)]
    [0.1, 0.7, 4.2]
    """
    numbers = load_population()["abdomen"]
    share = float(np.mean([numbers["share"][each] for each in ([sex] if sex else SEXES)]))
    width = numbers["softness_kgm2"]
    excess_kgm2 = width * np.logaddexp(0.0, (mass_kg / height_m**2 - numbers["least_bmi_kgm2"]) / width)
    return float(share * height_m**2 * excess_kgm2 * np.exp(numbers["per_abdominal_fat"] * abdominal_fat))


def _require_size(person: Mapping[str, Any] | pd.Series) -> None:
    faults = [f"{name} is missing" for name in NEEDED if person.get(name) is None]
    faults += [
        f"{name} is {person[name]:g}, expected more than zero"
        for name in NEEDED
        if _not_positive(person, name)
    ]
    fat = person.get("abdominal_fat", 0.0)
    if not abs(fat) <= LARGEST_FAT:
        faults.append(f"abdominal_fat is {fat:g}, expected a z score within {LARGEST_FAT:g} of zero")
    if faults:
        raise ValueError("The person's body cannot be made: " + "; ".join(faults))


def _not_positive(person: Mapping[str, Any] | pd.Series, name: str) -> bool:
    value = person.get(name)
    return value is not None and not value > 0.0
