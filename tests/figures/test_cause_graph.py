"""The graph of causes: hidden causes have another shape, weights stand at their arrows by sex."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Ellipse, FancyArrowPatch, FancyBboxPatch

from gaitbook.figures.cause_graph import plot_cause_graph
from gaitbook.figures.sex_panels import SEX_LOOKS
from gaitbook.figures.style import MUTED
from tests.figures.tables_by_sex import cause_tables
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def panel_of(arrows, kinds, **options):
    return plot_cause_graph(arrows, kinds, **options).figure.axes[0]


def drawn(panel, shape):
    return [patch for patch in panel.patches if isinstance(patch, shape)]


def written(panel):
    return [(text.get_text(), text.get_color()) for text in panel.texts]


def test_every_arrow_and_every_node_is_drawn():
    panel = panel_of(*cause_tables())
    assert len(drawn(panel, FancyArrowPatch)) == 6
    assert len(drawn(panel, FancyBboxPatch)) == 3
    words = [text for text, _ in written(panel)]
    assert set(words) >= {"Age", "Cardiovascular", "Arm swing", "Resting pulse", "Skeleton"}


def test_hidden_causes_are_dashed_ovals():
    ovals = drawn(panel_of(*cause_tables()), Ellipse)
    assert len(ovals) == 2
    assert all(oval.get_linestyle() != "-" for oval in ovals)


def test_causes_stand_left_of_their_effects():
    panel = panel_of(*cause_tables())
    across = {text.get_text(): text.get_position()[0] for text in panel.texts}
    assert across["Age"] < across["Cardiovascular"] < across["Arm swing"] < across["Skeleton"]


def test_weights_that_differ_stand_side_by_side_in_the_colors_of_the_sexes():
    texts = written(panel_of(*cause_tables()))
    assert texts.count(("0.35", SEX_LOOKS["female"].color)) == 2
    assert ("0.20", SEX_LOOKS["male"].color) in texts
    assert ("0", SEX_LOOKS["male"].color) in texts


def test_weights_that_are_alike_are_written_once_in_gray():
    texts = written(panel_of(*cause_tables()))
    assert texts.count(("0.30", MUTED)) == 1
    assert ("\N{MINUS SIGN}0.10", MUTED) in texts


def test_an_arrow_of_one_sex_has_its_color_and_one_of_none_is_dashed():
    arrows = drawn(panel_of(*cause_tables()), FancyArrowPatch)
    purple = [
        arrow
        for arrow in arrows
        if arrow.get_edgecolor()[:3] == pytest.approx(_rgb(SEX_LOOKS["female"].color))
    ]
    assert len(purple) == 1
    assert sum(arrow.get_linestyle() not in ("-", "solid") for arrow in arrows) == 1


def _rgb(color):
    return [int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)]


def test_the_stronger_the_thicker():
    arrows, kinds = cause_tables()
    widths = [arrow.get_linewidth() for arrow in drawn(panel_of(arrows, kinds), FancyArrowPatch)]
    assert np.argmax(widths) == 5
    assert max(widths) == pytest.approx(2.0)


def test_a_node_that_no_arrow_touches_is_drawn_too():
    arrows, kinds = cause_tables()
    assert "Height" in [text for text, _ in written(panel_of(arrows, {**kinds, "height": "adjusted"}))]


def test_both_sexes_together_have_one_number_each():
    arrows, kinds = cause_tables()
    pooled = arrows[arrows["sex"] == "female"].assign(sex="pooled")
    drawing = plot_cause_graph(pooled, kinds)
    assert "weight in women and men together" in drawing.html
    assert "alike" not in drawing.html


def test_the_words_tell_all_arrows_and_the_label():
    drawing = plot_cause_graph(*cause_tables(), label="toy (synthetic)")
    assert "hidden: cardiovascular, arm swing" in drawing.alt
    assert "Cardiovascular to resting pulse (women 0.35, men 0.00)" in drawing.alt
    assert drawing.alt.endswith("Data: toy (synthetic).")
    pd.testing.assert_frame_equal(drawing.table, cause_tables()[0])


def test_no_words_overlap_and_all_colors_follow_the_page():
    drawing = plot_cause_graph(*cause_tables(), label="default-large (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_all_faults_are_told_in_one_message():
    arrows, kinds = cause_tables()
    back = pd.DataFrame([{"cause": "skeleton", "effect": "age", "weight": np.nan, "sex": "female"}])
    del kinds["arm_swing"]
    with pytest.raises(ValueError, match="the graph of causes") as told:
        plot_cause_graph(pd.concat([arrows, back]), {**kinds, "age": "latent"})
    words = str(told.value)
    assert "the node(s) arm_swing have no kind" in words
    assert "the kind of age (latent) is none of measured, adjusted, hidden" in words
    assert "1 weight(s) are no numbers" in words
    assert "run in a circle" in words


def test_a_table_that_cannot_be_drawn_is_refused():
    arrows, kinds = cause_tables()
    with pytest.raises(ValueError, match=r"graph of causes: its table lacks the column\(s\) effect, weight"):
        plot_cause_graph(arrows.drop(columns=["weight", "effect"]), kinds)
    with pytest.raises(ValueError, match="has no row"):
        plot_cause_graph(arrows.iloc[:0], kinds)
