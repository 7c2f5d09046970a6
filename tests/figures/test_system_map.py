"""Body systems: bars are the shares of discoveries, marks say what became of the system."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.style import PALETTE
from gaitbook.figures.system_map import FOUND, LEFT_OUT, MISSED, MISTAKEN, NULL, judge_system, plot_system_map
from tests.figures.tables_by_sex import SYSTEMS, system_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def test_bars_are_shares_with_their_numbers_beside():
    panels = plot_system_map(system_table()).figure.axes
    for panel in panels:
        np.testing.assert_allclose([bar.get_width() for bar in panel.patches], [0.05, 0.3, 0.55])
        assert [text.get_text() for text in panel.texts] == ["2 of 40", "12 of 40", "22 of 40"]
    assert [text.get_text() for text in panels[0].get_yticklabels()] == ["Bone density", "Renal", "Sleep"]


def test_the_title_counts_the_systems_that_were_found():
    titles = [panel.get_title() for panel in plot_system_map(system_table()).figure.axes]
    assert titles == ["Women: 2 of 3 systems", "Men: 3 of 3 systems"]


@pytest.mark.parametrize(
    ("selected", "planted", "verdict"),
    [
        (True, True, FOUND),
        (False, False, NULL),
        (False, True, MISSED),
        (True, False, MISTAKEN),
        (True, np.nan, FOUND),
        (False, np.nan, LEFT_OUT),
    ],
)
def test_a_system_is_judged_by_the_truth_where_it_is_known(selected, planted, verdict):
    assert judge_system(pd.Series({"selected": selected, "planted": planted})) is verdict


def test_the_planted_null_is_told_from_what_was_found():
    drawing = plot_system_map(system_table())
    women, men = drawing.figure.axes
    markers = {tuple(line.get_marker() for line in panel.lines) for panel in (women, men)}
    assert markers == {("o", "s", "o"), ("o", "o", "o")}
    assert "nothing planted, not found: renal" in drawing.alt
    assert [text.get_text() for text in drawing.figure.legends[0].get_texts()] == ["found", NULL.words]


def test_a_system_found_by_mistake_has_the_color_of_a_miss():
    (women, _) = plot_system_map(system_table(selected=True)).figure.axes
    assert women.patches[1].get_facecolor()[:3] == pytest.approx(
        [int(PALETTE["vermillion"][place : place + 2], 16) / 255 for place in (1, 3, 5)]
    )


def test_without_a_truth_nothing_is_called_missed():
    drawing = plot_system_map(system_table(planted=np.nan))
    assert "not found: renal" in drawing.alt
    assert "planted" not in drawing.html


def test_a_system_without_targets_says_so():
    table = system_table()
    table.loc[0, ["found", "tested"]] = 0
    assert "none tested" in plot_system_map(table).html


def test_no_words_overlap_with_eighteen_systems():
    many = [system_table().assign(system=[f"{name} {part}" for name in SYSTEMS * 2]) for part in range(6)]
    drawing = plot_system_map(pd.concat(many), label="default-large (synthetic)")
    assert len(drawing.figure.axes[0].patches) == 18
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []
    assert "synthetic" in drawing.html


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"map of body systems: its table lacks the column\(s\) selected, planted"
    ):
        plot_system_map(system_table().drop(columns=["selected", "planted"]))
    with pytest.raises(ValueError, match="has no row"):
        plot_system_map(system_table().iloc[:0])
    with pytest.raises(ValueError, match=r"found is not between 0 and tested in bone_density \(female\)"):
        plot_system_map(system_table(tested=[1, *[40] * 5]))
