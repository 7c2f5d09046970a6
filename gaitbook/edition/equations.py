"""Equations as MathML, made at build time.

Browsers draw MathML themselves, so a page with equations needs no script and no font from anywhere: it works from
disk, in print and with a screen reader. The translation is that of docutils; this module brings the AMS environments
that it lacks into the form that it knows, and numbers displayed equations as Sphinx does.
"""

import re
from html import escape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.writers.html5 import HTML5Translator

ACCENTED: Final = re.compile(
    r"<munderover>\s*(<mi[^>]*>[^<]*</mi>)((?:(?!<munderover>).)*?)(<mo stretchy=\"false\">[^<]*</mo>)\s*</munderover>",
    re.DOTALL,
)
ENVIRONMENTS = re.compile(r"\\(begin|end)\{(align|alignat|split|gather|gathered|eqnarray)\*?\}")
EQUATION = re.compile(r"\\(begin|end)\{(equation|displaymath)\*?\}")
BIG = re.compile(r"\\(big|Big|bigg|Bigg)(?=[^a-zA-Z])")
SYNONYMS = (
    (r"\lvert", "|"),
    (r"\rvert", "|"),
    (r"\bm{", r"\boldsymbol{"),
    (r"\argmin", r"\operatorname{argmin}"),
    (r"\argmax", r"\operatorname{argmax}"),
    (r"\nonumber", ""),
    (r"\notag", ""),
)


def to_mathml(tex: str, *, block: bool = False) -> str:
    r"""MathML element of an equation.

    Parameters
    ----------
    tex
        The equation in LaTeX, without dollar signs.
    block
        Displayed on lines of its own.

    Raises
    ------
    ValueError
        The equation uses a command that the translation does not know; the message names both.

    Examples
    --------
    >>> "<mfrac>" in to_mathml(r"\frac{F}{m}")
    True
    >>> "<msub>" in to_mathml(r"\hat{p}_i"), "munderover" in to_mathml(r"\hat{p}_i")
    (True, False)
    >>> "munderover" in to_mathml(r"\sum_i^n x", block=True)
    True
    """
    from docutils.utils.math import MathError
    from docutils.utils.math.latex2mathml import tex2mathml

    try:
        mathml = str(tex2mathml(normalize(tex), as_block=block))
    except (MathError, SyntaxError) as error:
        raise ValueError(f"{error} The equation: {' '.join(tex.split())}") from error
    # docutils puts the subscript of an accented letter below it, as under a sum; it belongs beside it
    return ACCENTED.sub(r"<msub><mover>\1\3</mover>\2</msub>", mathml)


def normalize(tex: str) -> str:
    r"""Equation with AMS environments and synonyms in the forms that docutils translates.

    Examples
    --------
    >>> normalize(r"\begin{align} a &= b \\ c &= d \end{align}")
    '\\begin{aligned} a &= b \\\\ c &= d \\end{aligned}'
    """
    text = ENVIRONMENTS.sub(r"\\\1{aligned}", EQUATION.sub("", tex)).strip()
    text = BIG.sub(lambda size: f"\\{size.group(1)}l", text)
    for ours, theirs in SYNONYMS:
        # A longer command that begins alike is another command.
        boundary = r"(?![a-zA-Z])" if ours[-1].isalpha() else ""
        text = re.sub(re.escape(ours) + boundary, lambda _, new=theirs: new, text)  # type: ignore[misc]
    return text


def visit_inline(writer: "HTML5Translator", node: "nodes.math") -> None:
    """Write an equation within a line (Sphinx visitor)."""
    from docutils import nodes

    writer.body.append(f'<span class="math notranslate nohighlight">{_translate(node, block=False)}</span>')
    raise nodes.SkipNode


def visit_block(writer: "HTML5Translator", node: "nodes.math_block") -> None:
    """Write a displayed equation with its number and the place that references point to (Sphinx visitor)."""
    from docutils import nodes
    from sphinx.util.math import get_node_equation_number

    writer.body.append(writer.starttag(node, "div", CLASS="math notranslate nohighlight"))
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({get_node_equation_number(writer, node)})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    writer.body.append(_translate(node, block=True) + "</div>\n")
    raise nodes.SkipNode


def _translate(node: "nodes.Element", *, block: bool) -> str:
    from sphinx.util import logging

    try:
        return to_mathml(node.astext(), block=block)
    except ValueError as error:
        logging.getLogger(__name__).warning("%s", error, location=node)
        return f"<code>{escape(node.astext())}</code>"
