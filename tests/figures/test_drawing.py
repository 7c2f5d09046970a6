"""A drawing shows itself in Jupyter, in a page and in words, and refuses to be mute."""

import pandas as pd
import pytest

from gaitbook.figures.drawing import Drawing, require_columns

TABLE = pd.DataFrame({"speed_mps": [3.0]})


class LiveDot:
    """Stands for an anywidget: offers a view of its own."""

    def _repr_mimebundle_(self, **_):
        return {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/html": "live"}, {}


def test_a_page_gets_the_element_or_else_the_words():
    assert Drawing(table=TABLE, alt="One dot.", html="<p>dot</p>")._repr_html_() == "<p>dot</p>"
    assert Drawing(table=TABLE, alt="a < b")._repr_html_() == "<p>a &lt; b</p>"


def test_a_live_widget_comes_beside_the_element_not_instead_of_it():
    bundle = Drawing(table=TABLE, alt="One dot.", html="<p>dot</p>", widget=LiveDot())._repr_mimebundle_()
    assert bundle["text/html"] == "<p>dot</p>"
    assert bundle["text/plain"] == "One dot."
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_without_a_widget_there_are_words_and_element_only():
    bundle = Drawing(table=TABLE, alt="One dot.", html="<p>dot</p>")._repr_mimebundle_()
    assert set(bundle) == {"text/plain", "text/html"}


def test_a_drawing_without_words_is_refused():
    with pytest.raises(ValueError, match="needs alternative text"):
        Drawing(table=TABLE, alt=" ")


def test_require_columns_returns_the_table_itself():
    assert require_columns(TABLE, ("speed_mps",), "a dot") is TABLE


def test_require_columns_says_all_faults_at_once():
    with pytest.raises(ValueError, match=r"Cannot draw a dot: .* unit\. It has speed_mps\. .* has no row"):
        require_columns(TABLE.iloc[:0], ("speed_mps", "unit"), "a dot")
