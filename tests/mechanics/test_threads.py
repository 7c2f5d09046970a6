"""Threads are given back, whatever happens."""

import pytest
import torch

from gaitbook.mechanics.threads import one_thread


def test_threads_are_given_back_even_after_an_error():
    before = torch.get_num_threads()
    with one_thread():
        assert torch.get_num_threads() == 1
    with pytest.raises(RuntimeError, match="stop"), one_thread():
        raise RuntimeError("stop")
    assert torch.get_num_threads() == before
