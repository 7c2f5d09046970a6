"""Draw book/images/cover.svg from the edition of the running data: `python benchmarks/cover.py`."""

import re
from pathlib import Path

import pandas as pd

from gaitbook.figures.cycles import plot_cycles
from gaitbook.figures.style import to_adaptive_svg

ROOT = Path(__file__).parents[1]
CURVES = ROOT / "expected" / "rbds" / "01_force_from_markers" / "force_cycles.csv"


def main() -> None:
    """Write the picture: colors without page variables, on white, because a README has no page around it."""
    curves = pd.read_csv(CURVES)
    drawing = plot_cycles(curves[curves["axis"] == "y"], label="RBDS, 20 runners")
    svg = to_adaptive_svg(drawing.figure, drawing.alt)
    plain = re.sub(r"var\(--[\w-]+,\s*([^()]+|[^()]*\([^()]*\)[^()]*)\)", r"\1", svg)
    white = re.sub(r"(<svg\b[^>]*>)", r'\1<rect width="100%" height="100%" fill="white"/>', plain, count=1)
    (ROOT / "book" / "images" / "cover.svg").write_text(white, encoding="utf-8")


if __name__ == "__main__":
    main()
