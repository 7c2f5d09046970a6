"""Random numbers that belong to a person.

Each person has a generator of their own, made of the cohort's seed, the person's number and the stream that is
asked for. So nobody's numbers depend on who else is drawn, in what order or in how many chunks.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray


def draw_noise(numbers: Iterable[int], count: int, *, seed: int, stream: int) -> NDArray[np.float32]:
    """Standard normal numbers (person, count), each row of which depends on seed, person and stream alone.

    Parameters
    ----------
    numbers
        Numbers of the persons in the cohort, from zero.
    count
        How many numbers each person gets. A longer row begins with the shorter one.
    seed, stream
        The cohort, and what the numbers are for.

    Examples
    --------
    >>> both = draw_noise([0, 7], 3, seed=1, stream=5)
    >>> bool((both[1:] == draw_noise([7], 3, seed=1, stream=5)).all())
    True
    """
    numbers = list(numbers)
    noise = np.empty((len(numbers), count), dtype=np.float32)
    for row, number in zip(noise, numbers, strict=True):
        np.random.default_rng([seed, int(number), stream]).standard_normal(dtype=np.float32, out=row)
    return noise
