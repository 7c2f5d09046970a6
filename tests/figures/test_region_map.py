"""Regions of the body: numbers in cells, the shade says how surely a region ranks first."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from gaitbook.figures.region_map import REGIONS, draw_small_person, plot_region_map
from gaitbook.figures.style import PALETTE
from tests.figures.tables_by_sex import region_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def cells(panel):
    """Opacity by column and row of every filled cell."""
    boxes = [box for box in panel.patches if isinstance(box, Rectangle) and box.get_fill()]
    return {(box.get_x() + 0.5, box.get_y() + 0.5): box.get_alpha() for box in boxes}


def test_regions_stand_from_the_legs_to_the_head_and_all_cells_are_drawn():
    for panel in plot_region_map(region_table()).figure.axes[:2]:
        words = [text.get_text() for text in panel.texts]
        assert [word for word in words if word.lower() in REGIONS] == ["Legs", "Arms", "Torso", "Head"]
        assert len(cells(panel)) == 12
        assert words.count("0.040") == 3


def test_the_surer_a_region_ranks_first_the_stronger_its_color():
    shades = cells(plot_region_map(region_table()).figure.axes[0])
    assert all(shades[0, row] > 10 * shades[1, row] for row in range(3))


def test_what_rounds_to_nothing_has_no_sign():
    panel = plot_region_map(region_table()).figure.axes[0]
    assert [text.get_text() for text in panel.texts].count("0.000") == 9


def test_planted_regions_are_outlined():
    drawing = plot_region_map(region_table())
    outlines = [box for box in drawing.figure.axes[0].patches if not box.get_fill()]
    assert sorted(round(box.get_y() + 0.42) for box in outlines) == [0, 1, 2]
    assert {round(box.get_x() + 0.46) for box in outlines} == {0}
    assert "planted there" in drawing.html


def test_without_a_truth_nothing_is_outlined_or_called_planted():
    drawing = plot_region_map(region_table().assign(planted=np.nan))
    assert all(box.get_fill() for box in drawing.figure.axes[0].patches)
    assert "planted" not in drawing.html


def test_a_region_that_was_not_measured_is_a_dash():
    table = region_table()
    table.loc[0, ["importance", "first"]] = np.nan
    panel = plot_region_map(table).figure.axes[0]
    assert "–" in [text.get_text() for text in panel.texts]
    assert len(cells(panel)) == 11


def test_a_region_without_a_picture_is_drawn_after_the_others():
    table = pd.concat([region_table(), region_table().query("region == 'legs'").assign(region="feet")])
    words = [text.get_text() for text in plot_region_map(table).figure.axes[0].texts]
    assert [word for word in words if word.lower() in (*REGIONS, "feet")][-1] == "Feet"


@pytest.mark.parametrize("region", REGIONS)
def test_the_small_person_has_one_region_in_color(region):
    panel = Figure().subplots()
    draw_small_person(panel, region)
    in_color = {line.get_color() for line in panel.lines} == {PALETTE["blue"]}
    count = sum(line.get_color() == PALETTE["blue"] for line in panel.lines)
    assert not in_color
    assert count == {"legs": 2, "arms": 2, "torso": 1, "head": 0}[region]
    assert panel.patches[0].get_fill() == (region == "head")


def test_the_words_tell_what_ranks_first():
    alt = plot_region_map(region_table(), label="toy (synthetic)").alt
    assert "Women: bone density legs (97 %), renal legs (97 %), sleep legs (97 %)" in alt
    assert alt.endswith("Data: toy (synthetic).")


def test_no_words_overlap_and_all_colors_follow_the_page():
    drawing = plot_region_map(region_table(), label="default-large (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(ValueError, match=r"map of regions: its table lacks the column\(s\) region, first"):
        plot_region_map(region_table().drop(columns=["region", "first"]))
    with pytest.raises(ValueError, match="has no row"):
        plot_region_map(region_table().iloc[:0])
    with pytest.raises(ValueError, match=r"first lies outside 0 to 1 in 24 row\(s\)"):
        plot_region_map(region_table().assign(first=97.0))
