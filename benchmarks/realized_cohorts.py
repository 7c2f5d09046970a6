"""Cohorts drawn anew and judged, one row per cohort, procedure and sex: `realized_cohorts.py FIRST LAST [PROCESSES]`.

Each cohort takes about two minutes and is kept as soon as it is done; those that are there are not judged
again. Rows belong to the features, the number of people and of permutations they were made with, and those of others
stay beside them. PERMUTATIONS and COHORT_PEOPLE take other numbers than 20 and 3,414.
"""

import fcntl
import os
import sys
from pathlib import Path

import pandas as pd

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from phenotype_walkers import OURS, TABLES, causes, features_hash, people, walkers

from gaitbook.studies.emulated_cohorts import Emulator, fit_emulator
from gaitbook.studies.gain_test import GainSettings
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.realized_discoveries import PEOPLE, realize_discoveries

FILE = TABLES / "realized-cohorts.csv"
FIRST, LAST = 1001, 1020
FEWEST_ARGUMENTS = 2


def made_with() -> dict[str, str | int]:
    """What rows must have been made with to count."""
    return {
        "features": features_hash(),
        "people": int(os.environ.get("COHORT_PEOPLE") or PEOPLE),
        "permutations": int(os.environ.get("PERMUTATIONS") or 20),
    }


def kept_cohorts() -> pd.DataFrame:
    """Rows of all cohorts that were judged with the present features and numbers; empty if there are none."""
    if not FILE.is_file():
        return pd.DataFrame()
    table = pd.read_csv(FILE)
    ours = (table[list(made_with())] == pd.Series(made_with())).all(axis=1)
    return table[ours].drop_duplicates(["cohort", "procedure", "sex"], keep="last")


def judge_cohorts(first: int = FIRST, last: int = LAST, *, processes: int | None = None) -> pd.DataFrame:
    """Judge what is missing of the cohorts of these seeds, and return all rows of them."""
    kept = kept_cohorts()
    done = set() if kept.empty else set(kept["cohort"])
    missing = [seed for seed in range(first, last + 1) if seed not in done]
    if missing:
        emulator = fit_emulator(walkers().sets[OURS], people(), causes().styles)
        jobs = [(emulator, seed, made_with()) for seed in missing]
        run_jobs(judge_one, jobs, what="judging cohorts", processes=processes)
    kept = kept_cohorts()
    return kept[kept["cohort"].between(first, last)]


def judge_one(emulator: Emulator, seed: int, how: dict[str, str | int]) -> int:
    """Judge one cohort and add its rows to the file."""
    settings = GainSettings(permutations=int(how["permutations"]))
    table = realize_discoveries(
        emulator, [seed], people=int(how["people"]), settings=settings, by_styles=True, progress=False
    )
    text = table.assign(**how).to_csv(index=False)
    header, _, rows = text.partition("\n")
    FILE.parent.mkdir(parents=True, exist_ok=True)
    with FILE.open("a", encoding="utf-8") as file:
        # several processes, and several calls, add to one file
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(rows if file.tell() else f"{header}\n{rows}")
    return seed


if __name__ == "__main__":
    if len(sys.argv) <= FEWEST_ARGUMENTS:
        sys.exit("usage: realized_cohorts.py FIRST LAST [PROCESSES], such as 1001 1020 2")
    asked = [int(word) for word in sys.argv[1:]]
    found = judge_cohorts(asked[0], asked[1], processes=asked[2] if asked[2:] else None)
    print(f"{found['cohort'].nunique()} cohorts of seeds {asked[0]} to {asked[1]} are in {FILE}")
