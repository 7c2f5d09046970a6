"""Who is trained on, who calibrates and who is kept for tests: settled by name, the same everywhere."""

from collections import Counter

import pytest

from gaitbook.studies.motion_training import CALIBRATION_RUNNERS, SHARES, role
from gaitbook.synthesis.reference_curves import load_reference


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("person-0001", "test"),
        ("person-0200", "test"),
        ("person-0201", "calibrate"),
        ("person-0320", "calibrate"),
        ("person-0321", "train"),
        ("person-20000", "train"),
        ("simulated", "train"),
        ("simulated-07", "train"),
        ("RBDS001", "train"),
    ],
)
def test_simulated_people_and_runners_have_a_place(subject, expected):
    assert role(subject) == expected


def test_runners_that_no_template_was_made_from_are_kept_for_tests():
    for subject in load_reference("running")["held_out"]:
        assert role(subject) == "test"
    for subject in CALIBRATION_RUNNERS:
        assert role(subject) == "calibrate"


def test_a_hash_of_the_name_decides_about_all_others():
    """The roles of these names must never change: people would move from training to tests."""
    for subject in ("A", "P02", "AB06", "S4"):
        assert role(subject) == "train"
    for subject in ("B", "P001", "P002"):
        assert role(subject) == "test"
    assert role("P11") == "calibrate"


def test_a_tenth_calibrates_and_fifteen_percent_are_kept_for_tests():
    counts = Counter(role(f"subject {number}") for number in range(4000))
    assert counts["calibrate"] / 4000 == pytest.approx(SHARES[0] / 100, abs=0.015)
    assert counts["test"] / 4000 == pytest.approx(SHARES[1] / 100, abs=0.02)


def test_the_files_that_a_person_is_split_into_have_one_role():
    for number in range(50):
        assert len({role(f"P{number:03d}{part}") for part in ("", "_split0", "_split7")}) == 1
