"""People of the default cohort: sex, age, size, fat, knees, vigor and the speed at which they like to walk.

A chain of causes: age and sex -> height and body mass index -> visceral fat, vigor -> comfortable speed. The numbers,
each with its source or marked as an assumption, are in ``population.yml``. Every person is drawn from a generator of
their own, so that anyone can be drawn alone.
"""

from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar

import numpy as np
import pandas as pd

STREAM = 1
"""Number of this module's random numbers among those of a person."""
YEARS_PER_DECADE = 10.0
Drawn = TypeVar("Drawn")


@cache
def load_population() -> Mapping[str, Any]:
    """Return the content of ``population.yml``."""
    import yaml

    text = files("gaitbook.synthesis").joinpath("population.yml").read_text(encoding="utf-8")
    content: Mapping[str, Any] = yaml.safe_load(text)
    return content


def draw_people(count: int, *, seed: int = 0, first: int = 0) -> pd.DataFrame:
    """Adults as in the Human Phenotype Project, one row each.

    Parameters
    ----------
    count
        How many people.
    seed
        Another seed, other people.
    first
        Number of the first one, counted from zero; a person depends on the seed and their number only.

    Returns
    -------
    pandas.DataFrame
        Index ``subject``; columns ``number``, ``sex``, ``age_year``, ``height_m``, ``mass_kg``, ``bmi_kgm2``,
        ``visceral_fat_cm2``, ``abdominal_fat`` (score of the fat on the trunk beyond what body mass index, age and sex
        tell), ``knee_varus_rad`` (bow legs positive), ``vigor`` (score; falls with age and body mass index) and
        ``comfortable_speed_mps``.

    Raises
    ------
    ValueError
        Count, seed or first make no sense; all are named.

    References
    ----------
    Cohort: arXiv:2603.25283. Size and speed: three open tables, among them doi:10.1038/s41597-023-02767-y.

    Examples
    --------
    >>> people = draw_people(3, seed=1)
    >>> people.index.tolist(), people["sex"].tolist()
    (['person-0001', 'person-0002', 'person-0003'], ['male', 'female', 'male'])
    """
    least = {"count": (count, 1), "seed": (seed, 0), "first": (first, 0)}
    faults = [
        f"{name} is {value!r}, expected a whole number of at least {low}"
        for name, (value, low) in least.items()
        if not isinstance(value, int | np.integer) or value < low
    ]
    if faults:
        raise ValueError("No people can be drawn: " + "; ".join(faults))
    rows = [_draw_person(int(seed), number) for number in range(first, first + count)]
    names = pd.Index([f"person-{row['number'] + 1:04d}" for row in rows], name="subject")
    return pd.DataFrame(rows, index=names)


def _draw_person(seed: int, number: int) -> dict[str, Any]:
    rng = np.random.default_rng([seed, number, STREAM])
    content = load_population()
    sex = _sex(number)
    age_year = _draw_age(rng)
    decades = (age_year - content["middle_age_year"]) / YEARS_PER_DECADE
    height_m, bmi_kgm2 = _draw_size(rng, sex, decades)
    bmi_score = _bmi_score(bmi_kgm2, sex)
    # scores of what the causes above do not tell
    abdominal_fat, knee, rest = (float(score) for score in rng.standard_normal(3))
    varus = content["knee_varus"]
    return {
        "number": number,
        "sex": sex,
        "age_year": age_year,
        "height_m": height_m,
        "mass_kg": bmi_kgm2 * height_m**2,
        "bmi_kgm2": bmi_kgm2,
        "visceral_fat_cm2": _visceral_fat(sex, decades, bmi_score, abdominal_fat),
        "abdominal_fat": abdominal_fat,
        "knee_varus_rad": varus["mean_rad"][sex] + varus["spread_rad"] * knee,
        "vigor": _vigor(decades, bmi_score, rest),
        "comfortable_speed_mps": _draw_speed(rng, height_m, decades, bmi_score, vigor=rest),
    }


def _sex(number: int) -> str:
    """Sex by number, so that any run of people has the cohort's share of women."""
    women = load_population()["women"]
    count, of = women["count"], women["of"]
    return "female" if (number + 1) * count // of > number * count // of else "male"


def _draw_age(rng: np.random.Generator) -> float:
    age = load_population()["age"]
    low, high = age["range_year"]
    return _draw_until(
        lambda: float(rng.normal(age["mean_year"], age["spread_year"])), lambda value: low <= value <= high
    )


def _draw_size(rng: np.random.Generator, sex: str, decades: float) -> tuple[float, float]:
    """Height (m) and body mass index (kg/m2); both anew until they and the mass are within their ranges."""
    height, index = load_population()["height"], load_population()["body_mass_index"]
    correlation = index["correlation_with_height"][sex]

    def draw() -> tuple[float, float]:
        first, second = rng.standard_normal(2)
        second = correlation * first + np.sqrt(1.0 - correlation**2) * second
        height_m = (
            height["level_m"][sex] + height["per_decade_m"][sex] * decades + height["spread_m"][sex] * first
        )
        logarithm = index["per_decade"][sex] * decades + index["spread"][sex] * second
        return float(height_m), float(index["level_kgm2"][sex] * np.exp(logarithm))

    ranges = height["range_m"], index["range_kgm2"], index["range_kg"]
    return _draw_until(
        draw,
        lambda size: all(
            low <= value <= high
            for value, (low, high) in zip((*size, size[1] * size[0] ** 2), ranges, strict=True)
        ),
    )


def _bmi_score(bmi_kgm2: float, sex: str) -> float:
    index = load_population()["body_mass_index"]
    return float(np.log(bmi_kgm2 / index["level_kgm2"][sex]) / index["spread"][sex])


def _visceral_fat(sex: str, decades: float, bmi_score: float, abdominal_fat: float) -> float:
    numbers = load_population()["visceral_fat"]
    logarithm = (
        numbers["per_bmi_score"] * bmi_score
        + numbers["per_decade"] * decades
        + numbers["per_abdominal_fat"] * abdominal_fat
    )
    return float(numbers["median_cm2"][sex] * np.exp(logarithm))


def _vigor(decades: float, bmi_score: float, rest: float) -> float:
    numbers = load_population()["vigor"]
    told = numbers["per_decade"] * decades + numbers["per_bmi_score"] * bmi_score
    return float(told + numbers["spread"] * rest)


def _draw_speed(
    rng: np.random.Generator, height_m: float, decades: float, bmi_score: float, *, vigor: float
) -> float:
    """Comfortable speed, m/s; ``vigor`` is the part of it that age and body mass index do not tell."""
    numbers = load_population()["comfortable_speed"]
    low, high = numbers["range_mps"]
    share = numbers["correlation_with_vigor"]
    expected_mps = (
        numbers["level_mps"]
        + numbers["per_height_m"] * (height_m - numbers["height_m"])
        + numbers["per_bmi_score"] * bmi_score
        + numbers["per_later_decade"] * max(decades, 0.0)
        + numbers["spread_mps"] * share * vigor
    )
    rest_mps = numbers["spread_mps"] * np.sqrt(1.0 - share**2)
    return _draw_until(
        lambda: float(expected_mps + rest_mps * rng.standard_normal()), lambda value: low <= value <= high
    )


def _draw_until(draw: Callable[[], Drawn], accept: Callable[[Drawn], bool]) -> Drawn:
    value = draw()
    while not accept(value):
        value = draw()
    return value
