import pytest
import torch

from gaitbook.models.window_sampling import Scale, Sequences, WindowSampler

CHANNELS, STATES = 5, 4
MIRROR = ([1, 0, 2, 3, 4], [1.0, 1.0, -1.0, 1.0, 1.0])


def everything_known(windows, _generator):
    return torch.ones(windows, 30, CHANNELS, dtype=torch.bool), torch.zeros(windows, dtype=torch.bool)


def make(lengths=(60, 60, 60), studies=("a", "a", "b")):
    values = [torch.full((length, CHANNELS), float(number)) for number, length in enumerate(lengths)]
    bare = [torch.full((length, 1), 100.0 + number) for number, length in enumerate(lengths)]
    person = [torch.tensor([float(number), torch.nan]) for number in range(len(lengths))]
    return Sequences(values, bare, person, studies, [f"p{number}" for number in range(len(lengths))])


def identity():
    ones = torch.ones(CHANNELS)
    return Scale(0 * ones, ones, torch.zeros(2), torch.ones(2))


def sampler(sequences, hiding=everything_known, mirror=(range(CHANNELS), [1.0] * CHANNELS), **options):
    return WindowSampler(sequences, identity(), hiding, mirror, states=STATES, frames=30, **options)


def test_studies_weigh_alike_and_trials_of_a_study_too():
    batch = sampler(make()).draw(3000, torch.Generator().manual_seed(0))
    which = batch.states[:, 0, 0]
    shares = [float((which == number).float().mean()) for number in range(3)]
    assert shares == pytest.approx([0.25, 0.25, 0.5], abs=0.03)


def test_the_same_generator_draws_the_same_batch():
    first, second = (sampler(make()).draw(8, torch.Generator().manual_seed(3)) for _ in range(2))
    for name, value in vars(first).items():
        torch.testing.assert_close(value, getattr(second, name), equal_nan=True)


def test_a_short_trial_is_padded_with_what_is_not_recorded():
    batch = sampler(make((10,), ("a",))).draw(4, torch.Generator().manual_seed(0))
    assert (batch.recorded[:, :10] == 1).all()
    assert (batch.recorded[:, 10:] == 0).all()
    assert (batch.known[:, 10:] == 0).all()


def test_hidden_numbers_are_not_given_but_asked_for():
    def hide_first(windows, _generator):
        known = torch.ones(windows, 30, CHANNELS, dtype=torch.bool)
        known[..., 0] = False
        return known, torch.zeros(windows, dtype=torch.bool)

    batch = sampler(make(), hide_first).draw(16, torch.Generator().manual_seed(0))
    assert (batch.given[..., 0] == 0).all()
    assert (batch.known[..., 0] == 0).all()
    assert (batch.recorded[..., 0] == 1).all()


def test_without_the_upper_body_the_required_force_is_that_without_it():
    def bare(windows, generator):
        known, _ = everything_known(windows, generator)
        return known, torch.ones(windows, dtype=torch.bool)

    batch = sampler(make(), bare).draw(16, torch.Generator().manual_seed(0))
    assert (batch.given[..., -1] >= 100).all()


def test_half_of_the_windows_are_mirrored():
    values = torch.zeros(60, CHANNELS)
    values[:, 0], values[:, 2] = 1.0, 2.0
    own = Sequences([values], [torch.zeros(60, 1)], [torch.zeros(2)], ["a"], ["p"])
    batch = sampler(own, mirror=MIRROR).draw(2000, torch.Generator().manual_seed(0))
    mirrored = batch.states[:, 0, 1] == 1.0
    assert float(mirrored.float().mean()) == pytest.approx(0.5, abs=0.05)
    assert (batch.states[mirrored][:, :, 2] == -2.0).all()
    assert (batch.states[~mirrored][:, :, 0] == 1.0).all()


def test_what_is_known_of_the_person_is_forgotten_sometimes():
    batch = sampler(make((60,), ("a",)), forget_person=0.3).draw(2000, torch.Generator().manual_seed(0))
    assert float(torch.isnan(batch.person[:, 0]).float().mean()) == pytest.approx(0.3, abs=0.04)
    assert torch.isnan(batch.person[:, 1]).all()


def test_a_scale_makes_standard_scores_and_ignores_what_was_not_recorded():
    torch.manual_seed(0)
    values = 3.0 + 2.0 * torch.randn(4000, CHANNELS)
    values[::2, 1] = torch.nan
    own = Sequences([values], [torch.zeros(4000, 1)], [torch.zeros(2)], ["a"], ["p"])
    scores = Scale.fit(own).scores(values)
    assert torch.nanmean(scores, dim=0).abs().max() < 1e-3
    assert float(scores[:, 0].std()) == pytest.approx(1.0, abs=0.01)


def test_nothing_to_learn_from_is_refused():
    with pytest.raises(ValueError, match="no trial to learn from"):
        sampler(Sequences([], [], [], [], []))
