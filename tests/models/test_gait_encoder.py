import pytest
import torch

from gaitbook.models.dual_stream import DualStreamEncoder, DualStreamSize
from gaitbook.models.gait_encoder import EncoderSize, GaitEncoder
from gaitbook.models.skeleton_masking import Masking, draw_hidden, hide_groups

GROUPS = (4, 4, 2, 3, 0, 1, 5, 5, 5)
ENCODERS = {
    "fast": lambda: GaitEncoder(EncoderSize(GROUPS, width=16, depth=2, heads=2)),
    "paper": lambda: DualStreamEncoder(DualStreamSize(GROUPS, width=16, bottleneck=4, depth=1, heads=2)),
}


@pytest.fixture(params=ENCODERS)
def encoder(request):
    torch.manual_seed(0)
    return ENCODERS[request.param]().eval()


def windows(count=2, frames=32):
    return torch.randn(count, frames, len(GROUPS), 4, generator=torch.Generator().manual_seed(1))


def nothing_hidden(shown):
    return torch.zeros(shown.shape[:3], dtype=torch.bool)


def test_a_place_is_read_for_every_joint_and_frame(encoder):
    shown = windows()
    assert encoder.reconstruct(encoder(shown, nothing_hidden(shown))).shape == (2, 32, len(GROUPS), 3)


def test_every_part_of_the_body_has_features(encoder):
    shown = windows()
    parts = encoder.parts(encoder(shown, nothing_hidden(shown)))
    assert parts.shape[0] == 2
    assert parts.shape[2:] == (6, 16)


def test_what_is_hidden_cannot_be_seen(encoder):
    first, second = windows(), windows()
    torso = torch.tensor([group == 4 for group in GROUPS])
    second[:, :, torso] += 3.0
    hidden = torso.expand(2, 32, -1)
    torch.testing.assert_close(encoder(first, hidden), encoder(second, hidden))
    assert not torch.allclose(
        encoder(first, nothing_hidden(first)), encoder(second, nothing_hidden(second)), atol=1e-3
    )


def test_windows_do_not_see_each_other(encoder):
    shown = windows(3)
    together = encoder(shown, nothing_hidden(shown))
    alone = encoder(shown[1:2], nothing_hidden(shown[1:2]))
    torch.testing.assert_close(together[1:2], alone, atol=1e-5, rtol=1e-4)


def test_the_order_in_time_matters(encoder):
    shown = windows(1)
    there = encoder.parts(encoder(shown, nothing_hidden(shown))).mean(dim=1)
    back = encoder.parts(encoder(shown.flip(1), nothing_hidden(shown))).mean(dim=1)
    assert not torch.allclose(there, back, atol=1e-4)


def test_the_network_of_the_paper_has_its_size():
    groups = tuple(range(6)) * 4 + (0, 1)
    network = DualStreamEncoder(DualStreamSize(groups))
    assert sum(weight.numel() for weight in network.parameters()) == pytest.approx(3.2e6, rel=0.01)


def test_joints_come_out_in_the_order_in_which_they_went_in():
    network = GaitEncoder(EncoderSize((1, 0, 1, 0), width=8, depth=0, heads=2, frames=2))
    features = torch.zeros(1, 1, 2, 8)
    features[:, :, 1] = 1.0
    found = network.reconstruct(features)
    assert found[:, :, [0, 2]].any()
    assert not found[:, :, [1, 3]].any()


def test_four_of_six_groups_are_hidden_for_a_while():
    groups = torch.tensor(GROUPS)
    hidden = draw_hidden(200, 64, groups, Masking(frame_share=0.0), torch.Generator().manual_seed(0))
    of_group = torch.stack([hidden[..., groups == each].all(dim=-1) for each in range(6)], dim=-1)
    assert (of_group.sum(dim=-1) == 4).all()
    changes = (of_group[:, 1:] != of_group[:, :-1]).any(dim=-1).sum(dim=1)
    assert changes.max() <= 4


def test_some_windows_hide_the_same_groups_from_beginning_to_end():
    groups = torch.tensor(GROUPS)
    masking = Masking(frame_share=0.0, whole_share=1.0)
    hidden = draw_hidden(50, 64, groups, masking, torch.Generator().manual_seed(0))
    assert (hidden == hidden[:, :1]).all()
    assert not hidden.flatten(1).all(dim=1).any()
    assert hidden.flatten(1).any(dim=1).all()


def test_single_frames_are_hidden_whole():
    masking = Masking(hidden_groups=0, frame_share=0.25)
    hidden = draw_hidden(100, 64, torch.tensor(GROUPS), masking, torch.Generator().manual_seed(0))
    assert (hidden.all(dim=-1) == hidden.any(dim=-1)).all()
    assert hidden.float().mean() == pytest.approx(0.25, abs=0.03)


def test_named_groups_stay_hidden():
    hidden = hide_groups(2, 8, torch.tensor(GROUPS), (5, 0))
    assert (hidden == torch.tensor([group in (0, 5) for group in GROUPS])).all()
