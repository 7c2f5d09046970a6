"""Executing a study for real; each run of a kernel takes about two seconds."""

import json

import pytest

from gaitbook.edition.execution import StudyError, tidy
from gaitbook.edition.records import write_results
from gaitbook.edition.runner import run_study
from tests.edition.conftest import cell, write_notebook


def test_a_study_is_executed_once_and_then_taken_from_the_cache(project, tmp_path):
    notebook = project.notebook("01")
    first = run_study(project, notebook, {"cohort": "toy", "factor": 2.0}, data_hash="ab")
    again = run_study(project, notebook, {"cohort": "toy", "factor": 2.0}, data_hash="ab")
    assert (first.cached, again.cached) == (False, True)
    assert again.notebook.read_bytes() == first.notebook.read_bytes()
    assert [path.name for path in project.cache.iterdir()] == [first.key]

    text = first.notebook.read_text()
    assert "# Set for this edition (toy)" in text
    assert "papermill" not in text
    assert "execution" not in {key for one in first.read()["cells"] for key in one["metadata"]}

    written = write_results(first.read(), tmp_path / "results" / "01_toy")
    assert [path.name for path in written] == ["errors.csv", "values.csv"]
    assert written[0].read_text() == "speed_mps,error\n2.5,14.2\n3.5,16.4\n"
    assert written[1].read_text() == "name,value,low,high,unit,n,level\npeak,14.24,6.5,7.7,%BW,20,0.95\n"


def test_a_failing_cell_is_named_and_the_partial_notebook_kept(project, toy_cells):
    bad = [*toy_cells[:2], cell("\nmass_kg = None\nraise ValueError('no body mass:\\n give mass_kg')")]
    notebook = write_notebook(project.root / "notebooks" / "02_bad.ipynb", bad)
    with pytest.raises(StudyError) as caught:
        run_study(project, notebook, {"cohort": "toy"}, data_hash="ab")
    kept = project.cache / "failed" / "02_bad.ipynb"
    sentence = "02_bad.ipynb failed in cell 3 ('mass_kg = None'): ValueError: no body mass: give mass_kg"
    assert str(caught.value) == f"{sentence}\nThe partly executed notebook: {kept}"
    assert json.loads(kept.read_text())["cells"]
    assert [path.name for path in project.cache.iterdir()] == ["failed"]


def test_live_widget_views_and_run_metadata_are_dropped():
    view = {
        "output_type": "display_data",
        "data": {"application/vnd.jupyter.widget-view+json": {}, "text/html": ""},
    }
    ran = {**cell("x"), "metadata": {"papermill": {}, "execution": {}, "tags": ["keep"]}, "outputs": [view]}
    tidied = tidy({"cells": [ran], "metadata": {"papermill": {}, "widgets": {}, "kernelspec": {}}}, "toy")
    assert tidied["metadata"] == {"kernelspec": {}}
    assert tidied["cells"][0]["metadata"] == {"tags": ["keep"]}
    assert tidied["cells"][0]["outputs"] == []


def test_two_records_of_one_name_are_refused(tmp_path):
    record = {"kind": "table", "name": "errors", "csv": "a\n1\n"}
    output = {"data": {"application/vnd.gaitbook.record+json": record}}
    with pytest.raises(ValueError, match="records errors more than once"):
        write_results({"cells": [{"outputs": [output, output]}]}, tmp_path / "01_toy")
