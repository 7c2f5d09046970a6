"""Which family draws best after equal training? `make show TOPIC=families`, about half an hour on two cores.

Every family trains the same network on the same windows for MINUTES of processor time (default 3), and completes the
trials of the people who calibrate: nobody is tested on, and nothing else depends on what is measured here. COHORTS
names what to train on (default: default-large rbds). ONLY=name,name chooses families, PATCH the frames of a token.
"""

import os
import sys
import time
from collections.abc import Iterator
from functools import cache, partial
from pathlib import Path

import pandas as pd

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from motion_contest import count, runners, simulate_people  # noqa: E402 - the package is found first
from report import Line, show  # noqa: E402

from gaitbook.mechanics.threads import one_thread  # noqa: E402
from gaitbook.models.families import FAMILIES  # noqa: E402
from gaitbook.models.fitting import FittingPlan  # noqa: E402
from gaitbook.models.window_sampling import Sequences  # noqa: E402
from gaitbook.representation.hiding import FULL  # noqa: E402
from gaitbook.studies.completion import CompletionPlan  # noqa: E402
from gaitbook.studies.hidden_parts import Contestant, judge_conditions  # noqa: E402
from gaitbook.studies.motion_training import train_motion  # noqa: E402

MINUTES = float(os.environ.get("MINUTES", "3"))
PATCH = int(os.environ.get("PATCH", "10"))
CONDITIONS = (FULL, "hips, knees")
DRAWS = 20
TABLES = ROOT / "_build" / "motion"


@cache
def sequences() -> Sequences:
    """Encoded trials to learn from."""
    from gaitbook.studies.training_sources import encode_training

    return encode_training(os.environ.get("COHORTS", "default-large rbds").split())[0]


def compare(family: str) -> Iterator[Line]:
    """Error, score, coverage and cost of one family."""
    plan = FittingPlan(family=family, steps=10**6, minutes=MINUTES, batch=32, precision="bf16")
    model = train_motion(sequences(), plan, patch=PATCH, progress=False)
    motions = [*simulate_people(201, count(4)), *runners("calibrate", 3)[::2]]
    one = Contestant(family, model, CompletionPlan(draws=DRAWS, correct=False))
    began = time.process_time()
    with one_thread():
        table = judge_conditions(motions, [one], conditions=CONDITIONS, progress=False)
    spent_s = (time.process_time() - began) / (len(motions) * len(CONDITIONS))
    TABLES.mkdir(parents=True, exist_ok=True)
    table.to_csv(TABLES / f"family_{family}.csv", index=False)
    vertical = table[table["axis"] == "y"]
    for condition in CONDITIONS:
        for gait in ("walk", "run"):
            chosen = vertical[(vertical["condition"] == condition) & (vertical["gait"] == gait)]
            yield Line(f"{family}, {gait}, {condition} hidden", _figures(chosen), "compared", True)
    trained = f"{model.card['windows']} windows in {model.card['minutes']} min; {spent_s:.2f} s a trial"
    yield Line(f"{family}, cost", trained, "compared", True)


def _figures(table: pd.DataFrame) -> str:
    means = table.groupby(["measure", "subject"])["value"].mean().groupby("measure").mean()
    return (
        f"profile {means['profile']:.2f}, peak {means['peak']:.2f}, CRPS {means['crps']:.2f} %BW, "
        f"raw coverage {100 * means['coverage']:.0f} %"
    )


def main() -> None:
    """Compare the families that ONLY names, or all."""
    chosen = os.environ.get("ONLY", ",".join(FAMILIES)).split(",")
    jobs = [partial(compare, family) for family in chosen]
    for job, family in zip(jobs, chosen, strict=True):
        job.__name__ = family  # type: ignore[attr-defined]
    show(jobs)


if __name__ == "__main__":
    main()
