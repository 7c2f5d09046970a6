"""Made-up tables with a row per sex, small enough to count."""

import numpy as np
import pandas as pd

SEXES = ("female", "male")
SYSTEMS = ("bone_density", "renal", "sleep")
REGIONS = ("head", "legs", "torso", "arms")
FEATURES = ("demographics", "engineered", "keypoints", "paper encoder", "fast encoder")


def score_table(targets=("age", "bmi", "visceral_fat"), features=FEATURES):
    """Correlations from 0.3 in steps of a tenth, with intervals of 0.05 to each side."""
    rows = [
        {"target": target, "sex": sex, "features": name, "r": 0.3 + 0.1 * place}
        for target in targets
        for sex in SEXES
        for place, name in enumerate(features)
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["r"] - 0.05, high=table["r"] + 0.05)


def system_table(**changed):
    """Three systems: nothing planted in the kidney of women, and found everywhere else."""
    rows = [
        {"system": system, "sex": sex, "found": 10 * place + 2, "tested": 40, "planted": planted}
        for sex in SEXES
        for place, system in enumerate(SYSTEMS)
        for planted in [(system, sex) != ("renal", "female")]
    ]
    table = pd.DataFrame(rows)
    return table.assign(**{"selected": table["planted"], **changed})


def region_table():
    """The legs carry everything."""
    rows = [
        {"system": system, "sex": sex, "region": region, "legs": region == "legs"}
        for sex in SEXES
        for system in SYSTEMS
        for region in REGIONS
    ]
    table = pd.DataFrame(rows)
    importance = np.where(table["legs"], 0.04, -0.0001)
    first = np.where(table["legs"], 0.97, 0.01)
    ends = {"low": importance - 0.01, "high": importance + 0.01}
    return table.assign(importance=importance, first=first, planted=table["legs"], **ends).drop(
        columns="legs"
    )


def truth_table(cohorts=20):
    """False discoveries of 3 % or 40 %, power of 60 % or 80 %."""
    rows = [
        {"cohort": cohort, "procedure": name, "sex": sex, "false_discovery": false, "power": power}
        for name, false, power in (("gaitbook", 0.03, 0.6), ("published", 0.4, 0.8))
        for sex in SEXES
        for cohort in range(cohorts)
    ]
    return pd.DataFrame(rows)


def truth_summary():
    means = truth_table(1).drop(columns="cohort")
    long = means.melt(["procedure", "sex"], var_name="quantity")
    return long.assign(low=long["value"] - 0.01, high=long["value"] + 0.01)


def coverage_table(targets=("age", "bmi")):
    rows = [
        {
            "target": target,
            "sex": sex,
            "age_band": band,
            "n": 200 + 100 * place,
            "coverage": 0.88 + 0.02 * place,
        }
        for target in targets
        for place, band in enumerate(("under 50", "50 and over"))
        for sex in SEXES
    ]
    table = pd.DataFrame(rows)
    return table.assign(low=table["coverage"] - 0.03, high=table["coverage"] + 0.03)


def cause_tables():
    """Arrows and kinds: a system that moves a phenotype in women alone, and both depend on age."""
    weights = {
        ("age", "cardiovascular"): (0.3, 0.3),
        ("age", "resting_pulse"): (-0.1, -0.1),
        ("age", "skeleton"): (0.0, 0.0),
        ("cardiovascular", "arm_swing"): (0.35, 0.2),
        ("cardiovascular", "resting_pulse"): (0.35, 0.0),
        ("arm_swing", "skeleton"): (0.8, 0.8),
    }
    rows = [
        {"cause": cause, "effect": effect, "weight": weight, "sex": sex}
        for (cause, effect), both in weights.items()
        for sex, weight in zip(SEXES, both, strict=True)
    ]
    kinds = {"age": "adjusted", "cardiovascular": "hidden", "arm_swing": "hidden"}
    return pd.DataFrame(rows), {**kinds, "resting_pulse": "measured", "skeleton": "measured"}


def gain_table(phenotypes=5):
    """Gains in steps of a hundredth: rising in women, falling in men, only those above 0.03 discovered."""
    rows = [
        {"phenotype": f"{system}_{number}", "system": system, "sex": sex, "n": 1000 + number, "gain": gain}
        for system in SYSTEMS
        for number in range(phenotypes)
        for sex, gain in zip(SEXES, (0.01 * number, 0.01 * (phenotypes - 1 - number)), strict=True)
    ]
    table = pd.DataFrame(rows)
    q = np.where(table["gain"] > 0.03, 0.01, 0.4)
    ends = {"low": table["gain"] - 0.02, "high": table["gain"] + 0.02}
    return table.assign(r_covariates=0.2, r_with_gait=0.2 + table["gain"], q=q, **ends)
