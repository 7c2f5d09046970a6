"""Who lacks which phenotype, and why.

Values are missing as in real cohorts: by appointment (nobody has half a bone scan), a little more where a tube or a
sheet is lost, here and there where a question is skipped, once because of the value itself, and once hidden behind a
zero. Reluctant people miss more than one appointment.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.special import ndtri

from gaitbook.synthesis.person_noise import draw_noise
from gaitbook.synthesis.phenotype_names import load_phenotypes

MISSING_STREAM = 4104


def draw_missing(
    numbers: list[int], table: pd.DataFrame, latent: NDArray[np.float32], *, seed: int
) -> NDArray[np.bool_]:
    """Whether a value is missing (person, phenotype).

    Parameters
    ----------
    numbers
        Numbers of the persons in the cohort.
    table
        What `gaitbook.synthesis.phenotype_names.list_phenotypes` returns.
    latent
        Standardized values (person, phenotype); the one column marked so is missing more often where it is high.
    seed
        Of the cohort.
    """
    rules, complete = load_phenotypes()["missing"], load_phenotypes()["assessments"]
    unit = table["system"] + ":" + table["assessment"]
    units, skipped = list(dict.fromkeys(unit)), np.flatnonzero(table["skip"])
    marked = np.flatnonzero(table["not_at_random"])
    counts = np.cumsum([1, len(complete), len(units), len(skipped)])
    noise = draw_noise(numbers, int(counts[-1]) + len(marked), seed=seed, stream=MISSING_STREAM)
    reluctance, own, lost, skip, hidden = np.split(noise, counts, axis=1)
    share = rules["shared_reluctance"]
    absent = np.sqrt(share) * reluctance + np.sqrt(1 - share) * own > ndtri(list(complete.values()))
    absent_unit = lost > ndtri(1 - rules["lost"])
    absent_unit |= absent[:, [list(complete).index(name.split(":")[1]) for name in units]]
    missing = absent_unit[:, [units.index(name) for name in unit]]
    missing[:, skipped] |= skip > ndtri(1 - table["skip"].to_numpy()[skipped])
    logit = rules["not_at_random_intercept"] + rules["not_at_random_slope"] * latent[:, marked].astype(float)
    missing[:, marked] |= hidden > ndtri(1 - 1 / (1 + np.exp(-logit)))
    return missing


def missing_rules(table: pd.DataFrame) -> list[str]:
    """Why values of each phenotype are missing, in words."""
    by_visit = "by appointment (" + table["assessment"] + ")"
    skipped = by_visit.where(table["skip"] == 0, by_visit + "; skipped at random")
    hidden = skipped.where(
        ~table["not_at_random"], by_visit + "; not at random: the higher, the more often missing"
    )
    return hidden.where(
        table["failed_as_zero"] == 0, by_visit + "; failed scans stored as zero (a trap)"
    ).tolist()
