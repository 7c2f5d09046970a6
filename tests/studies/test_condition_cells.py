"""Cells of the map of conditions: the right rows, in the units of a reader."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.studies.condition_cells import condition_cells


@pytest.fixture
def table():
    """As the command writes it and pandas reads it: an axis that is empty comes back as NaN."""
    rows = [
        (condition, "rbds", "run", axis, measure, unit, value)
        for condition, worse in (("nothing", 0.0), ("hips, knees", 1.0))
        for axis, measure, unit, value in (
            ("y", "profile", "%BW", 5.0 + worse),
            ("x", "profile", "%BW", 1.0 + worse),
            ("y", "coverage", "1", 0.9 - 0.1 * worse),
            ("z", "profile", "%BW", 9.0),
            (np.nan, "angle", "degrees", 4.0),
        )
        if not (measure == "angle" and condition == "nothing")
    ]
    frame = pd.DataFrame(rows, columns=["condition", "source", "gait", "axis", "measure", "unit", "value"])
    return frame.assign(low=frame["value"] - 0.1, high=frame["value"] + 0.1, n=6)


def test_a_cell_holds_the_number_of_its_condition(table):
    cells = condition_cells(table).set_index(["measure", "condition"])["value"]
    assert cells["vertical", "hips, knees"] == 6.0
    assert cells["fore-aft", "nothing"] == 1.0
    assert cells["angles", "hips, knees"] == 4.0
    assert ("angles", "nothing") not in cells.index


def test_shares_are_percent_and_degrees_have_their_sign(table):
    cells = condition_cells(table)
    coverage = cells[cells["measure"] == "coverage"]
    assert coverage["value"].tolist() == pytest.approx([90.0, 80.0])
    assert coverage["low"].tolist() == pytest.approx([80.0, 70.0])
    assert set(cells["unit"]) == {"%BW", "%", "°"}
    assert set(cells["group"]) == {"rbds, running"}
