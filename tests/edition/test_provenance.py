import base64
import re
from types import SimpleNamespace

import matplotlib
import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.card import execution_date
from gaitbook.edition.provenance import estimate_text, open_ledger
from gaitbook.edition.records import RECORD_MIME
from gaitbook.figures.drawing import Drawing

matplotlib.use("Agg")
COHORT = SimpleNamespace(attrs={"name": "toy", "label": "synthetic", "license": "CC0", "hash": "abcdef" * 6})
TABLE = pd.DataFrame({"speed_mps": [2.5, 3.5], "error": [7.1, 8.2]})


@pytest.fixture
def shown(monkeypatch):
    """What is displayed, in order, instead of displaying it."""
    calls = []
    monkeypatch.setattr(
        "IPython.display.display", lambda *bundle, **options: calls.append((bundle[0], options))
    )
    return calls


@pytest.fixture
def ledger(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "0")
    return open_ledger(COHORT, notebook="01_toy", parameters={"draws": 3}, seed=7)


def test_a_figure_carries_picture_label_card_csv_and_record(ledger, shown):
    ledger.figure("errors", Drawing(table=TABLE, alt="Two dots.", html="<b>picture</b>"))
    (bundle, options), page = shown[0], shown[0][0]["text/html"]
    assert options["metadata"] == {"scrapbook": {"name": "errors", "mime_prefix": ""}}
    assert "<b>picture</b>" in page
    assert '<p class="gaitbook-label gaitbook-label-synthetic">synthetic data: toy</p>' in page
    for fact in (
        "draws = 3",
        "<dd>7</dd>",
        "abcdefabcdef",
        "CC0",
        "toy (synthetic)",
        "gaitbook ",
        "1970-01-01",
    ):
        assert fact in page
    link = re.search(r'download="errors.csv" href="data:text/csv;base64,([^"]+)"', page)
    assert base64.b64decode(link.group(1)).decode() == "speed_mps,error\n2.5,7.1\n3.5,8.2\n"
    assert bundle["text/plain"] == "Two dots."
    assert bundle[RECORD_MIME]["csv"] == "speed_mps,error\n2.5,7.1\n3.5,8.2\n"


def test_a_matplotlib_figure_becomes_an_adaptive_drawing_and_is_the_same_every_time(ledger, shown):
    from matplotlib.figure import Figure

    for _ in range(2):
        figure = Figure()
        figure.subplots().plot([0, 1], [0, 1])
        ledger.figure("line", Drawing(table=TABLE, alt="A line.", figure=figure))
    assert "<svg" in shown[0][0]["text/html"]
    assert shown[0] == shown[1]


def test_a_live_widget_is_shown_beside_its_page_element(ledger, shown):
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": "Widget()"}
    widget = SimpleNamespace(_repr_mimebundle_=lambda **_: view)
    ledger.figure("player", Drawing(table=TABLE, alt="A runner.", html="<b>still</b>", widget=widget))
    assert set(shown[0][0]) == {"application/vnd.jupyter.widget-view+json", "text/html"}
    assert "<b>still</b>" in shown[1][0]["text/html"]


def test_a_table_shows_and_records_a_labeled_index(ledger, shown):
    ledger.table("errors", TABLE.set_index("speed_mps"))
    assert shown[0][0][RECORD_MIME]["csv"] == "speed_mps,error\n2.5,7.1\n3.5,8.2\n"
    assert "<table" in shown[0][0]["text/html"]


def test_a_value_prints_with_its_interval(ledger, shown):
    ledger.value(
        "peak", SimpleNamespace(value=np.float64(7.12), low=6.5, high=7.7, unit="%BW", n=20, level=0.95)
    )
    bundle = shown[0][0]
    assert bundle["text/plain"] == "7.1 (6.5 to 7.7) %BW"
    expected = {"value": 7.12, "low": 6.5, "high": 7.7, "unit": "%BW", "n": 20, "level": 0.95}
    assert {key: bundle[RECORD_MIME][key] for key in expected} == expected


@pytest.mark.parametrize(
    ("number", "text"), [(20, "20"), (np.int64(20), "20"), (0.25, "0.2"), (np.float64(2.0), "2.0")]
)
def test_a_plain_number_prints_by_itself(number, text):
    assert estimate_text(number) == text


@pytest.mark.parametrize("name", ["Peak error", "values", "1st", "a/b", ""])
def test_a_name_that_cannot_be_a_file_is_refused(ledger, name):
    with pytest.raises(ValueError, match="cannot name a figure or value"):
        ledger.value(name, 1)


def test_a_cohort_that_does_not_say_what_it_holds_is_refused():
    with pytest.raises(ValueError, match="does not state its label, license"):
        open_ledger(SimpleNamespace(attrs={"name": "a", "hash": "b"}), notebook="01", parameters={})


def test_the_date_is_today_unless_the_build_must_repeat(monkeypatch):
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", execution_date())
