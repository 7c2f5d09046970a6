"""A table to search and sort: all rows are saved, the first stand there without a script."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from gaitbook.edition.page import collect_assets
from gaitbook.figures.table_browser import PAGE, browse_gains, browse_table
from gaitbook.figures.widget import read_script
from tests.figures.tables_by_sex import gain_table


def saved(drawing):
    return json.loads(re.search(r'json">(.*?)</script>', drawing.html, re.DOTALL).group(1))["state"]


def column(drawing, name):
    state = saved(drawing)
    return state["columns"][state["names"].index(name)]


def test_every_row_is_saved_from_the_largest_gain_down():
    drawing = browse_gains(gain_table())
    gains = column(drawing, "gain")
    assert gains["decimals"] == 3
    assert gains["numbers"] == sorted((round(1000 * gain) for gain in gain_table()["gain"]), reverse=True)
    pd.testing.assert_frame_equal(drawing.table, gain_table(), check_like=True)


def test_words_are_saved_once_and_read_without_underscores():
    systems = column(browse_gains(gain_table()), "system")
    assert sorted(systems["words"]) == ["bone density", "renal", "sleep"]
    assert len(systems["places"]) == 30


def test_whole_numbers_have_no_decimals_and_missing_ones_are_null():
    table = gain_table()
    table.loc[0, "n"] = np.nan
    table.loc[1, "low"] = -np.inf
    drawing = browse_gains(table)
    assert column(drawing, "n")["decimals"] == 0
    assert column(drawing, "n")["numbers"].count(None) == 1
    assert column(drawing, "low")["numbers"].count(None) == 1


def test_the_ends_of_an_interval_are_no_columns_of_their_own():
    state = saved(browse_gains(gain_table()))
    hidden = [name for name, each in zip(state["names"], state["columns"], strict=True) if each["hidden"]]
    assert hidden == ["low", "high"]
    assert state["intervals"] == {"gain": ["low", "high"]}


def test_without_a_script_the_first_rows_stand_there_and_the_rest_is_counted():
    drawing = browse_gains(gain_table(10), label="toy (synthetic)")
    assert drawing.html.count("<tr>") == PAGE + 1
    assert "The first 25 of 60 rows." in drawing.html
    assert ">Low<" in drawing.html
    assert "Data: toy (synthetic)." in drawing.html


def test_the_script_stands_alone_and_is_loaded_by_pages():
    script = read_script("table_browser")
    assert not re.search(r"^(import|export (?!default))", script, re.MULTILINE)
    assert script.rstrip().endswith("export default { render };")
    assert {"table_browser.js", "table_browser.css"} <= set(collect_assets())


def test_the_live_widget_has_the_same_state():
    pytest.importorskip("anywidget")
    drawing = browse_gains(gain_table())
    assert drawing.widget.state == saved(drawing)


def test_all_faults_are_told_in_one_message():
    options = {"caption": "Gains.", "search": "n", "sort": "system", "decimals": 9}
    with pytest.raises(ValueError, match="the table to search") as told:
        browse_table(gain_table(), **options)
    words = str(told.value)
    assert "the column n has numbers, not words" in words
    assert "the column system has no numbers" in words
    assert "decimals=9 is not between 0 and 6" in words


def test_a_table_without_columns_or_rows_is_refused():
    with pytest.raises(ValueError, match=r"the table to search: its table lacks the column\(s\) system, low"):
        browse_gains(gain_table().drop(columns=["low", "system"]))
    with pytest.raises(ValueError, match="has no row"):
        browse_gains(gain_table().iloc[:0])


@pytest.fixture
def page(tmp_path):
    """The table in headless Chromium, opened from disk."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    assets = collect_assets()
    scripts = "".join(f"<script>{assets[name]}</script>" for name in ("table_browser.js", "mount.js"))
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html><meta charset=utf-8>{browse_gains(gain_table(10)).html}{scripts}")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.goto(file.as_uri())
        yield opened
        browser.close()


@pytest.mark.browser
def test_a_reader_searches_narrows_sorts_and_asks_for_more(page):
    rows, count = page.locator(".gaitbook-browser tbody tr"), page.locator(".gaitbook-browser .count")
    assert (rows.count(), count.inner_text()) == (25, "25 shown of 60 found among 60")
    page.get_by_text("Show more rows").click()
    assert rows.count() == 50
    page.get_by_label("Sex").select_option("female")
    page.get_by_role("searchbox", name="Phenotype").fill("sleep")
    assert count.inner_text() == "10 shown of 10 found among 60"
    assert "0.090 [0.070, 0.110]" in rows.first.inner_text()
    page.get_by_role("button", name="Gain").click()
    assert "0.000 [\N{MINUS SIGN}0.020, 0.020]" in rows.first.inner_text()
    page.get_by_role("searchbox", name="Phenotype").fill("no such thing")
    assert rows.first.inner_text() == "nothing to list"
