import numpy as np
import pytest

from gaitbook.synthesis.missing_data import draw_missing, missing_rules
from gaitbook.synthesis.phenotype_names import list_phenotypes, load_phenotypes

PEOPLE = 1500


@pytest.fixture(scope="module")
def table():
    return list_phenotypes()


@pytest.fixture(scope="module")
def missing(table):
    return draw_missing(list(range(PEOPLE)), table, np.zeros((PEOPLE, len(table)), dtype=np.float32), seed=2)


def test_columns_share_few_patterns(missing):
    assert 30 < len(np.unique(missing, axis=1).T) < 120


def test_whole_appointments_are_missing(table, missing):
    bone = missing[:, ((table["system"] == "bone_density") & (table["assessment"] == "dxa")).to_numpy()]
    assert (bone.all(axis=1) | ~bone.any(axis=1)).all()


def test_completeness_is_that_of_the_appointment(table, missing):
    complete = load_phenotypes()["assessments"]
    found = 1 - missing.mean(axis=0)
    for name, share in complete.items():
        chosen = ((table["assessment"] == name) & (table["skip"] == 0) & ~table["not_at_random"]).to_numpy()
        assert found[chosen].mean() == pytest.approx(share - 0.01, abs=0.035), name


def test_systems_differ_in_completeness(table, missing):
    found = {
        name: 1 - missing[:, (table["system"] == name).to_numpy()].mean() for name in table["system"].unique()
    }
    assert found["anthropometrics"] > 0.95
    assert found["body_composition"] == pytest.approx(0.65, abs=0.04)
    assert found["sleep"] < 0.6
    assert found["metabolites"] < 0.5


def test_who_misses_one_appointment_misses_others(table, missing):
    sleep = missing[:, table.index.get_loc("ahi")]
    dxa = missing[:, table.index.get_loc("spine_l1_bmd")]
    assert 0.05 < np.corrcoef(sleep, dxa)[0, 1] < 0.3


def test_one_column_is_missing_because_of_its_value(table):
    column = table.index.get_loc("depression_score_phq9")
    latent = np.zeros((PEOPLE, len(table)), dtype=np.float32)
    latent[:, column] = np.linspace(-2, 2, PEOPLE)
    lacking = draw_missing(list(range(PEOPLE)), table, latent, seed=2)[:, column]
    low, high = lacking[: PEOPLE // 3].mean(), lacking[-PEOPLE // 3 :].mean()
    assert high > low + 0.15
    rule = dict(zip(table.index, missing_rules(table), strict=True))
    assert "not at random" in rule["depression_score_phq9"]
    assert sum("not at random" in each for each in rule.values()) == 1


def test_failed_scans_are_zeros_in_the_trap_column_alone(table):
    trap = table.index[table["failed_as_zero"] > 0]
    assert trap.tolist() == ["total_scan_vat_volume"]
    rule = dict(zip(table.index, missing_rules(table), strict=True))
    assert rule["total_scan_vat_volume"] == "by appointment (dxa); failed scans stored as zero (a trap)"


def test_skipped_questions_are_told(table):
    assert missing_rules(table)[table.index.get_loc("habit_pack_years")].endswith("skipped at random")


def test_rows_depend_on_the_person_alone(table, missing):
    latent = np.zeros((2, len(table)), dtype=np.float32)
    assert np.array_equal(draw_missing([7, 900], table, latent, seed=2), missing[[7, 900]])
