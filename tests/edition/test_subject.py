from types import SimpleNamespace

import pytest

from gaitbook.edition.subject import open_subject


@pytest.fixture
def opened(monkeypatch):
    """Every cohort that is asked for, instead of opening it; the stand-in is told by its remark."""
    names = []

    def open_cohort(name, *, fallback):
        names.append((name, fallback))
        attrs = {
            "name": "closed-form",
            "label": "synthetic",
            "hash": "ab",
            "fallback_for": "It stands in for rbds.",
        }
        return SimpleNamespace(attrs=attrs)

    monkeypatch.setattr("gaitbook.library.open_cohort", open_cohort)
    return names


def test_a_stand_in_is_asked_for_and_said_at_the_top_of_every_page(opened):
    subject = open_subject("rbds")
    assert opened == [("rbds", "closed-form")]
    assert subject.edition == "rbds"
    assert subject.banner == "Edition rbds: synthetic data of the cohort closed-form. It stands in for rbds."


def test_the_folder_of_a_cohort_is_passed_on_in_full_because_studies_run_elsewhere(
    opened, tmp_path, monkeypatch
):
    (tmp_path / "cohorts" / "lab").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    subject = open_subject("cohorts/lab")
    assert opened[0][0] == str(tmp_path / "cohorts" / "lab")
    assert subject.edition == "lab"
