"""The configuration is read strictly, and its defaults are the paper's."""

import re
from pathlib import Path

import pytest

from train.config import Config, ConfigError, from_dict, load, parse, to_dict

CONFIGS = Path(__file__).parents[2] / "configs"


@pytest.mark.parametrize("name", ["train-demo.yaml", "train-paper.yaml"])
def test_committed_configurations_load(name):
    load(CONFIGS / name)


def test_defaults_are_the_papers():
    config = Config(name="x", steps=1)
    o = config.optimizer
    assert (config.width, config.batch_size, config.patch_size) == (64, 2, (128, 128, 64))
    assert (config.loss.dice, config.loss.cross_entropy) == (0.5, 0.5)
    assert (o.learning_rate, o.decay, o.beta1, o.beta2, o.epsilon) == (1e-4, 1e-6, 0.9, 0.999, 1e-8)
    assert config.augmentation.flip_axes == ()
    assert max(v for k, v in vars(config.augmentation).items() if k not in ("flip_axes", "probability")) == 0


def test_settings_take_the_place_of_the_files():
    text = "name: x\nsteps: 1\nloss: {dice: 0.5}\n"
    config = parse(text, settings=["network=unet", "steps=3", "loss.dice=0.7", "optimizer.warm_up=0.2", "cohorts=[a]"])
    assert (config.network, config.width, config.steps, config.cohorts) == ("unet", 64, 3, ("a",))
    assert (config.loss.dice, config.loss.cross_entropy, config.optimizer.warm_up) == (0.7, 0.5, 0.2)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("steps", "'steps': want KEY=VALUE"),
        ("=1", "'=1': want KEY=VALUE"),
        ("steps=", "'steps=': want KEY=VALUE"),
        ("steps=many", "steps: 'many': want a whole number"),
        ("step=3", "step: unknown key"),
        ("steps.x=3", "the configuration has no keys there"),
        ("a.b.c=3", "a: unknown key"),
        ("steps=[", "while parsing"),
    ],
)
def test_faults_of_settings(setting, message):
    with pytest.raises(ConfigError, match=re.escape(message)):
        parse("name: x\nsteps: 1\n", settings=[setting])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name: x\nsteps: 1\nwitdh: 8\n", "c.yaml:3: witdh: unknown key"),
        ("name: x\nsteps: 1\noptimizer: {lr: 1}\n", "c.yaml:3: optimizer.lr: unknown key"),
        ("name: x\nsteps: many\n", "c.yaml:2: steps: 'many': want a whole number"),
        ("name: x\n", "want steps, minutes or both"),
        ("steps: 1\n", "c.yaml:1: name: missing"),
        ("name: x\nsteps: 1\npatch_size: [64, 64, 50]\n", "c.yaml:3: patch_size: want x, y, z, each a multiple of 8"),
        ("name: x\nsteps: 1\nwindow_hu: [250, -1250]\n", "c.yaml:3: window_hu: want low, high"),
        ("name: x\nname: y\nsteps: 1\n", "c.yaml:2: name: given twice"),
        ("name: x\nsteps: 1\ncohorts: china\n", "c.yaml:3: cohorts: want a list"),
        (
            "name: x\nsteps: 1\nnetwork: resnet\n",
            "c.yaml:3: network: 'resnet': want one of covid_segnet, fcn, unet, vnet, unetpp, unet4, ",
        ),
        ("name: x\nsteps: 1\ntask: lungs\n", "c.yaml:3: task: 'lungs': want one of both, lung, infection"),
        ("name: x\nsteps: 1\nprecision: int8\n", "c.yaml:3: precision: 'int8': want one of fp32, bf16, fp16"),
        (
            "name: x\nsteps: 1\nnetwork: fcn\npatch_size: [64, 64, 40]\n",
            "c.yaml:4: patch_size: want x, y, z, each a mult",
        ),
        (
            "name: x\nsteps: 1\nvalidation: {fraction: 0, patience: 3}\n",
            "c.yaml:3: validation: patience needs a fraction",
        ),
        ("name: x\nsteps: 1\nloss: 1\n", "c.yaml:3: loss: want keys and values"),
        ("", "the file is empty"),
        ("name: [", "c.yaml: while parsing"),
    ],
)
def test_faults_name_their_line(text, message):
    with pytest.raises(ConfigError) as caught:
        parse(text, "c.yaml")
    assert message in str(caught.value)


def test_all_faults_come_at_once():
    with pytest.raises(ConfigError) as caught:
        parse("name: x\nsteps: many\nwitdh: 8\nloss: {dice: a}\n")
    assert len(str(caught.value).splitlines()) == 3


def test_exponents_without_a_dot_are_numbers():
    """YAML 1.1 reads 1e-4 as text."""
    assert parse("name: x\nsteps: 1\noptimizer: {learning_rate: 1e-4}\n").optimizer.learning_rate == 1e-4


def test_width_is_the_authors_where_left_out():
    widths = {"covid_segnet": 64, "fcn": 64, "unet": 64, "vnet": 16, "unetpp": 32, "unet4_cab": 64}
    assert {n: parse(f"name: x\nsteps: 1\nnetwork: {n}\n").width for n in widths} == widths


def test_checkpoint_keeps_the_configuration():
    config = load(CONFIGS / "train-demo.yaml")
    assert from_dict(to_dict(config)) == config
