import pytest
import torch

from gaitbook.representation.overlap import cut_windows, merge_windows, window_starts


@pytest.mark.parametrize("frames", [1, 40, 149, 150, 151, 224, 225, 400, 1000])
def test_windows_of_a_sequence_merge_to_the_sequence(frames):
    sequence = torch.randn(2, frames, 3)
    windows = cut_windows(sequence, 150, fill=0.0)
    assert windows.shape[-2:] == (150, 3)
    torch.testing.assert_close(merge_windows(windows, frames), sequence)


@pytest.mark.parametrize("frames", [150, 151, 400, 6000])
def test_every_frame_is_covered_and_the_last_window_ends_with_the_trial(frames):
    starts = window_starts(frames, 150)
    covered = torch.zeros(frames, dtype=torch.int)
    for start in starts:
        covered[start : start + 150] += 1
    assert covered.min() >= 1
    assert covered.max() <= 3
    assert starts[-1] + 150 == frames


def test_the_number_of_windows_grows_with_the_length_and_no_faster():
    assert len(window_starts(6000, 150)) == pytest.approx(10 * len(window_starts(600, 150)), rel=0.15)


def test_a_short_trial_is_padded_with_what_is_not_known():
    windows = cut_windows(torch.ones(100, 2), 150)
    assert windows.shape == (1, 150, 2)
    assert torch.isnan(windows[0, 100:]).all()


def test_where_windows_disagree_the_nearer_to_its_middle_weighs_more():
    windows = torch.stack([torch.zeros(150, 1), torch.ones(150, 1)])
    merged = merge_windows(windows, 225)[:, 0]
    assert (merged[:75] == 0).all()
    assert (merged[150:] == 1).all()
    assert merged[75:150].diff().min() > 0


def test_draws_that_share_a_field_of_noise_are_as_varied_where_windows_overlap():
    noise = torch.randn(400, 600, 1, generator=torch.Generator().manual_seed(0))
    merged = merge_windows(cut_windows(noise, 150), 600)
    torch.testing.assert_close(merged, noise)
