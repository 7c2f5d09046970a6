"""A saved widget comes to life in a page opened from disk: a counter that shows and changes its state."""

import json
import shutil

import pytest

from gaitbook.edition.page import collect_assets, wrap_module

COUNTER = """
const render = ({ model, el }) => {
  const show = () => { el.textContent = "frame " + model.get("frame"); };
  model.on("change:frame", show);
  el.onclick = () => { model.set("frame", model.get("frame") + 1); model.save_changes(); };
  show();
};
export default { render };
"""
BROKEN = 'export default { render: () => { throw new Error("no canvas"); } };'
STILL = '<svg width="10" height="10" role="img" aria-label="still"></svg>'


def widget(name: str, state: dict[str, int]) -> str:
    saved = f'<script type="application/json">{json.dumps(state)}</script>'
    return f'<div class="gaitbook-widget" data-widget="{name}">{saved}{STILL}</div>'


@pytest.fixture
def page(tmp_path):
    """The page in headless Chromium, opened from disk: a counter, a widget that fails, one that is unknown."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium on this machine")
    playwright = pytest.importorskip("playwright.sync_api")
    scripts = [wrap_module(COUNTER, "counter"), wrap_module(BROKEN, "broken"), collect_assets()["mount.js"]]
    body = "".join(widget(name, {"frame": 3}) for name in ("counter", "broken", "unknown"))
    file = tmp_path / "page.html"
    file.write_text(f"<!doctype html>{body}" + "".join(f"<script>{script}</script>" for script in scripts))
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        opened = browser.new_page()
        opened.goto(file.as_uri())
        yield opened
        browser.close()


@pytest.mark.browser
def test_a_saved_widget_is_shown_from_its_state_and_reacts(page):
    live = page.locator('[data-widget="counter"] .gaitbook-live')
    assert live.inner_text() == "frame 3"
    live.click()
    assert live.inner_text() == "frame 4"
    assert not page.locator('[data-widget="counter"] svg').is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("name", ["broken", "unknown"])
def test_where_a_widget_cannot_be_shown_its_still_image_stays(page, name):
    assert page.locator(f'[data-widget="{name}"] svg').is_visible()
    assert page.locator(f'[data-widget="{name}"] .gaitbook-live').count() == 0
