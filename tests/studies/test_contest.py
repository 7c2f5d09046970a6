"""The contest: everybody completes the same people, and is compared on them."""

import pandas as pd
import pytest

from gaitbook.studies.completion import CompletionPlan
from gaitbook.studies.contest import (
    AS_DRAWN,
    CALIBRATED,
    against_best_peer,
    hold_contest,
    panel_table,
    with_group,
    worst_case,
)
from gaitbook.studies.hidden_parts import Contestant
from tests.studies.stub_completers import Scaled, walker

PLAN = CompletionPlan(draws=5)


@pytest.fixture(scope="module")
def judged():
    motions = [walker("p"), walker("q")]
    contestants = [
        Contestant("gaitbook", Scaled(0.9, spread=0.3, hidden_share=0.5), PLAN),
        Contestant("good", Scaled(0.8), PLAN),
        Contestant("bad", Scaled(0.5), PLAN),
    ]
    return hold_contest(motions, contestants, conditions=("nothing", "hips"), processes=1, progress=False)


def test_everybody_is_judged_under_every_condition_on_the_same_people(judged):
    profile = judged.query("axis == 'y' and measure == 'profile' and intervals == @AS_DRAWN")
    assert len(profile) == 3 * 2 * 2
    assert set(judged["group"]) == {"simulated, walking"}
    assert set(judged["subject"]) == {"p", "q"}


def test_ours_is_judged_as_drawn_and_calibrated_from_the_same_draws(judged):
    kinds = judged.query("model == 'gaitbook' and measure == 'profile'").groupby("intervals")["value"].sum()
    assert kinds[AS_DRAWN] == kinds[CALIBRATED]
    assert set(judged.query("intervals == @CALIBRATED")["model"]) == {"gaitbook"}
    assert (judged.query("measure == 'residual'")["unit"] == "%BW").all()


def test_an_error_is_the_share_that_is_missing(judged):
    means = panel_table(judged.query("intervals == @AS_DRAWN"), {"error": ("y", "profile")})
    value = means.set_index(["condition", "model"])["value"]
    assert value["nothing", "good"] == pytest.approx(2 * value["nothing", "gaitbook"])
    assert value["nothing", "bad"] == pytest.approx(5 * value["nothing", "gaitbook"])
    assert value["hips", "gaitbook"] == pytest.approx(5.5 * value["nothing", "gaitbook"])


def test_panels_keep_the_order_in_which_things_were_judged(judged):
    means = panel_table(judged.query("intervals == @AS_DRAWN"))
    assert list(dict.fromkeys(means["model"])) == ["gaitbook", "good", "bad"]
    assert list(dict.fromkeys(means["condition"])) == ["nothing", "hips"]
    assert (means["n"] == 2).all()


def test_shares_become_percent(judged):
    cover = panel_table(judged, {"coverage": ("y", "coverage")}, series="intervals")
    assert set(cover["unit"]) == {"%"}
    of_ours = cover[(cover["model"] == CALIBRATED)].set_index("condition")["value"]
    assert of_ours["nothing"] == pytest.approx(100.0)
    assert of_ours["hips"] < 50.0


def test_the_best_of_the_others_is_the_one_to_beat(judged):
    table = against_best_peer(judged).set_index("condition")
    assert set(table["best_peer"]) == {"good"}
    assert table.loc["nothing", "share_percent"] == 50
    assert table.loc["nothing", "value"] < 0 < table.loc["hips", "value"]


def test_the_worst_case_is_the_largest_vertical_error_of_ours(judged):
    worst = worst_case(judged, "simulated, walking")
    assert worst["condition"] == "hips"
    assert worst["model"] == "gaitbook"


def test_a_group_is_a_source_and_a_gait():
    table = pd.DataFrame({"source": ["rbds"], "gait": ["run"]})
    assert with_group(table)["group"].tolist() == ["rbds, running"]
