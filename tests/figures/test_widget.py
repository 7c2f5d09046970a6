"""Scripts of live figures: what they share comes with them, once, and the page can load them."""

import json
import re

import pytest

from gaitbook.edition.page import collect_assets
from gaitbook.figures.widget import make_widget, mark_up, read_script

WIDGETS = ("player", "explorer", "gait_explorer")


@pytest.mark.parametrize("name", WIDGETS)
def test_a_script_stands_alone(name):
    script = read_script(name)
    assert not re.search(r"^(import|export (?!default))", script, re.MULTILINE)
    assert script.rstrip().endswith("export default { render };")


def test_shared_code_is_there_once_and_before_its_use():
    script = read_script("gait_explorer")
    for function in ("makeMotion", "linePath", "runStage"):
        assert script.count(f"function {function}(") == 1
        assert script.index(f"function {function}(") < script.index("function render(")


def test_pages_load_the_widgets_and_not_what_they_share():
    scripts = {name for name in collect_assets() if name.endswith(".js")}
    assert {f"{name}.js" for name in WIDGETS} <= scripts
    assert not scripts & {"scene.js", "chart.js"}


def test_words_cannot_end_the_saved_state():
    html = mark_up("player", {"state": {"label": "</script><b>"}}, "<p>still</p>")
    assert html.count("</script>") == 1
    saved = re.search(r'json">(.*?)</script>', html).group(1)
    assert json.loads(saved)["state"]["label"] == "</script><b>"


def test_numbers_that_no_script_can_read_are_refused():
    with pytest.raises(ValueError, match="not JSON compliant"):
        mark_up("player", {"state": {"value": float("nan")}}, "")


def test_the_live_widget_has_state_script_and_styles():
    pytest.importorskip("anywidget")
    live = make_widget("player", {"state": {"label": "x"}, "frame": 3}, styles=("figures", "explorer"))
    assert (live.state, live.frame) == ({"label": "x"}, 3)
    assert ".gaitbook-player" in live._css
    assert ".gaitbook-explorer" in live._css
    assert "function render(" in live._esm
