"""COVID-SegNet against its description: wiring by known answers, shapes, the window."""

import pytest
import torch
from torch import nn

from train.networks.attention import FeatureVariation, channel_attention, contrast_enhancement, position_sensitive
from train.networks.blocks import Residual
from train.networks.covid_segnet import CovidSegNet, Up
from train.networks.pyramid import ASPP, PASPP, ResASPP

WINDOW = (-1250, 250)


def set_constant(module: nn.Module, value: float = 0.0) -> None:
    """Sets all weights and biases, and makes the normalisations pass values through unchanged."""
    for part in module.modules():
        if isinstance(part, nn.BatchNorm3d):
            part.eps = 0.0
        elif isinstance(part, nn.Conv3d | nn.ConvTranspose3d):
            nn.init.constant_(part.weight, value)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
    module.eval()


def set_identity(conv: nn.Conv3d) -> None:
    """Makes a convolution copy channel i to channel i (modulo its inputs)."""
    nn.init.zeros_(conv.weight)
    middle = tuple(k // 2 for k in conv.kernel_size)
    for out in range(conv.out_channels):
        conv.weight.data[(out, out % conv.in_channels, *middle)] = 1.0


@pytest.mark.parametrize("size", [(8, 8, 8), (8, 16, 24)])
def test_output_has_the_inputs_size(size):
    network = CovidSegNet(4, WINDOW).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 1, *size)).shape == (2, 3, *size)


def test_channels_double_down_and_halve_up():
    network = CovidSegNet(64, WINDOW)
    assert [layer[0].second[0].out_channels for layer in network.encoder] == [64, 128, 256]
    assert network.bottom[0].second[0].out_channels == 512
    assert [layer.block.second[0].out_channels for layer in network.decoder] == [256, 128, 64]
    assert not any(isinstance(m, FeatureVariation) for m in network.bottom.modules())


def test_window_is_in_the_network():
    """Beyond the window nothing changes, inside it does."""
    network = CovidSegNet(4, WINDOW).eval()
    at = {hu: network(torch.full((1, 1, 8, 8, 8), float(hu))) for hu in (-3000, -1250, -500, 250, 3000)}
    assert torch.equal(at[-3000], at[-1250])
    assert torch.equal(at[250], at[3000])
    assert not torch.equal(at[-500], at[250])


def test_window_low_first():
    with pytest.raises(ValueError, match="low end first"):
        CovidSegNet(4, (250, -1250))


def test_residual_adds_its_input():
    """With zero convolutions only the input is left, rectified."""
    block = Residual(2, 2)
    set_constant(block)
    x = torch.tensor([-1.0, 2.0]).view(1, 2, 1, 1, 1)
    assert block(x).flatten().tolist() == [0.0, 2.0]


def test_residual_projects_where_channels_change():
    block = Residual(2, 3)
    set_constant(block)
    nn.init.ones_(block.shortcut[0].weight)
    assert block.shortcut[0].kernel_size == (1, 1, 1)
    assert block(torch.ones(1, 2, 1, 1, 1)).flatten().tolist() == [2.0, 2.0, 2.0]


def fv_with_known_gates() -> FeatureVariation:
    """One channel; F1 = input, both gates sigmoid of what the test sets, fusion = sum of its three inputs."""
    block = FeatureVariation(1)
    set_constant(block)
    set_identity(block.features)
    block.fuse[0].weight.data[0, :, 1, 1, 1] = 1.0
    return block


def test_fv_with_both_gates_half_open():
    """Zero in front of a sigmoid is 1/2: x + (x/2 + x/2 + x) = 3x."""
    assert fv_with_known_gates()(torch.tensor([2.0]).view(1, 1, 1, 1, 1)).item() == pytest.approx(6.0)


def test_fv_contrast_is_one_weight_of_the_global_mean():
    """Contrast gate = sigmoid(mean): voxels 1 and 3 have mean 2, so x + (s(2) + 1/2 + 1) x."""
    block = fv_with_known_gates()
    nn.init.ones_(block.contrast.weight)
    x = torch.tensor([1.0, 3.0]).view(1, 1, 1, 1, 2)
    gate = torch.sigmoid(torch.tensor(2.0)).item()
    assert block(x).flatten().tolist() == pytest.approx([(2.5 + gate) * 1, (2.5 + gate) * 3])


def test_fv_contrast_weighs_all_channels_alike():
    assert FeatureVariation(8).contrast.out_channels == 1


def test_fv_position_is_a_map():
    """Position gate = sigmoid(relu(x)) voxel by voxel: x + (1/2 + s(relu(x)) + 1) x; the ReLU shows at -1."""
    block = fv_with_known_gates()
    set_identity(block.position[0][0])
    set_identity(block.position[1])
    x = torch.tensor([-1.0, 3.0]).view(1, 1, 1, 1, 2)
    gates = torch.sigmoid(torch.tensor([0.0, 3.0]))
    assert block(x).flatten().tolist() == pytest.approx(((2.5 + gates) * x.flatten()).tolist())


def test_fv_fuses_contrast_position_and_features_in_this_order():
    block = fv_with_known_gates()
    nn.init.constant_(block.contrast.bias, 100.0)  # gate 1
    nn.init.constant_(block.position[1].bias, -100.0)  # gate 0
    block.fuse[0].weight.data[0, :, 1, 1, 1] = torch.tensor([10.0, 100.0, 1000.0])
    assert block(torch.ones(1, 1, 1, 1, 1)).item() == pytest.approx(1 + 10 + 0 + 1000)


def test_cab_weighs_each_channel_by_its_own_mean():
    """Gates s(mean of the channel), in place of CEB's one of all: x + s(m) x + x."""
    block = channel_attention(2)
    set_constant(block)
    set_identity(block.features)
    set_identity(block.contrast)
    for channel in range(2):
        block.fuse[0].weight.data[channel, [channel, 2 + channel], 1, 1, 1] = 1.0
    x = torch.tensor([[1.0, 3.0], [-4.0, 0.0]]).view(1, 2, 1, 1, 2)
    gates = torch.sigmoid(torch.tensor([2.0, -2.0])).view(1, 2, 1, 1, 1)
    torch.testing.assert_close(block(x), (2 + gates) * x)


@pytest.mark.parametrize(
    ("make", "gate", "reason"),
    [
        (contrast_enhancement, "contrast", "CEB: the gate is sigmoid(mean) = s(2)"),
        (position_sensitive, "position", "PSB: the gate is sigmoid(relu(x)) = s(1), s(3)"),
    ],
)
def test_branches_alone(make, gate, reason):
    block = make(1)
    set_constant(block)
    set_identity(block.features)
    if gate == "contrast":
        nn.init.ones_(block.contrast.weight)
        gates = torch.sigmoid(torch.tensor([2.0, 2.0]))
    else:
        set_identity(block.position[0][0])
        set_identity(block.position[1])
        gates = torch.sigmoid(torch.tensor([1.0, 3.0]))
    block.fuse[0].weight.data[0, :, 1, 1, 1] = 1.0
    x = torch.tensor([1.0, 3.0]).view(1, 1, 1, 1, 2)
    assert block(x).flatten().tolist() == pytest.approx(((2 + gates) * x.flatten()).tolist()), reason


@pytest.mark.parametrize(
    ("make", "want", "reason"),
    [
        (ASPP, [10.0, 40.0, 90.0, 160.0], "outputs alone"),
        (ResASPP, [11.0, 42.0, 93.0, 164.0], "each output plus its own input"),
        (PASPP, [13.0, 43.0, 97.0, 167.0], "outputs 10·1+3, 20·2+3, 30·3+7, 40·4+7: plus the inputs of the pair"),
    ],
)
def test_pyramids_join_their_branches(make, want, reason):
    """Branch inputs 1, 2, 3, 4; atrous gains 10, 20, 30, 40 at the centre.

    One voxel, so that only the centres of the kernels see it; every fusion copies or sums channels.
    """
    block = make(4)
    set_constant(block)
    for i in range(4):
        block.reduce[i][0].weight.data[0, i] = 1.0
        block.atrous[i][0].weight.data[0, 0, 1, 1, 1] = 10.0 * (i + 1)
    for pair in getattr(block, "pairs", []):
        set_identity(pair[0])
    set_identity(block.fuse[0])
    x = torch.tensor([1.0, 2.0, 3.0, 4.0]).view(1, 4, 1, 1, 1)
    assert block(x).flatten().tolist() == pytest.approx(want), reason


@pytest.mark.parametrize("branch", range(4))
def test_paspp_dilations(branch):
    """An impulse through a branch comes out 1, 2, 4 or 8 voxels away along every axis, and nowhere between."""
    dilation = (1, 2, 4, 8)[branch]
    block = PASPP(4)
    set_constant(block)
    atrous = block.atrous[branch]
    nn.init.ones_(atrous[0].weight)
    x = torch.zeros(1, 1, 17, 17, 17)
    x[0, 0, 8, 8, 8] = 1.0
    lit = atrous(x)[0, 0].nonzero()
    assert sorted({int(v) for v in lit.flatten()}) == [8 - dilation, 8, 8 + dilation]
    assert len(lit) == 27


def test_up_doubles_and_concatenates_the_skip():
    """A one goes to 2x2x2 voxels; the block's shortcut then adds 10 times the skip."""
    up = Up(2, 1)
    set_constant(up)
    up.up[0].weight.data[0, 0] = 1.0
    up.block.shortcut[0].weight.data[0, :, 0, 0, 0] = torch.tensor([1.0, 10.0])
    out = up(torch.tensor([1.0, 5.0]).view(1, 2, 1, 1, 1), torch.full((1, 1, 2, 2, 2), 3.0))
    assert out.shape == (1, 1, 2, 2, 2)
    assert out.unique().tolist() == [31.0]
