import numpy as np
import pandas as pd
import pytest

from gaitbook.readers.health_dictionary import FieldEntry
from gaitbook.readers.health_files import Findings
from gaitbook.readers.health_phenotypes import read_phenotypes

SUBJECTS = pd.Index(["a", "b", "c"], name="subject")


def one(values, name="measure", **entry):
    findings = Findings()
    column = pd.Series(values, SUBJECTS)
    entries = {name: FieldEntry(**entry)} if entry else {}
    return read_phenotypes({name: ("t.csv", column)}, SUBJECTS, entries, findings), findings


@pytest.mark.parametrize(
    ("values", "entry", "kind"),
    [
        ([0, 1, 1], {}, "binary"),
        ([1, 2, 2], {}, "continuous"),
        ([1, 2, 2], {"type": "binary"}, "binary"),
        ([1, 2, 3], {"type": "binary"}, "continuous"),
        ([0, 1, 1], {"type": "continuous"}, "continuous"),
        ([1, 2, 3], {"type": "ordinal"}, "continuous"),
        (["yes", "no", None], {}, "binary"),
        ([True, False, True], {}, "binary"),
    ],
)
def test_types_follow_the_dictionary_and_else_the_values(values, entry, kind):
    assert one(values, **entry)[0]["type"].item() == kind


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("total_scan_vat_mass", 2),
        ("spine_bmd", 2),
        ("spine_bmd_t_score", 3),
        ("private_number", 3),
        ("bmc", 2),
    ],
)
def test_zeros_are_failures_in_columns_of_a_scanner_only(name, kept):
    assert int(one([0, 5, 7], name)[0]["value"].notnull().sum()) == kept


def test_a_word_among_numbers_is_a_fault_and_words_alone_are_left_out():
    _, findings = one(["1", "2", "high"])
    assert findings.faults == ["t.csv: measure holds high, which is no number: correct it or leave it empty"]
    phenotypes, findings = one(["red", "blue", None])
    assert phenotypes.sizes["phenotype"] == 0
    assert findings.counts["columns of words, left out"] == 1


def test_infinity_is_a_fault():
    assert "holds inf" in one([1.0, np.inf, 2.0])[1].faults[0]


def test_a_column_without_values_is_left_out_and_counted():
    phenotypes, findings = one([np.nan] * 3)
    assert phenotypes.sizes == {"subject": 3, "phenotype": 0}
    assert findings.counts["columns without any value for these people, left out"] == 1
