"""Cohorts as the numbers that a motion model learns from, encoded once and kept: a meeting place of labels and tensors.

Trials are measured, encoded and written in chunks, each in one step, so that an interrupted run goes on where it was.
"""

import json
import logging
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Any, Final

import torch
import xarray as xr
from joblib import Parallel, cpu_count, delayed  # type: ignore[import-untyped]
from torch import Tensor
from tqdm.auto import tqdm

from gaitbook.cohort.exclusions import Exclusion
from gaitbook.cohort.streaming import list_trials, read_trial
from gaitbook.mechanics.threads import one_thread
from gaitbook.models.window_sampling import Sequences
from gaitbook.representation.channels import PHYSICS
from gaitbook.representation.states import UPPER, encode_person, encode_states
from gaitbook.studies.measured_motion import measure_all_motion

logger = logging.getLogger(__name__)

CHUNK: Final = 48
LAB_TRIALS: Final = ("walk-comfortable", "walk-other", "run-other")
"""Trials of the default cohorts that have force; the others are seen by a depth camera alone."""
MOST_PROCESSES: Final = 8


def encode_cohort(
    path: Path,
    folder: Path,
    *,
    subjects: Callable[[str], bool] | None = None,
    seed: int = 0,
    processes: int | None = None,
    progress: bool = True,
) -> tuple[Sequences, list[Exclusion]]:
    """Trials of a cohort, encoded.

    Parameters
    ----------
    path
        Folder of the cohort.
    folder
        Where the chunks are kept; those that are there are not made again.
    subjects
        Says of a subject's name whether it is wanted; all by default.
    seed
        Of the laboratory's errors, for simulated people.
    processes
        How many to use.
    progress
        Show a progress bar.

    Returns
    -------
    tuple
        Sequences, whose study is the cohort's name and the kind of trial, and the trials left out, with reasons.
    """
    places = [place for place in list_trials(path) if _wanted(place, subjects)]
    chunks = [places[first : first + CHUNK] for first in range(0, len(places), CHUNK)]
    files = [folder / f"{path.name}-{number:04d}.safetensors" for number in range(len(chunks))]
    todo = [
        (path, file, chunk, seed) for file, chunk in zip(files, chunks, strict=True) if not file.is_file()
    ]
    folder.mkdir(parents=True, exist_ok=True)
    run = Parallel(
        min(processes or min(cpu_count(), MOST_PROCESSES), max(len(todo), 1)), return_as="generator_unordered"
    )
    bar = tqdm(
        total=len(chunks), initial=len(chunks) - len(todo), desc=f"encoding {path.name}", disable=not progress
    )
    with bar:
        for _ in run(delayed(_encode_chunk)(*job) for job in todo):
            bar.update()
    return _read(files)


def join(parts: Sequence[Sequences]) -> Sequences:
    """Sequences of several cohorts as one."""
    return Sequences(
        *([each for part in parts for each in getattr(part, name)] for name in Sequences.__dataclass_fields__)
    )


def choose(sequences: Sequences, numbers: Collection[int]) -> Sequences:
    """Some of the sequences, by number."""
    return Sequences(
        *([getattr(sequences, name)[number] for number in numbers] for name in Sequences.__dataclass_fields__)
    )


def _wanted(place: str, subjects: Callable[[str], bool] | None) -> bool:
    _, source, subject, trial = place.split("/")
    return (source != "simulated" or trial in LAB_TRIALS) and (subjects is None or subjects(subject))


@one_thread()
def _encode_chunk(path: Path, file: Path, places: Sequence[str], seed: int) -> None:
    from safetensors.torch import save_file

    exclusions: list[Exclusion] = []
    trials = (read_trial(path, place) for place in places)
    tensors: dict[str, Tensor] = {}
    labels: list[dict[str, Any]] = []
    for motion in measure_all_motion(trials, exclusions, seed=seed):
        number = len(labels)
        values = encode_states(motion.trial, motion.model)
        bare = encode_states(motion.trial, motion.model, hidden=UPPER)[:, -len(PHYSICS) :]
        person = encode_person(motion.trial)
        tensors |= {
            f"{number}/values": values.half(),
            f"{number}/bare": bare.half(),
            f"{number}/person": person,
        }
        labels.append(_label(motion.trial, path.name))
    told = {"trials": labels, "exclusions": [[each.item, each.reason] for each in exclusions]}
    partial = file.with_suffix(".partial")
    save_file(tensors or {"none": torch.zeros(1)}, partial, {"labels": json.dumps(told)})
    partial.replace(file)


def _label(trial: xr.Dataset, cohort: str) -> dict[str, Any]:
    kind = str(trial.attrs["trial"]) if trial.attrs.get("source") == "simulated" else ""
    names = ("subject", "trial", "source")
    return {name: str(trial.attrs[name]) for name in names} | {
        "study": "/".join(filter(None, (cohort, kind)))
    }


def _read(files: Sequence[Path]) -> tuple[Sequences, list[Exclusion]]:
    from safetensors import safe_open

    exclusions: list[Exclusion] = []
    parts: dict[str, list[Any]] = {name: [] for name in Sequences.__dataclass_fields__}
    for file in files:
        with safe_open(file, "pt") as opened:
            told = json.loads(opened.metadata()["labels"])
            exclusions += [Exclusion(*each) for each in told["exclusions"]]
            for number, label in enumerate(told["trials"]):
                for name in ("values", "bare", "person"):
                    parts[name].append(opened.get_tensor(f"{number}/{name}"))
                parts["study"].append(label["study"])
                parts["subject"].append(label["subject"])
    return Sequences(**parts), exclusions
