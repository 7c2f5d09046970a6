"""Correlations of sets of features: a panel per sex, all marks in place, numbers beside them."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.score_comparison import FEATURE_LOOKS, look_of_features, plot_scores
from tests.figures.tables_by_sex import FEATURES, score_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def marks(panel):
    """Values of every set of features, in the order drawn."""
    return [line.get_xdata() for line in panel.lines if line.get_marker() not in ("None", "")]


def test_every_correlation_is_drawn_in_the_panel_of_its_sex():
    drawing = plot_scores(score_table())
    panels = drawing.figure.axes
    assert [panel.get_title() for panel in panels] == ["Women", "Men"]
    for panel in panels:
        np.testing.assert_allclose(marks(panel), [[0.3 + 0.1 * place] * 3 for place in range(5)])
    pd.testing.assert_frame_equal(drawing.table, score_table())


def test_the_sets_of_a_target_stand_in_its_row_from_top_to_bottom():
    (panel, _) = plot_scores(score_table(targets=("age", "bmi"))).figure.axes
    heights = np.array([line.get_ydata() for line in panel.lines if line.get_marker() not in ("None", "")])
    assert (np.diff(heights, axis=0) > 0).all()
    assert (np.abs(heights - [0, 1]) < 0.5).all()
    assert [text.get_text() for text in panel.get_yticklabels()] == ["Age", "Body mass index"]


def test_bars_are_the_intervals_and_an_infinite_one_is_left_out():
    table = score_table(targets=("age",))
    table.loc[0, ["low", "high"]] = -np.inf, np.inf
    (panel, _) = plot_scores(table).figure.axes
    bars = [segment for bars in panel.collections for segment in bars.get_segments() if len(segment)]
    ends = [segment[:, 0] for segment in bars if np.isfinite(segment).all()]
    np.testing.assert_allclose(ends, [[r - 0.05, r + 0.05] for r in (0.4, 0.5, 0.6, 0.7)])
    assert panel.get_xlim()[1] < 1.0


def test_every_set_of_features_looks_the_same_in_every_figure():
    assert list(look_of_features(list(FEATURES)).values()) == list(FEATURE_LOOKS.values())
    looks = look_of_features(["fast encoder", "mean pose", "no shape"])
    assert looks["fast encoder"] == FEATURE_LOOKS["fast"]
    assert len({(look.color, look.marker) for look in looks.values()}) == 3


def test_what_was_not_measured_is_said():
    table = score_table()
    table.loc[0, ["r", "low", "high"]] = np.nan
    drawing = plot_scores(table)
    assert "not measured" in [text.get_text() for text in drawing.figure.axes[0].texts]
    assert "Age, women: demographics not measured, engineered 0.40" in drawing.alt


def test_the_words_and_the_label_are_there():
    drawing = plot_scores(score_table(), target_words={"age": "Age in years"}, label="toy (synthetic)")
    assert "Age in years" in drawing.html
    assert "toy (synthetic)" in drawing.html
    assert drawing.alt.endswith("Data: toy (synthetic).")


def test_no_words_overlap_and_all_colors_follow_the_page():
    drawing = plot_scores(score_table(), label="default-large (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"comparison of features: its table lacks the column\(s\) features, low"
    ):
        plot_scores(score_table().drop(columns=["features", "low"]))
    with pytest.raises(ValueError, match="has no row"):
        plot_scores(score_table().iloc[:0])
    with pytest.raises(ValueError, match=r"1 row\(s\) repeat a target, sex and features"):
        plot_scores(pd.concat([score_table(), score_table().head(1)]))


def test_eight_unknown_sets_look_all_different():
    looks = look_of_features([f"task {number}" for number in range(8)]).values()
    assert len({(look.color, look.marker) for look in looks}) == 8
