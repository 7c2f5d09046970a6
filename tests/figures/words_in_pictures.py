"""What every picture must hold to: words stand free of each other, colors come from the page."""

import re
from itertools import combinations

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text


def overlapping_words(figure):
    """Pairs of words that cover each other by more than half a point, in the picture as it is laid out."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    left_out = {id(text) for panel in figure.axes for text in _words_not_drawn(panel)}
    found = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    shown = [
        (text.get_text(), text.get_window_extent(canvas.get_renderer()))
        for text in found
        if id(text) not in left_out
    ]
    least = 0.5 * figure.dpi / 72
    return [
        (one, other)
        for (one, box), (other, beside) in combinations(shown, 2)
        if min(box.x1, beside.x1) - max(box.x0, beside.x0) > least
        and min(box.y1, beside.y1) - max(box.y0, beside.y0) > least
    ]


def _words_not_drawn(panel):
    """Words of panels that are switched off, and of ticks that are left over or outside the limits of their axis."""
    if not panel.axison:
        yield from panel.findobj(Text)
    for axis, (low, high) in ((panel.xaxis, panel.get_xlim()), (panel.yaxis, panel.get_ylim())):
        used = axis.get_major_ticks()
        for tick in axis.majorTicks:
            if tick not in used or not low <= tick.get_loc() <= high:
                yield from (tick.label1, tick.label2)


def colors_of_their_own(drawing):
    """Colors in the picture that no page can change."""
    body = drawing.html.split("<svg", 1)[1].split(">", 1)[1]
    return re.findall(r"#[0-9a-f]{6}\b", body.lower())
