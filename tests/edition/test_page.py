import re

import pytest

from gaitbook.edition.equations import to_mathml
from gaitbook.edition.page import collect_assets, wrap_module

EQUATIONS = [
    r"F = m\,(a + g)",
    r"\operatorname{RMSE} = \sqrt{\frac{1}{n}\sum_{i=1}^{n}(\hat{F}_i - F_i)^2}",
    r"\begin{align} a &= b \\ c &= d \end{align}",
    r"\begin{equation*} x \in \mathbb{R}^{n \times 3} \end{equation*}",
    r"\begin{split} a \\ b \end{split}",
    r"\big( x \big) \quad \argmin_W \lVert W \rVert^2 + \lvert a \rvert \bm{x}",
    r"\begin{cases} a & x < 0 \\ b & x \ge 0 \end{cases}",
    r"\dot{\mathbf{q}} = \frac{\mathrm{d}\mathbf{q}}{\mathrm{d}t} \approx \overline{v}",
]


@pytest.mark.parametrize("tex", EQUATIONS)
def test_the_equations_of_the_field_become_mathml(tex):
    markup = to_mathml(tex, block=True)
    assert markup.startswith("<math")
    assert "\\" not in markup


def test_an_unknown_command_is_named_with_its_equation():
    with pytest.raises(ValueError, match=r'Unknown LaTeX command "\\gnark".*The equation: a = \\gnark b'):
        to_mathml(r"a = \gnark b")


def test_assets_are_plain_scripts_and_styles():
    assets = collect_assets()
    assert {"page.css", "mount.js"} <= set(assets)
    for name, text in assets.items():
        assert not re.search(r"^\s*(export|import)\b(?!\()", text, re.MULTILINE) or name.endswith(".css")
        assert "http://" not in text.replace("http://www.w3.org/", "")
        assert "https://" not in text


@pytest.mark.parametrize("source", ["const x = 1;", 'import a from "b";\nexport default { a };'])
def test_a_module_that_cannot_stand_alone_is_refused(source):
    with pytest.raises(ValueError, match=r"player.js must import nothing"):
        wrap_module(source, "player")
