"""The training configuration: one YAML file into frozen dataclasses, strictly.

An unknown key, a missing key or a bad value is an error with its line, and all errors come at once.
Defaults are the paper's settings; where the paper is silent README.md gives the reason.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from train.networks import NETWORKS, kind

TASKS = {
    "both": ("background", "lung", "infection"),
    "lung": ("background", "lung"),
    "infection": ("background", "infection"),
}
"""The classes of each task. Alone, lung holds its infection, as the paper scores it."""

PRECISIONS = ("fp32", "bf16", "fp16")


class ConfigError(ValueError):
    """One or more faults of a configuration file, a line each."""


@dataclass(frozen=True)
class Loss:
    dice: float = 0.5
    cross_entropy: float = 0.5


@dataclass(frozen=True)
class Optimizer:
    """Adam. `decay` divides the rate by 1 + decay x step, which is what Keras calls decay."""

    learning_rate: float = 1e-4
    decay: float = 1e-6
    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    schedule: str = "constant"  # or one_cycle: linear warm-up, then a cosine down to a thousandth
    warm_up: float = 0.1  # one_cycle: the part of the budget in which the rate rises


@dataclass(frozen=True)
class Augmentation:
    """Random changes of a training crop; 0 and empty are off, as in the paper, which names none."""

    flip_axes: tuple[str, ...] = ()  # any of x, y, z; each with probability 1/2
    shift_hu: float = 0.0  # uniform in +-shift, added to the crop
    scale_hu: float = 0.0  # uniform in 1 +- scale, about -1000 HU (air)
    noise_hu: float = 0.0  # standard deviation, uniform from 0 to this
    blur_voxels: float = 0.0  # Gaussian sigma, uniform from 0 to this
    resize: float = 0.0  # uniform in 1 +- resize, an axis each
    probability: float = 0.5  # of noise, blur and resize, each


@dataclass(frozen=True)
class Validation:
    """Scores on training patients that are held out. Test patients are never read here."""

    fraction: float = 0.1  # of the training patients; 0 trains on all
    every_steps: int = 1000
    patches: int = 64  # at most, spread evenly over the held-out patches
    patience: int = 0  # validations without a better mean Dice that end training, with the best weights; 0 is off


@dataclass(frozen=True)
class Config:
    name: str
    network: str = "covid_segnet"
    width: int | None = None  # channels of the first layer; the authors' own where left out
    task: str = "both"  # lung and infection in one head, or either alone: lung, infection
    spacing_mm: tuple[float, ...] = (1.0, 1.0, 1.0)
    window_hu: tuple[float, ...] = (-1250.0, 250.0)
    patch_size: tuple[int, ...] = (128, 128, 64)  # x, y, z of the training crop
    cohorts: tuple[str, ...] = ()  # empty: every cohort that has a training split
    seed: int = 1
    batch_size: int = 2  # of each process
    precision: str = "fp32"  # of the forward pass: bf16 and fp16 are mixed, weights stay fp32
    steps: int | None = None  # the budget; where both are given, whichever is used up first
    minutes: float | None = None
    threads: int = 0  # of the CPU; 0 is one a core
    workers: int = 1  # threads that prepare batches
    shuffle_groups: int = 64  # row groups that are shuffled together
    cache_mib: int = 1024  # decoded row groups kept in memory
    checkpoint_minutes: float = 5.0
    average_decay: float = 0.0  # of the exponential moving average of the weights; 0 is off
    loss: Loss = field(default_factory=Loss)
    optimizer: Optimizer = field(default_factory=Optimizer)
    augmentation: Augmentation = field(default_factory=Augmentation)
    validation: Validation = field(default_factory=Validation)

    def __post_init__(self):
        if self.width is None and self.network in NETWORKS:
            object.__setattr__(self, "width", kind(self.network).authors_width)

    @property
    def classes(self) -> tuple[str, ...]:
        return TASKS[self.task]


def load(path: str | Path, settings: Sequence[str] = ()) -> Config:
    """Returns the configuration in the YAML file at `path`, or raises ConfigError with every fault.

    `settings` are KEY=VALUE, such as loss.dice=0.7, and take the place of what the file says.
    """
    return parse(Path(path).read_text(encoding="utf-8"), Path(path).name, settings)


def parse(text: str, name: str = "configuration", settings: Sequence[str] = ()) -> Config:
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        for setting in settings:
            _set(root, setting)
    except yaml.YAMLError as e:
        raise ConfigError(f"{name}: {e}") from e
    faults: list[tuple[int, str]] = []
    values = _read(Config, root, "", faults) if root is not None else None
    if root is None:
        faults.append((1, "the file is empty"))
    if values is not None and not faults:
        faults += [(_line_of(root, key), message) for key, message in _check(values)]
    if faults:
        raise ConfigError("\n".join(f"{name}:{line}: {message}" for line, message in sorted(faults)))
    return values


def _set(root: yaml.Node | None, setting: str) -> None:
    """Puts KEY=VALUE, whose key has a dot a level, into the document."""
    path, equals, text = setting.partition("=")
    value = yaml.compose(text, Loader=yaml.SafeLoader)
    if not path or not equals or value is None:
        raise ConfigError(f"{setting!r}: want KEY=VALUE, as in steps=100 or loss.dice=0.7")
    *outer, last = path.split(".")
    for key in outer:
        root = _child(root, key)
    if not isinstance(root, yaml.MappingNode):
        raise ConfigError(f"{setting!r}: the configuration has no keys there")
    root.value[:] = [(key, node) for key, node in root.value if key.value != last]
    root.value.append((yaml.compose(last, Loader=yaml.SafeLoader), value))


def _child(mapping: yaml.Node | None, key: str) -> yaml.Node | None:
    """Returns the value of a key of a mapping, an empty mapping put there where it is missing."""
    if not isinstance(mapping, yaml.MappingNode):
        return None
    for known, node in mapping.value:
        if known.value == key:
            return node
    mapping.value.append((yaml.compose(key, Loader=yaml.SafeLoader), yaml.compose("{}", Loader=yaml.SafeLoader)))
    return mapping.value[-1][1]


def to_dict(config: Config) -> dict:
    """Returns plain values, as a checkpoint keeps them; `from_dict` is its inverse."""
    return dataclasses.asdict(config)


def from_dict(values: dict) -> Config:
    return parse(yaml.safe_dump(_plain(values)), "checkpoint")


def to_yaml(config: Config) -> str:
    return yaml.safe_dump(_plain(to_dict(config)), sort_keys=False, default_flow_style=None)


def _plain(value):
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items() if v is not None}
    return [_plain(v) for v in value] if isinstance(value, tuple | list) else value


def _read(kind: type, node: yaml.Node, where: str, faults: list):
    """Returns a `kind` read from a mapping node, or None after adding to `faults`."""
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        faults.append((line, f"{where or 'the file'}: want keys and values"))
        return None
    fields = {f.name: f for f in dataclasses.fields(kind)}
    hints = typing.get_type_hints(kind)
    before, values = len(faults), {}
    for key_node, value_node in node.value:
        key, at = key_node.value, key_node.start_mark.line + 1
        path = f"{where}.{key}" if where else str(key)
        if key not in fields:
            faults.append((at, f"{path}: unknown key; known: {', '.join(fields)}"))
        elif key in values:
            faults.append((at, f"{path}: given twice"))
        else:
            values[key] = _value(hints[key], value_node, path, faults)
    for f in fields.values():
        required = f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING
        if required and f.name not in values:
            faults.append((line, f"{where}.{f.name}".lstrip(".") + ": missing"))
    return None if len(faults) > before else kind(**values)


def _value(kind, node: yaml.Node, path: str, faults: list):
    if dataclasses.is_dataclass(kind):
        return _read(kind, node, path, faults)
    if isinstance(kind, types.UnionType):
        if node.tag == "tag:yaml.org,2002:null":
            return None
        kind = typing.get_args(kind)[0]
    line = node.start_mark.line + 1
    if typing.get_origin(kind) is tuple:
        if not isinstance(node, yaml.SequenceNode):
            faults.append((line, f"{path}: want a list"))
            return ()
        return tuple(_value(typing.get_args(kind)[0], item, path, faults) for item in node.value)
    if not isinstance(node, yaml.ScalarNode):
        faults.append((line, f"{path}: want one value"))
        return None
    try:
        return kind(node.value)
    except ValueError:
        want = {int: "a whole number", float: "a number"}[kind]
        faults.append((line, f"{path}: {node.value!r}: want {want}"))
        return None


def _check(c: Config) -> list[tuple[str, str]]:
    """Returns (key, message) of every value that is well formed and wrong."""
    o, a, v = c.optimizer, c.augmentation, c.validation
    multiple = kind(c.network).size_multiple if c.network in NETWORKS else 1
    rules = [
        ("network", c.network in NETWORKS, f"{c.network!r}: want one of {', '.join(NETWORKS)}"),
        ("width", c.width is None or c.width >= 1, "want at least 1"),
        ("task", c.task in TASKS, f"{c.task!r}: want one of {', '.join(TASKS)}"),
        ("precision", c.precision in PRECISIONS, f"{c.precision!r}: want one of {', '.join(PRECISIONS)}"),
        ("spacing_mm", len(c.spacing_mm) == 3 and min(c.spacing_mm) > 0, "want x, y, z, each above 0"),
        ("window_hu", len(c.window_hu) == 2 and c.window_hu[0] < c.window_hu[-1], "want low, high"),
        (
            "patch_size",
            len(c.patch_size) == 3 and all(s > 0 and s % multiple == 0 for s in c.patch_size),
            f"want x, y, z, each a multiple of {multiple}",
        ),
        ("seed", c.seed >= 0, "want at least 0"),
        ("batch_size", c.batch_size >= 1, "want at least 1"),
        ("steps", c.steps is not None or c.minutes is not None, "want steps, minutes or both"),
        ("steps", c.steps is None or c.steps >= 1, "want at least 1"),
        ("minutes", c.minutes is None or c.minutes > 0, "want more than 0"),
        ("threads", c.threads >= 0, "want 0 or more"),
        ("workers", c.workers >= 1, "want at least 1"),
        ("shuffle_groups", c.shuffle_groups >= 1, "want at least 1"),
        ("cache_mib", c.cache_mib >= 1, "want at least 1"),
        ("checkpoint_minutes", c.checkpoint_minutes > 0, "want more than 0"),
        ("average_decay", 0 <= c.average_decay < 1, "want 0 or more, under 1"),
        ("loss", min(c.loss.dice, c.loss.cross_entropy) >= 0 < c.loss.dice + c.loss.cross_entropy, "want weights"),
        ("optimizer", o.learning_rate > 0 and o.decay >= 0 and o.epsilon > 0, "want positive rates"),
        ("optimizer", 0 <= o.beta1 < 1 and 0 <= o.beta2 < 1, "want betas from 0, under 1"),
        ("optimizer", o.schedule in ("constant", "one_cycle"), f"schedule {o.schedule!r}: want constant or one_cycle"),
        ("optimizer", 0 <= o.warm_up < 1, "want warm_up from 0, under 1"),
        ("augmentation", set(a.flip_axes) <= set("xyz"), "flip_axes: want any of x, y, z"),
        (
            "augmentation",
            min(a.shift_hu, a.scale_hu, a.noise_hu, a.blur_voxels, a.resize) >= 0 and max(a.scale_hu, a.resize) < 1,
            "want amounts of 0 or more, scale_hu and resize under 1",
        ),
        ("augmentation", 0 <= a.probability <= 1, "probability: want 0 to 1"),
        ("validation", 0 <= v.fraction < 1, "fraction: want 0 or more, under 1"),
        ("validation", v.every_steps >= 1 and v.patches >= 1, "want every_steps and patches of at least 1"),
        ("validation", v.patience >= 0, "patience: want 0 or more"),
        ("validation", v.patience == 0 or v.fraction > 0, "patience needs a fraction of patients to validate on"),
    ]
    return [(key, f"{key}: {message}") for key, good, message in rules if not good]


def _line_of(root: yaml.MappingNode, key: str) -> int:
    return next((k.start_mark.line + 1 for k, _ in root.value if k.value == key), 1)
