"""Gains of the strongest phenotypes: chosen by sex, drawn for both, open where they are no discovery."""

import numpy as np
import pandas as pd
import pytest

from gaitbook.figures.phenotype_gains import choose_strongest, plot_phenotype_gains
from gaitbook.figures.style import PAPER
from tests.figures.tables_by_sex import SYSTEMS, gain_table
from tests.figures.words_in_pictures import colors_of_their_own, overlapping_words


def marks(panel, face=None):
    lines = [line for line in panel.lines if line.get_marker() not in ("None", "")]
    chosen = [
        line for line in lines if face is None or (line.get_markerfacecolor() == PAPER) == (face == PAPER)
    ]
    return np.concatenate([line.get_xdata() for line in chosen])


def test_the_strongest_of_each_sex_are_chosen_and_shown_for_both():
    rows = choose_strongest(gain_table(), 3)
    assert set(rows["phenotype"]) == {f"{system}_{number}" for system in SYSTEMS for number in (0, 4)}
    assert len(rows) == 12


def test_rows_are_grouped_by_system():
    rows = choose_strongest(gain_table(), 6)
    assert (rows["system"] != rows["system"].shift()).sum() == rows["system"].nunique()
    pairs = rows.groupby("phenotype", sort=False)["sex"].agg(list)
    assert all(sexes == ["female", "male"] for sexes in pairs)


def test_all_rows_are_drawn_under_the_name_of_their_system():
    drawing = plot_phenotype_gains(gain_table(), strongest=3)
    (panel,) = drawing.figure.axes
    np.testing.assert_allclose(sorted(marks(panel)), sorted(drawing.table["gain"]))
    names = [text.get_text() for text in panel.get_yticklabels()]
    assert names == [
        *("Bone density", "Bone density 0", "Bone density 4"),
        *("Renal", "Renal 0", "Renal 4", "Sleep", "Sleep 0", "Sleep 4"),
    ]


def test_gains_that_are_no_discovery_are_open():
    drawing = plot_phenotype_gains(gain_table(), strongest=3)
    (panel,) = drawing.figure.axes
    np.testing.assert_allclose(marks(panel, PAPER), 0.0, atol=1e-12)
    assert len(marks(panel, PAPER)) == len(marks(panel, "full")) == 6
    assert "no discovery at 5 %" in drawing.html


def test_what_is_not_drawn_is_counted():
    assert (
        "9 phenotypes with smaller gains are not drawn" in plot_phenotype_gains(gain_table(), strongest=3).alt
    )


def test_long_names_are_cut_and_told_in_full():
    name = "phosphatidylcholine_aa_c32_double_bonds_5_second_reading"
    table = gain_table().replace("sleep_4", name)
    drawing = plot_phenotype_gains(table)
    assert "…" in drawing.html
    assert name.replace("_", " ")[1:] in drawing.alt


def test_gains_that_were_not_measured_are_left_out():
    table = gain_table()
    table.loc[table["system"] == "sleep", "gain"] = np.nan
    assert set(choose_strongest(table, 20)["system"]) == {"bone_density", "renal"}


def test_no_words_overlap_and_all_colors_follow_the_page():
    drawing = plot_phenotype_gains(gain_table(8), label="default-large (synthetic)")
    assert overlapping_words(drawing.figure) == []
    assert colors_of_their_own(drawing) == []
    assert "synthetic" in drawing.html


def test_a_table_that_cannot_be_drawn_is_refused_in_one_message():
    with pytest.raises(ValueError, match=r"figure of gains: its table lacks the column\(s\) r_covariates, q"):
        plot_phenotype_gains(gain_table().drop(columns=["q", "r_covariates"]))
    with pytest.raises(ValueError, match="has no row"):
        plot_phenotype_gains(gain_table().iloc[:0])
    with pytest.raises(ValueError, match=r"strongest=0 leaves nothing to draw.*; no gain was measured"):
        plot_phenotype_gains(gain_table().assign(gain=np.nan), strongest=0)
    with pytest.raises(ValueError, match=r"30 row\(s\) repeat a phenotype and sex"):
        plot_phenotype_gains(pd.concat([gain_table(), gain_table()]))
