"""Cohorts as the numbers that a motion model learns from, encoded once and kept: a meeting place of labels and tensors.

Trials are measured, encoded and written in chunks, each in one step, so that an interrupted run goes on where it was.
"""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
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
from gaitbook.representation.channels import REQUIRED
from gaitbook.representation.states import UPPER, encode_person, encode_states
from gaitbook.studies.archived_motion import archived_motions, list_archives
from gaitbook.studies.measured_motion import MeasuredMotion, measure_all_motion

Motions = Callable[[list[Exclusion]], Iterator[MeasuredMotion]]
"""Gives motions, and adds to the list what it leaves out."""
Job = tuple[Path, Motions, str]
"""File of a chunk, its motions, and the study that they are of."""

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
    jobs = [
        (
            folder / f"{path.name}-{number:04d}.safetensors",
            partial(_stored_motions, path, chunk, seed),
            path.name,
        )
        for number, chunk in enumerate(chunks)
    ]
    return _encode_all(jobs, path.name, processes, progress)


def encode_archives(
    source: Path, folder: Path, *, processes: int | None = None, progress: bool = True
) -> tuple[Sequences, list[Exclusion]]:
    """Trials of AddBiomechanics files, pruned as GaitDynamics prunes them, encoded.

    Parameters
    ----------
    source
        File ``.b3d``, or folder of such files at any depth.
    folder
        Where the numbers of each file are kept; those that are there, of a file that has not changed, are not made
        again.
    processes
        How many to use.
    progress
        Show a progress bar.

    Returns
    -------
    tuple
        Sequences, whose study is the name of the source and, in a folder, of the folder in it that the file lies in;
        and what was left out, with reasons: files, trials, parts of trials.

    Raises
    ------
    FileNotFoundError
        There is no such file or folder, or no such file in the folder.
    """
    jobs = [
        (
            folder / f"{archive.stem}-{_fingerprint(archive)}.safetensors",
            partial(archived_motions, archive),
            study,
        )
        for archive, study in list_archives(source)
    ]
    return _encode_all(jobs, source.name, processes, progress)


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


def _encode_all(
    jobs: Sequence[Job], name: str, processes: int | None, progress: bool
) -> tuple[Sequences, list[Exclusion]]:
    todo = [job for job in jobs if not job[0].is_file()]
    for file, *_ in todo:
        file.parent.mkdir(parents=True, exist_ok=True)
    run = Parallel(
        min(processes or min(cpu_count(), MOST_PROCESSES), max(len(todo), 1)), return_as="generator_unordered"
    )
    bar = tqdm(total=len(jobs), initial=len(jobs) - len(todo), desc=f"encoding {name}", disable=not progress)
    with bar:
        for _ in run(delayed(_encode_chunk)(*job) for job in todo):
            bar.update()
    return _read([file for file, *_ in jobs])


def _stored_motions(
    path: Path, places: Sequence[str], seed: int, exclusions: list[Exclusion]
) -> Iterator[MeasuredMotion]:
    return measure_all_motion((read_trial(path, place) for place in places), exclusions, seed=seed)


def _fingerprint(file: Path) -> str:
    """Of a file as it is: its place, size and time of change, without reading it."""
    told = file.stat()
    return hashlib.sha256(f"{file.resolve()}/{told.st_size}/{told.st_mtime_ns}".encode()).hexdigest()[:16]


@one_thread()
def _encode_chunk(file: Path, motions: Motions, study: str) -> None:
    from safetensors.torch import save_file

    exclusions: list[Exclusion] = []
    tensors: dict[str, Tensor] = {}
    labels: list[dict[str, Any]] = []
    for motion in motions(exclusions):
        number = len(labels)
        values = encode_states(motion.trial, motion.model)
        bare = encode_states(motion.trial, motion.model, hidden=UPPER)[:, -len(REQUIRED) :]
        person = encode_person(motion.trial)
        tensors |= {
            f"{number}/values": values.half(),
            f"{number}/bare": bare.half(),
            f"{number}/person": person,
        }
        labels.append(_label(motion.trial, study))
    told = {"trials": labels, "exclusions": [[each.item, each.reason] for each in exclusions]}
    unfinished = file.with_suffix(".partial")
    save_file(tensors or {"none": torch.zeros(1)}, unfinished, {"labels": json.dumps(told)})
    unfinished.replace(file)


def _label(trial: xr.Dataset, study: str) -> dict[str, Any]:
    kind = str(trial.attrs["trial"]) if trial.attrs.get("source") == "simulated" else ""
    names = ("subject", "trial", "source")
    return {name: str(trial.attrs[name]) for name in names} | {"study": "/".join(filter(None, (study, kind)))}


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
