"""Changed curves over stance: a column per request, a row per quantity, three sources alike everywhere."""

from itertools import product

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.change_curves import plot_change_curves
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words

REQUESTS = (
    "trunk lean 10 deg",
    "toe-in 7 deg",
    "step width +50 mm",
    "1.8 m/s",
    "stride length -10 %, toe-in 5 deg",
)
QUANTITIES = ("knee adduction moment", "knee flexion moment")
TOPS = {"own gait": 3.0, "asked for": 2.5, "true answer": 2.4}


def table(requests=2, quantities=QUANTITIES, sources=tuple(TOPS)):
    """Half sines of the height of their source, twice as high for the second quantity; a band of 0.3."""
    phase = np.linspace(0.0, 100.0, 21)
    parts = []
    for request, (place, quantity), source in product(REQUESTS[:requests], enumerate(quantities), sources):
        value = (1 + place) * TOPS[source] * np.sin(np.pi * phase / 100)
        reach = 0.3 if source == "asked for" else np.nan
        numbers = {"phase_percent": phase, "value": value, "low": value - reach, "high": value + reach}
        labels = {"panel": request, "quantity": quantity, "unit": "%BW·H", "source": source}
        parts.append(pd.DataFrame(numbers).assign(**labels))
    return pd.concat(parts, ignore_index=True)


def used(drawing):
    return [panel for panel in drawing.figure.axes if panel.axison]


def test_the_table_is_the_input_untouched():
    curves = table()
    drawing = plot_change_curves(curves)
    pd.testing.assert_frame_equal(drawing.table, table())
    pd.testing.assert_frame_equal(curves, table())


def test_a_column_for_every_request_and_a_row_for_every_quantity():
    panels = plot_change_curves(table(requests=3)).figure.axes
    assert len(panels) == 6
    assert [panel.get_title() for panel in panels[:3]] == list(REQUESTS[:3])
    assert panels[0].get_ylabel() == "Knee adduction\nmoment\n(%BW·H)"
    assert panels[1].get_ylabel() == ""


def test_more_than_four_requests_begin_new_rows_on_the_same_scales():
    drawing = plot_change_curves(table(requests=5))
    panels = used(drawing)
    assert len(panels) == 10
    assert max(panel.get_subplotspec().num2 % 3 for panel in panels) == 2
    assert len({panel.get_ylim() for panel in panels}) == len(QUANTITIES)


def test_every_source_is_drawn_in_its_own_line():
    panel = plot_change_curves(table(requests=1)).figure.axes[0]
    tops = {round(max(line.get_ydata()), 6): line for line in panel.lines if len(line.get_xdata()) > 2}
    assert set(tops) == {3.0, 2.5, 2.4}
    assert tops[3.0].get_linewidth() < tops[2.5].get_linewidth()
    assert tops[2.4].get_linestyle() == "--"
    assert tops[2.5].get_linestyle() == "-"


def test_only_what_has_ends_has_a_band():
    panel = plot_change_curves(table(requests=1)).figure.axes[0]
    bands = [path.vertices for band in panel.collections for path in band.get_paths() if len(path.vertices)]
    assert len(bands) == 1
    assert bands[0][:, 1].max() == pytest.approx(2.8)


def test_what_is_not_there_is_not_in_the_legend():
    drawing = plot_change_curves(table(sources=("own gait", "asked for")))
    names = [text.get_text() for text in drawing.figure.legends[0].get_texts()]
    assert names == ["own gait", "asked for", "band: 90 % interval"]
    without = plot_change_curves(table().assign(low=np.nan, high=np.nan))
    assert "band" not in without.figure.legends[0].get_texts()[-1].get_text()


def test_the_words_tell_the_largest_value_of_every_curve():
    alt = plot_change_curves(table(requests=1), label="simulated people").alt
    assert "trunk lean 10 deg: own gait 3, asked for 2.5 (2.2 to 2.8), true answer 2.4;" not in alt
    assert "trunk lean 10 deg: own gait 3, asked for 2.5 (2.2 to 2.8), true answer 2.4." in alt
    assert "Data: simulated people." in alt


@pytest.mark.parametrize("requests", [1, 4, 5])
def test_no_words_overlap_and_all_colors_come_from_the_page(requests):
    drawing = plot_change_curves(table(requests=requests), label="simulated people")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(
        ValueError, match=r"changed curves: its table lacks the column\(s\) source, low\. It has"
    ):
        plot_change_curves(table().drop(columns=["source", "low"]))
    with pytest.raises(ValueError, match="no row"):
        plot_change_curves(table().iloc[:0])
    wrong = pd.concat([table(), table().iloc[:1], table().iloc[:1].assign(source="guess")])
    with pytest.raises(
        ValueError, match=r"source\(s\) guess are none of own gait, .*; 1 row\(s\) repeat a panel"
    ):
        plot_change_curves(wrong)
