"""The pages of the book: a Sphinx extension that makes them stand on their own.

It draws equations as MathML, adds the styles and scripts that come with the package, and takes out what the theme
and its companions would load from elsewhere, so that a page makes no request but for files beside it and opens from
disk. Scripts are written as ES modules, which browsers refuse from disk; they are wrapped into plain ones here.
"""

import re
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gaitbook.edition.equations import visit_block, visit_inline
from gaitbook.figures.widget import ASSETS as FIGURE_ASSETS
from gaitbook.figures.widget import read_script

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

ASSETS = (Path(__file__).parent / "assets", FIGURE_ASSETS)
EXPORT = re.compile(r"^export\s+default\s+(.+?);?\s*$", re.MULTILINE | re.DOTALL)
SHARED = re.compile(r"^export (?!default)", re.MULTILINE)
"""A module that others import: it comes with them, not by itself."""
FOREIGN = re.compile(r"thebe|unpkg\.com|jsdelivr\.net|cdnjs\.|mathjax", re.IGNORECASE)
FONT_PRELOAD = re.compile(r'\s*<link rel="preload" as="font"[^>]*>')
MOUNT_SCRIPT = "mount.js"
LOADED_FROM = "page"
"""Folder of the assets below ``_static``; not named like a folder that ``exclude_patterns`` leaves out."""


def setup(app: "Sphinx") -> dict[str, Any]:
    """Register with Sphinx (``extensions`` in ``_config.yml``)."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    # Jupyter Book always sets this; the extension that would read it loads scripts from elsewhere.
    app.add_config_value("comments_config", {}, "html")
    app.connect("builder-inited", add_assets)
    app.connect("env-get-outdated", renew_all)
    app.connect("doctree-read", keep_captioned)
    app.connect("html-page-context", drop_foreign_scripts, priority=900)
    app.connect("build-finished", drop_leftovers)
    return {"version": version("gaitbook"), "parallel_read_safe": True, "parallel_write_safe": True}


def add_assets(app: "Sphinx") -> None:
    """Write the package's styles and scripts beside the page and refer to them from every page."""
    if app.builder.format != "html":
        return
    folder = Path(app.doctreedir).parent / "gaitbook_assets"
    for name, text in collect_assets().items():
        path = folder / LOADED_FROM / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        if name.endswith(".css"):
            app.add_css_file(f"{LOADED_FROM}/{name}", priority=900)
        else:
            # The mounting script goes last: it looks for the widgets that the others define.
            app.add_js_file(
                f"{LOADED_FROM}/{name}", priority=950 if name == MOUNT_SCRIPT else 900, defer="defer"
            )
    app.config.html_static_path.append(str(folder))


def renew_all(
    app: "Sphinx",  # noqa: ARG001 - these are the arguments of the Sphinx event
    env: "BuildEnvironment",
    added: set[str],
    changed: set[str],
    removed: set[str],
) -> set[str]:
    """Build every page anew if one changed: pages quote each other's numbers, which Sphinx does not notice."""
    return set(env.found_docs) if added or changed or removed else set()


def collect_assets() -> dict[str, str]:
    """Styles and scripts that come with the package, by file name, as a page loads them."""
    files = sorted(path for folder in ASSETS for path in folder.glob("*") if path.suffix in (".css", ".js"))
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    return {name: _as_loaded(name, text) for name, text in texts.items() if not SHARED.search(text)}


def wrap_module(source: str, name: str) -> str:
    r"""ES module with a default export as a plain script that sets ``window.gaitbookWidgets[name]``.

    Parameters
    ----------
    source
        The module; it may import nothing, and ends in ``export default ...;``.
    name
        Name of the widget.

    Raises
    ------
    ValueError
        The module imports another one, or has no default export.

    Examples
    --------
    >>> print(wrap_module("const render = () => 1;\nexport default { render };", "dot"))
    (function () {
    "use strict";
    const render = () => 1;
    window.gaitbookWidgets = window.gaitbookWidgets || {};
    window.gaitbookWidgets["dot"] = { render };
    })();
    """
    exports = EXPORT.findall(source)
    if len(exports) != 1 or re.search(r"^\s*import\b", source, re.MULTILINE):
        raise ValueError(
            f"{name}.js must import nothing and end in one 'export default ...;': pages load it from disk."
        )
    assign = f'window.gaitbookWidgets = window.gaitbookWidgets || {{}};\nwindow.gaitbookWidgets["{name}"] = '
    body = EXPORT.sub(lambda found: f"{assign}{found.group(1)};", source)
    return f'(function () {{\n"use strict";\n{body.strip()}\n}})();'


def keep_captioned(app: "Sphinx", doctree: "nodes.document") -> None:  # noqa: ARG001 - signature of the Sphinx event
    """Take a figure out of its cell's output where the text of the same page shows it with a caption."""
    from docutils import nodes

    captioned = {name for figure in doctree.findall(nodes.figure) for name in _exhibit_names(figure)}
    for container in list(doctree.findall(nodes.container)):
        if "cell_output" not in container.get("classes", ()):
            continue
        for child in list(container.children):
            if _exhibit_names(child) & captioned:
                container.remove(child)
        if not container.children:
            container.parent.remove(container)


def drop_foreign_scripts(
    app: "Sphinx",  # noqa: ARG001 - these are the arguments of the Sphinx event
    pagename: str,  # noqa: ARG001
    templatename: str,  # noqa: ARG001
    context: dict[str, Any],
    doctree: "nodes.document | None",  # noqa: ARG001
) -> None:
    """Take out scripts from elsewhere, dead ones, and repeated ones."""
    seen: set[str] = set()
    kept = []
    for script in context.get("script_files", ()):
        name = str(getattr(script, "filename", None) or "")
        body = str(getattr(script, "attributes", {}).get("body", ""))
        mark = name or body
        if (
            FOREIGN.search(name + body)
            or name.startswith(("http:", "https:", "//"))
            or mark in seen
            or not mark
        ):
            continue
        seen.add(mark)
        kept.append(script)
    context["script_files"] = kept


def drop_leftovers(app: "Sphinx", exception: Exception | None) -> None:
    """Take out of the written pages what fails from disk or is no page at all.

    The theme asks browsers to load icon fonts ahead; its icons are drawn by a script, and from disk the request fails
    with an error. It also leaves templates of its own among the static files.
    """
    if exception is not None or app.builder.format != "html":
        return
    for path in Path(app.outdir).rglob("*.html"):
        if path.name.endswith("webpack-macros.html"):
            path.unlink()
            continue
        text = path.read_text(encoding="utf-8")
        cleaned = FONT_PRELOAD.sub("", text)
        if cleaned != text:
            path.write_text(cleaned, encoding="utf-8")


def _as_loaded(name: str, text: str) -> str:
    is_widget = name.endswith(".js") and re.search(r"^\s*export\b", text, re.MULTILINE)
    return wrap_module(read_script(Path(name).stem), Path(name).stem) if is_widget else text


def _exhibit_names(node: "nodes.Node") -> set[str]:
    from docutils import nodes

    markup = "".join(raw.astext() for raw in node.findall(nodes.raw))
    return set(re.findall(r'class="gaitbook-exhibit" data-figure="([a-z0-9_]+)"', markup))
