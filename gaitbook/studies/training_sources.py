"""What a motion model is trained on, by name: cohorts, and files or folders of AddBiomechanics, as numbers."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from gaitbook.cohort.exclusions import Exclusion, count_reasons
from gaitbook.cohort.filling import is_cohort
from gaitbook.cohort.store import cohort_hash, cohorts_folder
from gaitbook.library import find_cohort
from gaitbook.studies.archived_motion import ARCHIVE
from gaitbook.studies.motion_sequences import encode_archives, encode_cohort, join
from gaitbook.studies.motion_training import role

if TYPE_CHECKING:
    from gaitbook.models.window_sampling import Sequences

ENCODED: Final = ".encoded"
ARCHIVES: Final = "addbiomechanics"
HASH_LENGTH: Final = 12


def encode_training(
    names: Sequence[str], *, processes: int | None = None, progress: bool = True
) -> "tuple[Sequences, list[Exclusion]]":
    """Trials of everything that is named, encoded; what was encoded once is kept in the folder of cohorts.

    Parameters
    ----------
    names
        Each the name or folder of a cohort, a file ``.b3d``, or a folder of such files at any depth.
    processes
        How many to use; by default one for each core, at most eight.
    progress
        Show progress bars.

    Returns
    -------
    tuple
        Sequences of all people (whose role is told by `gaitbook.studies.motion_training.role`), and what was left out.

    Raises
    ------
    FileNotFoundError, UnknownCohortError
        Nothing has this name.
    ValueError
        No trial can be used, or none is of anybody who is for training.
    """
    parts, exclusions = [], []
    for name in names:
        sequences, left_out = _encode(name, processes, progress)
        parts.append(sequences)
        exclusions += left_out
    joined = join(parts)
    _require_people(joined, names, exclusions)
    return joined, exclusions


def _encode(name: str, processes: int | None, progress: bool) -> "tuple[Sequences, list[Exclusion]]":
    folder = cohorts_folder() / ENCODED
    source = Path(name).expanduser()
    if _holds_archives(source):
        return encode_archives(source, folder / ARCHIVES, processes=processes, progress=progress)
    path = find_cohort(name)
    return encode_cohort(
        path, folder / cohort_hash(path)[:HASH_LENGTH], processes=processes, progress=progress
    )


def _holds_archives(source: Path) -> bool:
    if source.suffix.lower() == ARCHIVE:
        return True
    return source.is_dir() and not is_cohort(source) and any(source.rglob(f"*{ARCHIVE}"))


def _require_people(sequences: "Sequences", names: Sequence[str], exclusions: Sequence[Exclusion]) -> None:
    people = sorted(set(sequences.subject))
    if not people:
        reasons = [f"{row.reason} ({row.count})" for row in count_reasons(exclusions).itertuples()]
        raise ValueError(
            f"No trial of {', '.join(names)} can be learned from: {'; '.join(reasons) or 'it is empty'}."
        )
    if not any(role(subject) == "train" for subject in people):
        raise ValueError(
            f"All people of {', '.join(names)} are kept for calibration or tests, as their names decide "
            f"({', '.join(people[:5])}): add people to train on."
        )
