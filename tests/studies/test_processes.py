"""Jobs in processes: the same results in the same order, however many share the work."""

import math

import pytest

from gaitbook.studies.processes import run_jobs


@pytest.mark.parametrize("processes", [1, 2])
def test_results_come_in_the_order_of_the_jobs(processes):
    found = run_jobs(math.pow, [(2, 3), (3, 2)], what="powers", processes=processes, progress=False)
    assert found == [8.0, 9.0]


def test_no_job_is_no_result():
    assert run_jobs(math.sqrt, [], what="roots", progress=False) == []
