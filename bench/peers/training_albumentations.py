"""Trains a small network on 50 digits a class, changed anew each time by albumentations, as PyTorch's own users would write it:
training_albumentations.py FOLDER NORMED STEPS WORKERS THREADS; one JSON line.

FOLDER holds MNIST's files; NORMED: group norm, 1 or 0. The network, its start, the optimiser, the batches and the transforms are those of
Leaven's `conv_net` or `plain_conv_net` and of examples/handwriting.yaml; the first tenth of the steps finds caches and workers cold and is not
counted."""
import gzip
import json
import pathlib
import sys
import time

import albumentations as A
import cv2
import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

BATCH, PER_CLASS, CLASSES = 32, 50, 10
folder, normed, steps, workers, threads = pathlib.Path(sys.argv[1]), sys.argv[2] == "1", *map(int, sys.argv[3:6])
torch.manual_seed(0)
torch.set_num_threads(threads)
cv2.setNumThreads(0)


def idx(ending, header):
    return np.frombuffer(gzip.decompress(next(folder.glob(ending)).read_bytes()), np.uint8, offset=header)


def digits():
    labels = idx("*labels-idx1-ubyte.gz", 8)
    pictures = idx("*images-idx3-ubyte.gz", 16).reshape(-1, 28, 28, 1)
    chosen = np.sort(np.concatenate([np.flatnonzero(labels == c)[:PER_CLASS] for c in range(CLASSES)]))
    return np.ascontiguousarray(pictures[chosen]), labels[chosen].astype(np.int64)


class Digits(Dataset):
    def __init__(self):
        self.pictures, self.labels = digits()
        scaled = self.pictures / 255
        self.transform = A.Compose([
            A.Affine(rotate=(-15, 15), scale=(0.85, 1.15), translate_percent={axis: (-0.0714, 0.0714) for axis in "xy"}, shear={"x": (-11.31, 11.31), "y": 0}, p=1),
            A.Normalize(scaled.mean(), scaled.std()), A.ToTensorV2(),
        ])

    def __len__(self):
        return len(self.labels)

    def __getitem__(self, number):
        return self.transform(image=self.pictures[number])["image"], self.labels[number]


def block(channels, wanted):
    return [nn.Conv2d(channels, wanted, 3, padding=1), *([nn.GroupNorm(8, wanted)] if normed else []), nn.ReLU(), nn.MaxPool2d(2)]


data = Digits()
network = nn.Sequential(*block(1, 16), *block(16, 32), nn.Flatten(), nn.Linear(32 * 7 * 7, 64), nn.ReLU(), nn.Dropout(0.5), nn.Linear(64, CLASSES))
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3, weight_decay=1e-4)
# One long epoch: a loader's workers are not asked to begin again every 15 batches.
order = torch.cat([torch.randperm(len(data)) for _ in range(steps * BATCH // len(data) + 1)])[: steps * BATCH]
begun, warm = 0.0, steps // 10
for step, (pictures, labels) in enumerate(DataLoader(data, BATCH, sampler=order.tolist(), num_workers=workers)):
    if step == warm:
        begun = time.perf_counter()
    optimizer.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(network(pictures), labels)
    loss.backward()
    optimizer.step()
seconds = time.perf_counter() - begun
# A network that learnt nothing was measured at something else.
print(json.dumps({"items": (steps - warm) * BATCH / seconds, "loss": float(loss)}))
