"""All networks: counts against published and independent ones, shapes, what each is made of."""

import json

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from train.networks import NETWORKS, build, kind
from train.networks.__main__ import counts, main
from train.networks.count import count_macs
from train.networks.covid_segnet import ABLATION
from train.networks.fcn import linear_up
from train.networks.vnet import Stage

WINDOW = (-1250, 250)
PATCH = (128, 128, 64)


@pytest.mark.parametrize(
    ("width", "parameters", "giga_macs"),
    [(64, 36_874_374, 1938), (32, 9_223_238, 485), (16, 2_308_134, 121), (8, 578_198, 30)],
    ids=["width 64: the paper's, 36.9 M", "32", "16", "8: the demo's"],
)
def test_counts_of_covid_segnet(width, parameters, giga_macs):
    got = counts("covid_segnet", width, PATCH)
    assert got["parameters"] == parameters
    assert int(got["macs"] / 1e9) == giga_macs


def test_unet_has_as_many_parameters_as_its_paper_says():
    """Çiçek et al.: 19,069,955, with three channels in, a bias a convolution and no weights of normalisations.

    Here there is one channel in, and a normalisation's two weights a channel take the place of the bias.
    """
    normalised = 2 * (64 + 128 + 256) + 32 + 64 + 128 + 256 + 64 + 128 + 256 + 512
    more_channels_in = 27 * 32 * 2
    assert counts("unet", 64, PATCH)["parameters"] == 19_069_955 - more_channels_in + normalised


def test_unetpp_by_hand():
    """Node (i, j) has (j + 1) C_i channels in, but j = 0; two convolutions of 27 taps; an up-convolution of 8."""
    c = [32 << i for i in range(5)]
    want = 3 * 32 + 3
    for i in range(5):
        want += 27 * ([1, *c][i] * c[i] + c[i] * c[i]) + 4 * c[i]
        for j in range(1, 5 - i):
            want += 27 * ((j + 1) * c[i] * c[i] + c[i] * c[i]) + 4 * c[i] + 8 * 2 * c[i] * c[i] + 2 * c[i]
    assert counts("unetpp", 32, PATCH)["parameters"] == want


def test_the_ablation_adds_up():
    """UNet4, what FV adds and what PASPP adds make the whole network; the two plain pyramids differ in sums alone."""
    n = {name: counts(name, 64, (8, 8, 8))["parameters"] for name in ("covid_segnet", *ABLATION)}
    base = n["unet4"]
    assert n["covid_segnet"] - base == (n["unet4_fv"] - base) + (n["unet4_paspp"] - base)
    assert n["unet4_aspp"] == n["unet4_resaspp"]
    assert n["unet4_paspp"] - n["unet4_aspp"] == 2 * (256 * 256 + 2 * 256), "two fusions of pairs"
    assert n["unet4_cab"] - n["unet4_ceb"] == sum(c * (c - 1) + c - 1 for c in (64, 128, 256)), "a gate a channel"


@pytest.mark.parametrize("name", ["covid_segnet", "fcn", "unet", "vnet", "unetpp"])
def test_macs_agree_with_pytorchs_own_counter(name):
    with torch.device("meta"):
        network = build(name, 4, WINDOW, 3)
        with FlopCounterMode(display=False) as counter:
            network(torch.empty(1, 1, 16, 32, 16))
    assert counter.get_total_flops() == 2 * count_macs(network, (16, 32, 16))


def test_counts_by_hand():
    """A convolution of 3x3x3 over 8 voxels, 1 to 3 channels; a transposed one gives each voxel one tap."""
    assert count_macs(nn.Sequential(nn.Conv3d(1, 3, 3, padding=1)), (2, 2, 2)) == 8 * 27 * 3
    assert count_macs(nn.Sequential(nn.ConvTranspose3d(1, 3, 2, stride=2)), (2, 2, 2)) == 64 * 3


def test_command_prints_counts(capsys):
    main(["--network", "covid_segnet", "--width", "8", "--size", "64,64,48", "--json"])
    assert json.loads(capsys.readouterr().out) == {
        "network": "covid_segnet",
        "width": 8,
        "size_xyz": [64, 64, 48],
        "parameters": 578198,
        "macs": 5720899640,
    }


def test_command_prints_all_at_their_authors_width(capsys):
    main(["--size", "16,16,16"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[1:]] == list(NETWORKS)
    assert lines[4].split()[:3] == ["vnet", "16", "65,178,803"]


@pytest.mark.parametrize("name", NETWORKS)
def test_output_has_the_inputs_size_at_any_multiple(name):
    network = build(name, 2, WINDOW, 2).eval()
    m = kind(name).size_multiple
    with torch.no_grad():
        assert network(torch.zeros(2, 1, m, 2 * m, m)).shape == (2, 2, m, 2 * m, m)


@pytest.mark.parametrize("name", NETWORKS)
def test_every_weight_learns(name):
    """No part is left out of the way from input to output."""
    network = build(name, 2, WINDOW, 3)
    hu = torch.rand(2, 1, 32, 32, 32) * 1500 - 1250
    loss = network(hu).square().mean()
    loss.backward()
    unused = [n for n, p in network.named_parameters() if p.grad is None]
    assert unused == []


def test_fcn_upsampling_begins_linear():
    """A ramp stays a ramp inside: sample k of factor 4 lies at (k - 1.5) / 4."""
    up = linear_up(1, 4)
    x = torch.arange(6.0).view(1, 1, 1, 1, 6).expand(1, 1, 4, 4, 6)
    got = up(x)[0, 0, 8, 8]
    want = (torch.arange(24.0) - 1.5) / 4
    torch.testing.assert_close(got[4:-4], want[4:-4])


def test_vnet_stage_adds_before_the_last_activation():
    """With zero convolutions the residual alone is left, through the PReLU of slope 1/4."""
    stage = Stage(1, 2, 3).eval()
    for m in stage.modules():
        if isinstance(m, nn.Conv3d):
            nn.init.zeros_(m.weight)
    x = torch.tensor([-4.0, 2.0]).view(1, 1, 1, 1, 2)
    assert stage(x, x)[0, 1].flatten().tolist() == [-1.0, 2.0]


def test_unetpp_nodes_take_all_before_them():
    network = build("unetpp", 2, WINDOW, 3)
    assert {name: node[0][0].in_channels for name, node in network.nodes.items() if name[0] == "0"} == {
        "0_0": 1,
        "0_1": 2 * 2,
        "0_2": 3 * 2,
        "0_3": 4 * 2,
        "0_4": 5 * 2,
    }
