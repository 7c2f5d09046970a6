import numpy as np
import pytest

from gaitbook.studies.gait_predictions import COLUMNS, LABEL, read_out
from gaitbook.studies.gait_readout import TOLD, fit_readout
from tests.studies.embedded_people import draw_embedded


@pytest.fixture(scope="module")
def readout():
    return fit_readout(*draw_embedded(500))


@pytest.fixture(scope="module")
def others():
    return draw_embedded(300, seed=1)


def aligned(told, people, target="age_year"):
    rows = told[told["target"] == target].set_index("subject")
    return rows, people.loc[rows.index, target]


def test_every_person_has_a_row_for_every_target_and_a_label(readout, others):
    features, people = others
    told = read_out(readout, features, people)
    assert tuple(told.columns) == COLUMNS
    assert list(told["target"][:3]) == list(TOLD)
    assert list(told["subject"]) == [name for name in features.index for _ in TOLD]
    assert set(told["label"]) == {LABEL}
    assert "synthetic" in LABEL
    assert "invented" in LABEL


@pytest.mark.parametrize("known", [["sex", "age_year"], ["sex"], ["age_year"], []])
@pytest.mark.parametrize("target", TOLD)
def test_nine_in_ten_lie_inside_whatever_is_known(readout, others, known, target):
    features, people = others
    rows, truth = aligned(read_out(readout, features, people[known]), people, target)
    rows = rows.dropna(subset=["predicted"])
    truth = truth[rows.index]
    inside = (rows["low"] <= truth) & (truth <= rows["high"])
    assert 0.84 < inside.mean() < 0.97
    assert np.corrcoef(rows["predicted"], truth)[0, 1] > 0.5


def test_few_of_the_same_kind_are_strange(readout, others):
    features, people = others
    told = read_out(readout, features, people)
    assert told["predicted"].isna().mean() < 0.02
    assert told["note"].str.contains("left out").mean() < 0.06


def test_one_task_is_enough_and_has_a_wider_interval(readout, others):
    features, people = others
    alone = features.copy()
    alone.loc[:, "march"] = np.nan
    both, one = (aligned(read_out(readout, each, people), people)[0] for each in (features, alone))
    assert (one["high"] - one["low"]).median() > (both["high"] - both["low"]).median()
    assert one["note"].str.startswith("told by walk").sum() > 280


def test_a_strange_recording_is_left_out_and_said(readout, others):
    features, people = others
    strange = features.iloc[:3].copy()
    strange.loc[strange.index[0], "walk"] = 40.0
    strange.iloc[1] = -60.0
    strange.iloc[2] = np.nan
    told = read_out(readout, strange, people)
    age = told[told["target"] == "age_year"].reset_index(drop=True)
    assert age["predicted"].notna().tolist() == [True, False, False]
    assert "walk left out: unlike the 500 people who were seen (p = 0.002)" in age.loc[0, "note"]
    assert age.loc[0, "note"].startswith("told by march")
    assert age.loc[1, "familiar"] <= 0.01
    assert age.loc[0, "familiar"] > 0.01
    assert age.loc[2, "note"] == "no recording of a task that the readout knows"


def test_who_has_no_sex_and_no_age_is_told_so(readout, others):
    told = read_out(readout, others[0].iloc[:2])
    assert "sex unknown" in told.loc[0, "note"]
    assert "age unknown" in told.loc[0, "note"]


def test_an_interval_beside_what_is_predicted_is_explained():
    features, people = draw_embedded(400)
    blurred = features + 12.0 * np.random.default_rng(0).standard_normal(features.shape)
    told = read_out(fit_readout(blurred, people), blurred, people)
    age = told[told["target"] == "age_year"]
    above, below = age["predicted"] > age["high"], age["predicted"] < age["low"]
    assert above.any()
    assert below.any()
    assert age["note"].str.contains("told too high").equals(above)
    assert age["note"].str.contains("told too low").equals(below)


def test_an_unknown_task_and_other_numbers_are_refused_with_the_remedy(readout, others):
    features, _ = others
    renamed = features.rename(columns={"walk": "stroll", "march": "hop"}, level=0)
    with pytest.raises(
        ValueError, match=r"recordings of stroll, hop, but the readout knows walk, march: say with"
    ):
        read_out(readout, renamed)
    other = features.rename(columns={"legs mean 0": "tail mean 0"}, level=1)
    with pytest.raises(ValueError, match=r"learned from 1 numbers of walk .*'legs mean 0': embed with"):
        read_out(readout, other)
