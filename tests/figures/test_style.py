"""One picture for light and dark, the same on every run, and alone on its page or not."""

import math
import re

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure

from gaitbook.figures.cycles import plot_cycles
from gaitbook.figures.errors import plot_errors, plot_runners
from gaitbook.figures.events import plot_event_differences
from gaitbook.figures.explorer import explore_cutoff
from gaitbook.figures.style import (
    INK,
    MUTED,
    PALETTE,
    PAPER,
    RULE,
    finish_drawing,
    gait_style,
    look_up,
    only_finite,
    page_color,
)
from gaitbook.studies.event_timing import summarize_timing
from tests.figures.tables_of_numbers import (
    cutoff_sweep,
    cycle_curves,
    error_table,
    event_differences,
    runner_table,
)

SENTINELS = (INK, MUTED, RULE, PAPER, *PALETTE.values())
DRAWERS = {
    "cycles": lambda: plot_cycles(cycle_curves(), label="rbds"),
    "errors": lambda: plot_errors(error_table(), label="rbds"),
    "runners": lambda: plot_runners(runner_table(), label="rbds"),
    "events": lambda: plot_event_differences(
        event_differences(), summarize_timing(event_differences()), label="rbds"
    ),
    "explorer": lambda: explore_cutoff(cutoff_sweep(), label="rbds"),
}


@pytest.fixture(params=DRAWERS, scope="module")
def twice(request):
    """The same figure, drawn twice from the same numbers."""
    return DRAWERS[request.param](), DRAWERS[request.param]()


def picture(drawing):
    return re.search(r"<svg.*</svg>", drawing.html, re.DOTALL).group(0)


def test_the_page_element_is_the_same_byte_for_byte(twice):
    first, second = twice
    assert first.html == second.html


def test_colors_come_from_the_page(twice):
    svg = picture(twice[0])
    root, body = svg.split(">", 1)
    assert not [color for color in SENTINELS if color in body.lower()]
    assert not re.search(r"#[0-9a-f]{6}\b", body.lower()), "a color that no page can change"
    used = set(re.findall(r"var\((--[a-z]+)\)", body))
    assert used
    assert all(f"{name}:var(--" in root for name in used)


def test_the_picture_is_whole_and_speaks(twice):
    drawing = twice[0]
    assert 'role="img"' in picture(drawing)
    assert "Data: rbds." in drawing.alt
    assert "rbds</text>" in picture(drawing)
    assert "http" not in re.sub(r'xmlns(:xlink)?="[^"]*"', "", drawing.html), (
        "a page makes no outside request"
    )
    assert "<style" not in drawing.html, "a style sheet in an inline image reaches the whole page"


def test_every_reference_inside_the_picture_has_its_target(twice):
    svg = picture(twice[0])
    ids = re.findall(r' id="([^"]+)"', svg)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:url\(|href=")#([^")]+)', svg)) == set(ids)


def test_ids_of_two_figures_on_one_page_do_not_clash():
    ids = [set(re.findall(r' id="([^"]+)"', draw().html)) for draw in DRAWERS.values()]
    assert len(set.union(*ids)) == sum(len(part) for part in ids)


def test_ids_differ_where_only_the_words_do():
    one, other = (plot_cycles(cycle_curves(), quantity=words) for words in ("force", "moment"))
    assert not set(re.findall(r' id="([^"]+)"', one.html)) & set(re.findall(r' id="([^"]+)"', other.html))


def test_settings_of_matplotlib_come_back():
    before = mpl.rcParams["font.size"]
    with gait_style():
        assert mpl.rcParams["font.size"] == 8
    assert mpl.rcParams["font.size"] == before


def test_numbers_do_not_depend_on_the_readers_own_settings():
    with mpl.rc_context({"svg.hashsalt": "other", "font.size": 20, "axes.grid": False}):
        mine = plot_errors(error_table()).html
    assert mine == plot_errors(error_table()).html


def test_words_in_the_picture_stay_words():
    with gait_style():
        figure = Figure(figsize=(2, 1))
        figure.text(0.5, 0.5, "fore-aft < vertical")
    html = finish_drawing(figure, pd.DataFrame({"value": [1.0]}), 'Words, "quoted".').html
    assert "fore-aft &lt; vertical</text>" in html
    assert 'aria-label="Words, &quot;quoted&quot;."' in html


def test_known_names_keep_their_look_in_any_company():
    assert look_up(["CNN", "mine"])["CNN"] == look_up(["measured", "ridge", "CNN"])["CNN"]


def test_many_unknown_names_all_get_a_look():
    assert len(look_up([f"method {number}" for number in range(12)])) == 12


def test_a_color_of_the_reader_stays_as_it_is():
    assert page_color("red") == "red"


def test_ends_of_an_interval_of_one_person_are_not_drawn():
    ends = only_finite(pd.Series([-math.inf, 1.0, math.nan, math.inf]))
    np.testing.assert_array_equal(ends, [np.nan, 1.0, np.nan, np.nan])


def test_a_name_that_the_book_does_not_know_looks_unlike_those_it_does():
    names = [
        "gaitbook",
        "refinement, mid-range",
        "refinement, linear",
        "refinement, spline",
        "refinement, diffusion",
    ]
    looks = [(look.color, look.marker) for look in look_up(names).values()]
    assert len(set(looks)) == len(names)
