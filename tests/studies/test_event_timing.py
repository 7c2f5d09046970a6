import pytest

from gaitbook.studies.event_timing import summarize_timing, time_events, timing_error


@pytest.fixture(scope="module")
def differences(runners):
    return time_events(runners)


def test_motion_finds_the_events_of_force(differences):
    assert set(differences["event"]) == {"strike", "toe-off"}
    assert differences["difference_s"].abs().max() < 0.1


def test_error_is_stated_over_people_in_ms(differences):
    error = timing_error(differences, "strike")
    assert (error.n, error.unit) == (4, "ms")
    assert 0 < error.value < 60


def test_summary_has_one_row_per_event_and_speed(differences):
    table = summarize_timing(differences)
    assert len(table) == 2 * 2
    assert (table["low"] <= table["value"]).all()
