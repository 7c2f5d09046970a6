import pytest

from gaitbook.edition.project import find_project


def test_the_checkout_is_found_from_any_folder_inside(project):
    assert find_project(project.root / "book").root == project.root.resolve()


def test_outside_a_checkout_the_message_says_what_to_do(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"not inside a checkout of the book"):
        find_project(tmp_path)


def test_an_unknown_study_is_named_together_with_those_that_exist(project):
    with pytest.raises(FileNotFoundError, match=r"'02'.*there are: 01_toy"):
        project.notebook("02")
