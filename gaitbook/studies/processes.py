"""Independent jobs in several processes, each on one thread, so that results do not depend on the number of cores."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from joblib import Parallel, cpu_count, delayed  # type: ignore[import-untyped]
from tqdm.auto import tqdm

from gaitbook.mechanics.threads import one_thread

Result = TypeVar("Result")
MOST_PROCESSES = 8


def run_jobs(
    function: Callable[..., Result],
    jobs: Iterable[tuple[Any, ...]],
    *,
    what: str,
    processes: int | None = None,
    progress: bool = True,
) -> list[Result]:
    """Results of a function for many arguments, in their order.

    Parameters
    ----------
    function
        At the top of a module, so that other processes find it.
    jobs
        Its arguments.
    what
        Words beside the progress bar.
    processes
        How many to use; by default one per core, at most eight. With one, nothing leaves this process.
    progress
        Show a progress bar.
    """
    waiting = list(jobs)
    count = min(processes or min(cpu_count(), MOST_PROCESSES), max(len(waiting), 1))
    calls = (delayed(_on_one_thread)(function, job) for job in waiting)
    done = Parallel(count, return_as="generator")(calls)
    return list(tqdm(done, total=len(waiting), desc=what, disable=None if progress else True))


@one_thread()
def _on_one_thread(function: Callable[..., Result], job: tuple[Any, ...]) -> Result:
    return function(*job)
