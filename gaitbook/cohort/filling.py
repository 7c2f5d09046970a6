"""Filling a cohort that can be made anew: by one process at a time, and from the start when its recipe has changed."""

import logging
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout

from gaitbook.cohort.checksums import CohortError
from gaitbook.cohort.metadata import read_root, write_group

LONGEST_WAIT_S: Final = 3600.0

logger = logging.getLogger(__name__)


@contextmanager
def lock_cohort(path: Path, *, wait_s: float = LONGEST_WAIT_S) -> Iterator[None]:
    """Let no other process fill a cohort for a while; where one does, wait until it is done.

    The operating system holds the lock and frees it when the process ends, however it ends: no lock is ever stale. Its
    file lies beside the cohort.

    Parameters
    ----------
    path
        Folder of the cohort, there or yet to come.
    wait_s
        Longest time to wait.

    Raises
    ------
    CohortError
        Another process was still at it after that time.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=0)
    except Timeout:
        logger.info("Another process is filling the cohort %s: waiting for it.", path.name)
        try:
            lock.acquire(timeout=wait_s)
        except Timeout as error:
            raise CohortError(
                f"Another process is still filling the cohort {path} after {wait_s:g} s: let it finish, or end it; "
                "what it has done is kept, and the same command continues it."
            ) from error
    try:
        yield
    finally:
        lock.release()


def is_cohort(path: Path) -> bool:
    """Whether a folder holds a cohort, finished or not."""
    try:
        return path.is_dir() and "label" in read_root(path).attributes
    except CohortError:
        return False


def is_filled(path: Path, recipe: str) -> bool:
    """Whether a folder holds a finished cohort made by this recipe."""
    attributes = read_root(path).attributes if is_cohort(path) else {}
    return bool(attributes.get("finished")) and attributes.get("recipe") == recipe


def empty_cohort(path: Path) -> None:
    """Take all trials and tables out of a cohort; killed half-way it is left unfinished, without a recipe."""
    write_group(path, {**read_root(path).attributes, "finished": False, "recipe": ""})
    for folder in sorted(each for each in path.iterdir() if each.is_dir()):  # checksums first
        shutil.rmtree(folder)
