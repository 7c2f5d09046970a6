"""Who is new to a model: in a cohort it learned from those who were kept out, in any other everybody."""

from dataclasses import dataclass, field

import pytest

from gaitbook.studies.unseen_people import learned_cohorts, learned_motions, unseen_motions
from gaitbook.synthesis.closed_form import simulate_trial


@dataclass
class Carded:
    """A model of which only the card matters."""

    card: dict = field(default_factory=dict)


LEARNED = Carded({"trials": {"rbds": 30, "large/walk-other": 900}})


@pytest.fixture(scope="module")
def cohort_of(as_cohort):
    def make(name, subjects, speeds_mps=(2.5,)):
        trials = [
            simulate_trial(speed_mps=speed, duration_s=2.5).assign_attrs(
                source=name, subject=subject, trial=f"run-{speed}"
            )
            for subject in subjects
            for speed in speeds_mps
        ]
        tree = as_cohort(trials)
        tree.attrs["name"] = name
        return tree

    return make


def subjects(motions):
    return [motion.trial.attrs["subject"] for motion in motions]


def test_the_card_tells_what_was_learned_from():
    assert learned_cohorts(LEARNED) == {"rbds", "large"}
    assert learned_cohorts(Carded()) == frozenset()


def test_of_a_cohort_learned_from_only_those_kept_out_are_new(cohort_of):
    cohort = cohort_of("rbds", ["RBDS001", "RBDS003"])
    assert subjects(unseen_motions(cohort, LEARNED, seconds=1.0)) == ["RBDS003"]
    assert subjects(learned_motions(cohort, LEARNED, seconds=1.0)) == ["RBDS001"]


def test_in_any_other_cohort_everybody_is_new(cohort_of):
    cohort = cohort_of("my_lab", ["anna", "bert"])
    assert subjects(unseen_motions(cohort, LEARNED, seconds=1.0)) == ["anna", "bert"]
    assert subjects(unseen_motions(cohort, LEARNED, people=1, seconds=1.0)) == ["anna"]
    assert learned_motions(cohort, LEARNED) == []


def test_one_trial_of_each_person_the_middle_one_cut_to_length(cohort_of):
    (motion,) = unseen_motions(cohort_of("my_lab", ["anna"], (2.0, 3.0, 4.0)), LEARNED, seconds=1.0)
    assert motion.trial.attrs["trial"] == "run-3.0"
    assert motion.trial.sizes["time"] == 100
    assert "joint_angle" in motion.trial


def test_who_has_no_force_is_left_out_with_the_reason(cohort_of):
    cohort = cohort_of("my_lab", ["anna"])
    leaf = cohort["/my_lab/anna/run-2.5"]
    leaf.dataset = leaf.to_dataset().drop_vars("ground_reaction_force")
    left_out = []
    assert unseen_motions(cohort, LEARNED, exclusions=left_out) == []
    assert "no trial with ground_reaction_force" in left_out[0].reason
