"""Mixup and cutmix for PyTorch: ops on a batch after it was collated, which make soft labels."""

from __future__ import annotations

from typing import Any, List, Optional, Sequence, Tuple, Union

import numpy as np
import torch
from torch.utils.data import default_collate

from ._arguments import check
from ._calls import key_text, worker


class BatchMix:
    """What mixup and cutmix have in common: partners, shares and soft labels of a batch.

    Calling it mixes `images` (N, C, H, W) of any device and their `labels`: class numbers (N,), or soft labels
    (N, classes). Each sample gets a partner and a share of its own. Partners and shares are drawn from `seed` and `key`; a
    call without a key is named by `calls`, a counter, and by the worker that it runs in.
    """

    def __init__(self, alpha: float, classes: Union[int, Sequence[str]], p: float, seed: int):
        if isinstance(classes, (list, tuple)):
            classes = len(classes)
        check(classes=classes)
        if not alpha > 0 or classes < 1 or not 0 <= p <= 1:
            raise ValueError(f"alpha must be above 0, classes at least 1 and p in [0, 1], got {alpha}, {classes}, {p}")
        self.alpha, self.classes, self.p, self.seed, self.calls = alpha, classes, p, seed, 0

    def __call__(self, images: torch.Tensor, labels: torch.Tensor, key: Optional[str] = None) -> Tuple[torch.Tensor, torch.Tensor]:
        for name, value in (("images", images), ("labels", labels)):
            if not isinstance(value, torch.Tensor):
                raise TypeError(f"{name} must be a tensor, got a {type(value).__name__} (torch.as_tensor makes one of an array)")
        if images.ndim != 4 or len(images) != len(labels):
            raise ValueError(f"a batch is (N, C, H, W) with N labels, got {tuple(images.shape)} and {len(labels)} labels")
        if key is None:
            key = f"/{worker()}/{self.calls}"
            self.calls += 1
        rng = np.random.default_rng([self.seed, *key_text(key).encode()])
        soft = self.soft(labels)
        partners = torch.from_numpy(rng.permutation(len(images))).to(images.device)
        wanted = rng.beta(self.alpha, self.alpha, len(images))
        wanted[rng.random(len(images)) >= self.p] = 1.0
        mixed, shares = self._mix(images, partners, wanted, rng)
        own = torch.as_tensor(shares, dtype=soft.dtype, device=soft.device)[:, None]
        return mixed, soft * own + soft[partners.to(soft.device)] * (1 - own)

    def collate(self, samples: List[Any]) -> Tuple[torch.Tensor, torch.Tensor]:
        """For `collate_fn=` of a DataLoader over (image, label)."""
        images, labels = default_collate(samples)
        return self(images, labels)

    def soft(self, labels: torch.Tensor) -> torch.Tensor:
        """(N, classes) of float32."""
        if labels.ndim == 1 and not labels.dtype.is_floating_point:
            if len(labels) and not 0 <= int(labels.min()) <= int(labels.max()) < self.classes:
                raise ValueError(f"class numbers must lie in [0, {self.classes}), got {int(labels.min())} to {int(labels.max())}")
            return torch.nn.functional.one_hot(labels.long(), self.classes).float()
        if labels.ndim != 2 or labels.shape[1] != self.classes:
            raise ValueError(f"soft labels must be (N, {self.classes}), got {tuple(labels.shape)}")
        return labels.float()

    def _mix(
        self, images: torch.Tensor, partners: torch.Tensor, wanted: np.ndarray, rng: np.random.Generator
    ) -> Tuple[torch.Tensor, np.ndarray]:
        """The mixed images, and the share of each that is its own."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"leaven.torch.{type(self).__name__}(alpha={self.alpha}, classes={self.classes}, p={self.p}, seed={self.seed})"


class mixup(BatchMix):
    """λ·image + (1 − λ)·partner, labels alike; λ from Beta(alpha, alpha) for each sample (Zhang et al. 2018).

    classes: how many there are, or their names in the order of their numbers, for soft labels
    p: probability that a sample is mixed at all
    """

    def __init__(self, alpha: float = 0.2, *, classes: Union[int, Sequence[str]], p: float = 1.0, seed: int = 0):
        super().__init__(alpha, classes, p, seed)

    def _mix(
        self, images: torch.Tensor, partners: torch.Tensor, wanted: np.ndarray, rng: np.random.Generator
    ) -> Tuple[torch.Tensor, np.ndarray]:
        whole = not images.dtype.is_floating_point
        work = images.float() if whole else images
        own = torch.as_tensor(wanted, dtype=work.dtype, device=work.device)[:, None, None, None]
        mixed = work * own + work[partners] * (1 - own)
        return (mixed.round().to(images.dtype) if whole else mixed), wanted


class cutmix(BatchMix):
    """A rectangle of each image shows its partner; labels are shared by the pixels that are really shown (Yun et al. 2019).

    classes: how many there are, or their names in the order of their numbers, for soft labels
    p: probability that a sample is mixed at all
    """

    def __init__(self, alpha: float = 1.0, *, classes: Union[int, Sequence[str]], p: float = 1.0, seed: int = 0):
        super().__init__(alpha, classes, p, seed)

    def _mix(
        self, images: torch.Tensor, partners: torch.Tensor, wanted: np.ndarray, rng: np.random.Generator
    ) -> Tuple[torch.Tensor, np.ndarray]:
        height, width = images.shape[2:]
        side = np.sqrt(1 - wanted)
        across, down = np.round(width * side).astype(int), np.round(height * side).astype(int)
        middle_x, middle_y = rng.integers(0, width, len(images)), rng.integers(0, height, len(images))
        mixed, shares = images.clone(), np.empty(len(images))
        for number, partner in enumerate(partners.tolist()):
            # Cut off at the edges, as in the paper: the share is that of what is left.
            left, top = max(0, middle_x[number] - across[number] // 2), max(0, middle_y[number] - down[number] // 2)
            right = min(width, middle_x[number] - across[number] // 2 + across[number])
            bottom = min(height, middle_y[number] - down[number] // 2 + down[number])
            mixed[number, :, top:bottom, left:right] = images[partner, :, top:bottom, left:right]
            shares[number] = 1 - max(0, right - left) * max(0, bottom - top) / (width * height)
        return mixed, shares
