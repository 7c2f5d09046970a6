"""Coverage by sex and age band: marks in percent, the line at what was promised."""

import numpy as np
import pytest

from gaitbook.figures.coverage_bands import plot_coverage
from gaitbook.figures.style import INK
from tests.figures.tables_by_sex import coverage_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def marks(panel):
    return [line.get_xdata() for line in panel.lines if line.get_marker() not in ("None", "")]


def test_every_band_has_a_mark_per_sex_in_percent():
    for panel in plot_coverage(coverage_table()).figure.axes:
        np.testing.assert_allclose(marks(panel), [[88.0, 90.0]] * 2)


def test_bars_are_the_binomial_intervals():
    panel = plot_coverage(coverage_table()).figure.axes[0]
    ends = np.concatenate([bars.get_segments() for bars in panel.collections])[:, :, 0]
    np.testing.assert_allclose(ends, [[85, 91], [87, 93]] * 2)


def test_the_line_and_the_gray_are_what_was_promised_and_allowed():
    panel = plot_coverage(coverage_table(), promised=0.8, allowed=(0.75, 0.85)).figure.axes[0]
    (line,) = [line for line in panel.lines if line.get_color() == INK]
    (gray,) = panel.patches
    assert line.get_xdata()[0] == pytest.approx(80.0)
    assert (gray.get_x(), gray.get_x() + gray.get_width()) == pytest.approx((75.0, 85.0))
    assert panel.get_xlim()[0] < 75.0


def test_bands_say_how_many_people_are_in_them():
    panel = plot_coverage(coverage_table()).figure.axes[0]
    names = [text.get_text() for text in panel.get_yticklabels()]
    assert names == ["under 50\n200 women, 200 men", "50 and over\n300 women, 300 men"]


def test_numbers_of_people_that_differ_between_targets_stand_at_their_own():
    table = coverage_table()
    table.loc[table["target"] == "bmi", "n"] = 77
    names = [text.get_text() for text in plot_coverage(table).figure.axes[1].get_yticklabels()]
    assert names == ["77 women, 77 men"] * 2


def test_a_band_with_nobody_has_no_mark():
    table = coverage_table()
    table.loc[0, ["coverage", "low", "high"]] = np.nan
    assert np.isnan(marks(plot_coverage(table).figure.axes[0])[0]).sum() == 1


def test_targets_are_panels_with_words():
    drawing = plot_coverage(coverage_table(), label="toy (synthetic)")
    titles = [panel.get_title(loc="left") for panel in drawing.figure.axes]
    assert titles == ["Age", "Body mass index"]
    assert "Age, women: 88 to 90 % over age bands" in drawing.alt
    assert "synthetic" in drawing.html


@pytest.mark.parametrize("count", [1, 3, 5])
def test_no_words_overlap_and_all_colors_follow_the_page(count):
    targets = tuple(f"target_{number}" for number in range(count))
    drawing = plot_coverage(coverage_table(targets), label="default-large (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(ValueError, match=r"figure of coverage: its table lacks the column\(s\) age_band, n"):
        plot_coverage(coverage_table().drop(columns=["n", "age_band"]))
    with pytest.raises(ValueError, match="has no row"):
        plot_coverage(coverage_table().iloc[:0])
    with pytest.raises(ValueError, match=r"coverage lies outside 0 to 1 in 8 row\(s\)"):
        plot_coverage(coverage_table().assign(coverage=90.0))
