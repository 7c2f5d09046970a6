import math

import numpy as np
import pytest

from gaitbook.synthesis.causes import load_styles
from gaitbook.synthesis.covariates import load_causes
from gaitbook.synthesis.phenotype_effects import phenotype_effects
from gaitbook.synthesis.phenotype_names import list_phenotypes, load_phenotypes


@pytest.fixture(scope="module")
def table():
    return list_phenotypes()


def described_columns(entry):
    """How many columns the groups and diagnoses of a system describe."""
    count = sum(len(names) for names in entry.get("binary", {}).values())
    for group in entry["groups"].values():
        variants = math.prod(len(each) for each in group.get("variants", []))
        count += variants * (len(group.get("measures", {})) + len(group.get("names", [])))
    return count


def test_systems_have_the_sizes_written_down_and_sum_to_the_published_total(table):
    systems = load_phenotypes()["systems"]
    assert table["system"].value_counts().to_dict() == {
        name: entry["size"] for name, entry in systems.items()
    }
    assert len(table) == 3210
    assert set(systems) == set(load_causes()["systems"])


@pytest.mark.parametrize("system", load_phenotypes()["systems"])
def test_enough_columns_are_described(system):
    entry, share = load_phenotypes()["systems"][system], load_phenotypes()["duplicate_share"]
    assert described_columns(entry) >= entry["size"] - round(share * entry["size"])


def test_names_are_unique_and_shared_with_no_other_node_of_the_graph(table):
    assert table.index.is_unique
    nodes = {*load_styles(), *load_causes()["systems"], *load_causes()["covariates"]}
    assert not nodes & set(table.index)
    assert table.index.str.fullmatch(r"[a-z0-9_]+").all()


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("sleep_stage_rem_percent_night_2", "sleep"),
        ("total_scan_vat_volume", "body_composition"),
        ("hand_grip_strength_left", "frailty"),
        ("cgm_ea1c", "glycemic_status"),
        ("vessel_density_left", "cardiovascular"),
        ("nmr_xxl_vldl_cholesterol", "nightingale"),
        ("spine_l1_l4_t_score", "bone_density"),
    ],
)
def test_names_are_made_of_measure_and_variant(table, name, system):
    assert table.loc[name, "system"] == system


def test_positive_skewed_measures_are_log_normal_and_signed_ones_are_not(table):
    assert table.loc["ahi", "log_normal"]
    assert not table.loc["hand_length_left", "log_normal"]
    assert not table.loc["spine_l1_z_score", "log_normal"]
    assert table.loc["spine_l1_z_score", "low"] == -np.inf
    assert table.loc["sleep_stage_rem_percent", "high"] == 100


def test_table_is_a_copy(table):
    changed = list_phenotypes()
    changed["unit"] = "changed"
    assert list_phenotypes()["unit"].equals(table["unit"])


def test_prevalences_lie_between_two_and_forty_percent(table):
    prevalence = table.loc[table["type"] == "binary", "prevalence"]
    assert len(prevalence) > 80
    assert prevalence.between(0.02, 0.40).all()


def test_a_block_is_of_one_kind_and_of_one_sign():
    effects = phenotype_effects()
    original = (effects.table["duplicate_of"] == "").to_numpy()
    assert (effects.table[original].groupby("block")["kind"].nunique() == 1).all()
    female, male = effects.effect.T
    assert (np.sign(female) == np.sign(male)).all()
    sizes = np.abs(effects.effect[(effects.table["kind"] == "true_effect").to_numpy()])
    assert 0.2 < sizes.mean() < 0.35
    assert sizes.max() < 0.75


def test_every_system_has_nulls_confounded_and_true_targets():
    table = phenotype_effects().table
    counts = table.groupby("system")["kind"].value_counts().unstack(fill_value=0)
    assert (counts[["null", "confounded_only", "true_effect"]] >= 10).all(axis=None)
    assert counts["null"].sum() / len(table) == pytest.approx(0.29, abs=0.02)
