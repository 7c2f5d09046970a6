import pytest

from gaitbook.edition.parameters import check_overrides, edition_parameters, parse_assignments, read_defaults
from tests.edition.conftest import cell, write_notebook


def test_defaults_are_read_from_the_parameters_cell(project):
    assert read_defaults(project.notebook("01")) == {"cohort": "toy", "factor": 1.0}


def test_the_cohort_file_goes_before_the_defaults_and_the_command_line_before_both(project):
    file = project.parameter_file("lab")
    file.parent.mkdir()
    file.write_text("parameters: {factor: 2.0}\nnotebooks: {01_toy: {factor: 3.0}}\n")
    notebook = project.notebook("01")
    assert edition_parameters(project, "lab", notebook) == {"factor": 3.0, "cohort": "lab"}
    assert edition_parameters(project, "lab", notebook, overrides={"factor": 4.0})["factor"] == 4.0
    assert edition_parameters(project, "other", notebook) == {"cohort": "other"}


def test_quick_values_go_before_those_of_the_cohort(project):
    project.parameter_file("quick").parent.mkdir()
    project.parameter_file("quick").write_text("parameters: {factor: 0.5}\n")
    assert edition_parameters(project, "lab", project.notebook("01"), quick=True)["factor"] == 0.5


def test_an_unknown_parameter_is_refused_and_the_known_ones_named(project):
    with pytest.raises(ValueError, match=r"Unknown parameter\(s\) facotr .* known are: cohort, factor"):
        check_overrides(project, project.notebooks, {"facotr": 1})


@pytest.mark.parametrize("text", ["parameters: {facotr: 1}", "notebooks: {01_toy: {facotr: 1}}"])
def test_an_unknown_parameter_in_the_cohort_file_is_refused(project, text):
    project.parameter_file("lab").parent.mkdir()
    project.parameter_file("lab").write_text(text)
    with pytest.raises(ValueError, match=r"Unknown parameter.* facotr .*known are: cohort, factor"):
        edition_parameters(project, "lab", project.notebook("01"))


def test_an_unknown_study_in_the_cohort_file_is_refused(project):
    project.parameter_file("lab").parent.mkdir()
    project.parameter_file("lab").write_text("notebooks: {02_gone: {}}")
    with pytest.raises(ValueError, match=r"02_gone not known.*01_toy"):
        edition_parameters(project, "lab", project.notebook("01"))


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ([cell("x = 1")], "has 0 cells tagged 'parameters'"),
        ([cell("seed: int = 0", tags=("parameters",))], "does not take 'cohort'"),
        ([cell('cohort = "a"\nn = 2 * 3', tags=("parameters",))], "default of 'n' must be a plain value"),
    ],
)
def test_a_study_without_proper_parameters_is_refused(tmp_path, cells, message):
    with pytest.raises(ValueError, match=message):
        read_defaults(write_notebook(tmp_path / "bad.ipynb", cells))


def test_pairs_are_written_with_or_without_equals_sign():
    assert parse_assignments([["a=1", "b=x=y"], ["c", "[1, 2]"]]) == {"a": 1, "b": "x=y", "c": [1, 2]}


@pytest.mark.parametrize("words", [["seed"], ["seed=1", "rbds"], ["a", "b", "c"]])
def test_what_is_no_pair_is_refused(words):
    with pytest.raises(ValueError, match=f"-p NAME=VALUE or -p NAME VALUE; found -p {' '.join(words)}"):
        parse_assignments([words])
