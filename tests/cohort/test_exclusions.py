"""Exclusions are counted by reason."""

from gaitbook.cohort.exclusions import Exclusion, count_reasons


def test_reasons_are_counted_and_the_most_frequent_comes_first():
    out = [Exclusion("c", "too short"), Exclusion("a", "no body mass"), Exclusion("b", "no body mass", "S2")]
    table = count_reasons(out)
    assert table.to_dict("list") == {
        "reason": ["no body mass", "too short"],
        "count": [2, 1],
        "items": ["a, b", "c"],
    }


def test_nothing_left_out_gives_an_empty_table():
    table = count_reasons([])
    assert list(table.columns) == ["reason", "count", "items"]
    assert table.empty


def test_an_exclusion_reads_as_a_sentence():
    assert str(Exclusion("walk1.trc", "no force")) == "walk1.trc: no force"
    assert str(Exclusion("walk1.trc", "too short", "0.3 s")) == "walk1.trc: too short (0.3 s)"
