"""What shape and motion tell by themselves, and what is told of the same people when they come again."""

from collections.abc import Iterator

from phenotype_walkers import people, write_table
from report import Line

from gaitbook.models.weights import walker_features
from gaitbook.studies.feature_scores import DEMOGRAPHICS, SHOWN_TARGETS, score_features
from gaitbook.studies.static_dynamic import WHOLE
from gaitbook.studies.walker_features import load_features
from gaitbook.studies.walker_views import AGAIN, EMBEDDING, VIEWS, tell_again


def shape_and_motion() -> Iterator[Line]:
    """What the encoder tells of windows that lost their shape, their motion or its order."""
    views = load_features(walker_features("views")).sets
    table = score_features({name: views[name] for name in (WHOLE, *VIEWS)}, people())
    table = table[table["features"] != DEMOGRAPHICS]
    write_table(table, "shape-and-motion")
    for row in table.itertuples():
        figure = f"{row.r:.3f} ({row.low:.3f} to {row.high:.3f}), n {row.n}"
        yield Line(f"three walks, {row.target}, {row.sex}, {row.features}", figure, "reported", met=True)


def another_day() -> Iterator[Line]:
    """Whether the same person is told the same when they come again."""
    views = load_features(walker_features("views")).sets
    table = tell_again(views[WHOLE], views[AGAIN], people(), targets=SHOWN_TARGETS)
    write_table(table, "another-day")
    for row in table.itertuples():
        what = f"ICC(2,1) on another day, {row.target}, {row.sex}"
        limits = "quartiles" if row.target == EMBEDDING else "95 %"
        figure = (
            f"{row.agreement:.3f} ({limits} {row.agreement_low:.3f} to {row.agreement_high:.3f}), n {row.n}"
        )
        if row.target != EMBEDDING:
            figure += f"; smallest change that is none of chance {row.smallest_change:.3g}"
        yield Line(what, figure, "reported", met=True)
