import pandas as pd
import pytest

from gaitbook.readers.health_files import Findings, HealthTable
from gaitbook.readers.health_visits import visit_dates, visit_rows

DAY = pd.Timestamp("2021-06-01", tz="UTC")


def table(*rows):
    frame = pd.DataFrame(rows, columns=["subject", "visit", "days", "value"])
    frame["date"] = DAY + pd.to_timedelta(frame.pop("days"), unit="D")
    return HealthTable("t.csv", frame)


def test_rows_of_the_visit_come_first():
    rows = visit_rows(
        table(("a", "baseline", 59, 1), ("a", "later", 0, 2)), "baseline", {"a": DAY}, Findings()
    )
    assert rows["value"].tolist() == [1]


def test_other_names_of_the_baseline_count():
    assert len(visit_rows(table(("a", "00_00_visit", 0, 1)), "baseline", {}, Findings())) == 1


@pytest.mark.parametrize(("days", "found"), [(60, 1), (-60, 1), (61, 0), (-61, 0)])
def test_sixty_days_are_near_and_sixty_one_are_not(days, found):
    assert len(visit_rows(table(("a", "later", days, 1)), "baseline", {"a": DAY}, Findings())) == found


def test_the_nearest_of_several_rows_stands_in():
    findings = Findings()
    rows = visit_rows(
        table(("a", "x", 30, 1), ("a", "y", -10, 2), ("a", "z", 40, 3)), "baseline", {"a": DAY}, findings
    )
    assert rows["value"].tolist() == [2]
    assert findings.counts == {
        "t.csv: rows of the nearest visit within 60 days": 1,
        "t.csv: rows of other visits than baseline, left out": 2,
    }


def test_without_a_date_of_the_person_nothing_stands_in():
    assert visit_rows(table(("a", "later", 0, 1)), "baseline", {}, Findings()).empty


def test_a_table_without_visits_gives_all_its_rows():
    bare = HealthTable("t.csv", pd.DataFrame({"subject": ["a", "b"], "value": [1, 2]}))
    assert len(visit_rows(bare, "baseline", {}, Findings())) == 2


def test_who_stands_twice_is_named():
    findings = Findings()
    visit_rows(table(("a", "baseline", 0, 1), ("a", "baseline", 1, 2)), "baseline", {}, findings)
    assert "t.csv has more than one row at the visit 'baseline' for participant a" in findings.faults[0]


def test_dates_are_those_of_the_rows():
    rows = visit_rows(table(("a", "baseline", 0, 1)), "baseline", {}, Findings())
    assert visit_dates(rows) == {"a": DAY}
    assert visit_dates(rows.drop(columns="date")) == {}
