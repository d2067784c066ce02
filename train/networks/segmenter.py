"""What all networks have in common: HU in, a logit for each class out."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn


class Segmenter(nn.Module):
    """HU [N, 1, Z, Y, X] to logits [N, classes, Z, Y, X]; Z, Y and X are multiples of `size_multiple`.

    The network windows HU itself, so that a caller never has to know the window. A subclass sets
    `size_multiple` and `authors_width` and computes `logits` of what the window leaves, in 0 to 1.
    """

    size_multiple: int
    authors_width: int

    def __init__(self, width: int, window_hu: Sequence[float]):
        super().__init__()
        if width < 1:
            raise ValueError(f"width {width}: want at least 1")
        if window_hu[0] >= window_hu[1]:
            raise ValueError(f"window {tuple(window_hu)} HU: want the low end first")
        self.low_hu, self.high_hu = float(window_hu[0]), float(window_hu[1])

    def forward(self, hu: Tensor) -> Tensor:
        return self.logits(self.window(hu))

    def window(self, hu: Tensor) -> Tensor:
        return ((hu - self.low_hu) / (self.high_hu - self.low_hu)).clamp(0.0, 1.0)

    def logits(self, x: Tensor) -> Tensor:
        raise NotImplementedError
