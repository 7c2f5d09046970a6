"""One thread for many small products: two threads that share them wait for each other longer than they compute."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import torch
from threadpoolctl import ThreadpoolController  # type: ignore[import-untyped]


@contextmanager
def one_thread() -> Iterator[None]:
    """Let torch and numpy compute on one thread for a while; use several processes to use several cores.

    Sums come out in the same order, too, so that results do not depend on the number of cores.
    """
    before = torch.get_num_threads()
    with _controller().limit(limits=1, user_api="blas"):
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(before)


@cache
def _controller() -> ThreadpoolController:
    return ThreadpoolController()
