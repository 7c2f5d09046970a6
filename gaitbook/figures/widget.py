"""Live figures: one script and one saved state, in Jupyter through anywidget and in a page without a kernel.

Scripts share code by importing it from modules beside them. Jupyter takes a script as one text, and browsers refuse
modules from disk, so what a script imports is put in front of it when it is loaded.
"""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

ASSETS: Final = Path(__file__).parent / "assets"
_IMPORT: Final = re.compile(r'^import \{[^}]*\} from "\./(\w+)\.js";\n', re.MULTILINE)
_NAMED_EXPORT: Final = re.compile(r"^export (?=function|const|class)", re.MULTILINE)


def read_script(name: str) -> str:
    """Source of a widget with the shared code it imports: each shared module once, those imported first.

    Parameters
    ----------
    name
        Name of the widget, that of its file.

    Examples
    --------
    >>> script = read_script("player")
    >>> 'from "./scene.js"' in script, "function makeMotion" in script
    (False, True)
    """
    texts: dict[str, str] = {}
    _collect(name, texts)
    return "\n".join(texts.values())


def mark_up(name: str, saved: Mapping[str, Any], still: str) -> str:
    """Element of a page: the saved state, and the still image that stands there without a script.

    Parameters
    ----------
    name
        Name of the widget.
    saved
        What the script reads, of JSON types.
    still
        Markup of the still image.
    """
    text = json.dumps(saved, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    safe = text.replace("<", "\\u003c")  # a label must not end the script
    return (
        f'<div class="gaitbook-widget" data-widget="{name}">'
        f'<script type="application/json">{safe}</script>{still}</div>'
    )


def make_widget(name: str, saved: Mapping[str, Any], *, styles: tuple[str, ...]) -> Any:  # noqa: ANN401 - anywidget may be absent
    """Live anywidget with the saved state, ``None`` where anywidget is not installed: the page does not need it.

    Parameters
    ----------
    name
        Name of the widget, that of its script.
    saved
        Its traits: dictionaries and whole numbers.
    styles
        Names of its style sheets, without their ending.
    """
    try:
        import anywidget
        import traitlets
    except ImportError:
        return None
    traits = {
        key: (traitlets.Dict() if isinstance(value, dict) else traitlets.Int()).tag(sync=True)
        for key, value in saved.items()
    }
    css = "\n".join((ASSETS / f"{style}.css").read_text(encoding="utf-8") for style in styles)
    kind = type(name, (anywidget.AnyWidget,), {"_esm": read_script(name), "_css": css, **traits})
    return kind(**saved)


def _collect(name: str, texts: dict[str, str]) -> None:
    source = (ASSETS / f"{name}.js").read_text(encoding="utf-8")
    for shared in _IMPORT.findall(source):
        if shared not in texts:
            _collect(shared, texts)
    texts[name] = _NAMED_EXPORT.sub("", _IMPORT.sub("", source))
