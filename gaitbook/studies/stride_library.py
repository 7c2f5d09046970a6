"""Strides to learn changes from: of simulated people who do many things, and of recorded people at several speeds.

A row of numbers per stride (`gaitbook.representation.stride_numbers`), each also as in a mirror; beside it who walked,
how fast, and what they were asked for. Simulated strides are the balanced ones, without noise; one walk and one run of
everybody are the mean of a recording whose strides differ, as a person's own stride is when it is measured.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from gaitbook.body_model import BodyModel
from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.schema import trial_path
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.mechanics.threads import one_thread
from gaitbook.representation.gait_change import DOSES
from gaitbook.representation.states import known_motion
from gaitbook.representation.stride import mean_stride, mirror_stride
from gaitbook.representation.stride_numbers import NAMES, encode_stride
from gaitbook.studies.held_out_motion import middle_of
from gaitbook.studies.measured_motion import measure_motion
from gaitbook.studies.processes import run_jobs
from gaitbook.studies.trial_facts import gait_of
from gaitbook.synthesis.causes import draw_causes
from gaitbook.synthesis.cohort_plans import PLANS
from gaitbook.synthesis.conditions import Condition
from gaitbook.synthesis.gait import record_gait
from gaitbook.synthesis.person_body import person_body
from gaitbook.synthesis.population import draw_people
from gaitbook.synthesis.solved_stride import solve_stride

STREAM: Final = 77
POPULATION: Final = "default-large"
DOSE_RANGE: Final = {
    "trunk_lean_rad": (0.0, 0.36),
    "toe_out_rad": (float(np.deg2rad(-22.0)), float(np.deg2rad(28.0))),
    "step_width_m": (-0.08, 0.18),
    "medial_thrust_rad": (0.0, float(np.deg2rad(13.0))),
    "stride_length": (-0.2, 0.2),
}
"""Doses that walks are drawn from; runs from six tenths of them."""
RUN_SHARE: Final = 0.6
WALK_MPS, RUN_MPS = (0.55, 2.1), (2.0, 6.3)
OLDEST_RUNNER_YEARS, HEAVIEST_RUNNER_KGM2 = 65.0, 32.0
RECORDED_S: Final = 4.0
MEASURED_S: Final = 12.0
FACTS: Final = ("height_m", "mass_kg", "sex", "age_year", "knee_varus_rad", "abdominal_fat")

Request = tuple[str, float, Mapping[str, float], bool]
"""Gait, speed, doses, and whether strides differ as in a recording."""


def simulate_strides(
    numbers: Sequence[int], *, seed: int = 0, processes: int | None = None, progress: bool = True
) -> tuple[xr.Dataset, list[Exclusion]]:
    """Strides of simulated people of the large default cohort.

    Parameters
    ----------
    numbers
        Of the people, from 0.
    seed
        Of the cohort.
    processes
        How many to use; by default one for each core, at most eight. They do not change the strides.
    progress
        Show a progress bar.

    Returns
    -------
    tuple
        ``row`` (stride, number) with the columns of `FACTS`, ``subject``, ``gait``, ``speed_mps``, ``measured``,
        ``mirrored`` and the doses of every stride; and what could not be simulated, with the reason.
    """
    people = draw_people(PLANS[POPULATION].people, seed=seed)
    styles = draw_causes(people, seed=seed).styles
    jobs = [
        ({**people.iloc[n].to_dict(), "subject": str(people.index[n])}, styles.iloc[n].to_dict(), seed)
        for n in numbers
    ]
    done = run_jobs(_person, jobs, what="simulating strides", processes=processes, progress=progress)
    return _join(done, "No simulated person")


def record_strides(
    path: str | Path, *, processes: int | None = None, progress: bool = True
) -> tuple[xr.Dataset, list[Exclusion]]:
    """Mean strides of the recorded trials of a cohort; parameters and result as for `simulate_strides`.

    Parameters
    ----------
    path
        Folder of the cohort.
    processes, progress
        As for `simulate_strides`.
    """
    jobs = [(path, place) for place in list_trials(path)]
    done = run_jobs(_recording, jobs, what="measuring strides", processes=processes, progress=progress)
    return _join(done, f"No trial of {path}")


def measured_stride(trial: xr.Dataset) -> tuple[xr.Dataset, BodyModel]:
    """Mean stride of a recording, found as a laboratory finds it, and the body of the person.

    Coordinates that the markers do not tell are not in it.

    Parameters
    ----------
    trial
        With markers or motion, and force.
    """
    motion = measure_motion(middle_of(trial, MEASURED_S))
    angle = known_motion(motion.trial)["joint_angle"]
    seen = angle["coordinate"].values[angle.notnull().all("time").values]
    whole = motion.trial.drop_dims("coordinate").assign(
        joint_angle=motion.trial["joint_angle"].sel(coordinate=seen)
    )
    return mean_stride(whole.assign_attrs(gait=gait_of(whole)), motion.model), motion.model


def draw_requests(person: Mapping[str, Any], rng: np.random.Generator) -> Iterator[Request]:
    """What one simulated person does: walks at three speeds, changed in eight ways; runs at four, changed in two."""
    own_mps = float(np.clip(person["comfortable_speed_mps"], 0.7, 1.9))
    walks = [own_mps, float(rng.uniform(*WALK_MPS)), float(rng.uniform(*WALK_MPS))]
    yield "walk", own_mps, {}, True
    yield from (("walk", speed, {}, False) for speed in walks)
    for number in range(6):
        yield "walk", own_mps, _draw_doses(rng, 1 if number < 4 else 2), False  # noqa: PLR2004
    for number in range(2):
        yield "walk", walks[1 + number], _draw_doses(rng, 1 + number), False
    if person["age_year"] >= OLDEST_RUNNER_YEARS or person["bmi_kgm2"] >= HEAVIEST_RUNNER_KGM2:
        return
    runs = [float(rng.uniform(RUN_MPS[0], 4.8)), *map(float, rng.uniform(*RUN_MPS, 3))]
    yield "run", runs[0], {}, True
    yield from (("run", speed, {}, False) for speed in runs)
    for number in range(2):
        doses = _draw_doses(rng, 1 + number)
        yield "run", runs[0], {name: RUN_SHARE * dose for name, dose in doses.items()}, False


def simulated_stride(
    person: Mapping[str, Any], styles: Mapping[str, float], request: Request, *, seed: int = 0
) -> xr.Dataset:
    """Stride of a simulated person.

    Parameters
    ----------
    person
        Row of `draw_people`, with ``subject``.
    styles
        Scores by style.
    request
        Gait, speed, doses, and whether to take the mean of a recording in which strides differ.
    seed
        Of the cohort.
    """
    gait, speed_mps, doses, measured = request
    solved = solve_stride(
        person, speed_mps=speed_mps, gait=gait, condition=Condition(**doses), styles=styles, seed=seed
    )
    period_s = solved.manner.plan.period_s
    trial = record_gait(
        solved,
        person,
        duration_s=RECORDED_S if measured else 3.1 * period_s,
        sampling_rate_hz=100.0 if measured else float(np.clip(100.0 / period_s, 51.0, 249.0)),
        variability=float(measured),
        seed=seed,
    )
    return mean_stride(trial, person_body(trial.attrs))


def encode_strides(
    strides: Sequence[xr.Dataset], requests: Sequence[Request], facts: Mapping[str, Any]
) -> xr.Dataset:
    """Rows of strides and of their mirror images, with what was asked for.

    Parameters
    ----------
    strides
        As given by `gaitbook.representation.stride.mean_stride`.
    requests
        What each was.
    facts
        Of the person: ``subject`` and `FACTS`, as far as known.
    """
    table = np.stack(
        [encode_stride(each).numpy() for stride in strides for each in (stride, mirror_stride(stride))]
    )
    asked = [request for request in requests for _ in range(2)]
    columns: dict[str, Any] = {
        "gait": [gait for gait, *_ in asked],
        "speed_mps": [speed for _, speed, *_ in asked],
        "measured": [measured for *_, measured in asked],
        "mirrored": [False, True] * len(strides),
        **{name: [float(doses.get(name, 0.0)) for _, _, doses, _ in asked] for name in DOSES},
        **{name: [facts.get(name, np.nan)] * len(asked) for name in ("subject", *FACTS)},
    }
    named = {name: ("stride", np.asarray(values)) for name, values in columns.items()}
    return xr.Dataset({"row": (("stride", "number"), table), **named}, {"number": list(NAMES)})


def facts_table(library: xr.Dataset) -> pd.DataFrame:
    """What is told of the strides of a library, a row each."""
    return library.drop_vars(["row", "number"]).to_dataframe().reset_index(drop=True)


def _join(
    done: Sequence[tuple[xr.Dataset | None, list[Exclusion]]], nothing: str
) -> tuple[xr.Dataset, list[Exclusion]]:
    rows = [part for part, _ in done if part is not None]
    if not rows:
        reasons = "; ".join(f"{each.item}: {each.reason}" for _, left_out in done for each in left_out[:1])
        raise ValueError(f"{nothing} has a stride to learn from: {reasons or 'there is none'}.")
    return xr.concat(rows, "stride"), [each for _, left_out in done for each in left_out]


def _draw_doses(rng: np.random.Generator, count: int) -> dict[str, float]:
    chosen = rng.permutation(len(DOSES))[:count]
    doses = {}
    for place in chosen:
        low, high = DOSE_RANGE[DOSES[place]]
        doses[DOSES[place]] = low + (high - low) * float(rng.random())
    return doses


@one_thread()
def _person(
    person: Mapping[str, Any], styles: Mapping[str, float], seed: int
) -> tuple[xr.Dataset | None, list[Exclusion]]:
    rng = np.random.default_rng([STREAM, seed, int(person["number"])])
    strides, requests, exclusions = [], [], []
    for request in draw_requests(person, rng):
        try:
            strides.append(simulated_stride(person, styles, request, seed=seed))
            requests.append(request)
        except ValueError as reason:
            place = f"/simulated/{person['subject']}/{request[0]}-{request[1]:.2f}"
            exclusions.append(Exclusion(place, " ".join(map(str, reason.args))))
    return (encode_strides(strides, requests, person) if strides else None), exclusions


def _recording(path: str | Path, place: str) -> tuple[xr.Dataset | None, list[Exclusion]]:
    trial = read_trial(path, place)
    try:
        stride, _ = measured_stride(trial)
    except (ValueError, KeyError) as reason:
        return None, [Exclusion(trial_path(trial.attrs), " ".join(map(str, reason.args)))]
    request: Request = (str(stride.attrs["gait"]), float(stride.attrs["speed_mps"]), {}, True)
    return encode_strides([stride], [request], trial.attrs), []
