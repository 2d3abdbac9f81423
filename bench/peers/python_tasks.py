"""One task from Python, by Leaven or by those whom people use: python_tasks.py TASK leaven|cached|peer [PHOTOS]; one JSON line.

Leaven feeds from threads of one process, the peer from a DataLoader with two workers, each as its users would write it."""
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time
import warnings

import numpy as np

warnings.simplefilter("ignore")
task, side, photos = sys.argv[1], sys.argv[2], pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else None
cached = side == "cached"  # Leaven, with a cache of decoded pictures that an epoch has filled
side = "leaven" if cached else side
if (task, side) == ("memory_arrays", "leaven"):  # as those have it who train with something else: the loader needs no PyTorch
    Dataset = object
else:
    import torch
    from torch.utils.data import DataLoader, Dataset

    torch.set_num_threads(1)
SIZE, BATCH, WORKERS = 224, 64, 2
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def chain():
    """Crop and resize, flip, colour, normalize."""
    if side == "leaven":
        import leaven as lv

        return lv.Recipe([
            lv.random_resized_crop(size=SIZE), lv.horizontal_flip(p=0.5),
            lv.brightness(by=lv.uniform(0.8, 1.2)), lv.normalize(mean=list(MEAN), std=list(STD)),
        ])
    import albumentations as A
    import cv2

    cv2.setNumThreads(0)
    return A.Compose([
        A.RandomResizedCrop((SIZE, SIZE)), A.HorizontalFlip(p=0.5),
        A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0, p=1), A.Normalize(MEAN, STD), A.ToTensorV2(),
    ])


class Pictures(Dataset):
    """What the peer loads: pictures in memory, or files."""

    def __init__(self, items, transform):
        self.items, self.transform = items, transform

    def __len__(self):
        return len(self.items)

    def __getitem__(self, number):
        item = self.items[number]
        if not isinstance(item, np.ndarray):
            import cv2

            item = cv2.cvtColor(cv2.imread(str(item)), cv2.COLOR_BGR2RGB)
        return self.transform(item), 0


def files():
    return sorted(file for file in photos.rglob("*") if file.suffix.lower() in (".jpg", ".jpeg", ".png"))


def peer_loader(items, transform, batch=BATCH):
    return DataLoader(Pictures(items, transform), batch_size=batch, shuffle=True, num_workers=WORKERS, persistent_workers=True)


def albumented():
    pipeline = chain()
    return lambda picture: pipeline(image=picture)["image"]


def seconds(work, rounds=1):
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def call(step, pixels, rounds=15, calls=1000):
    """Seconds of one call on one picture, the best of some rounds."""
    image = np.random.default_rng(0).integers(0, 256, (pixels, pixels, 3), dtype=np.uint8)
    if side == "leaven":
        import leaven as lv

        recipe = lv.Recipe([lv.horizontal_flip() if step == "flip" else lv.brightness(by=lv.uniform(0.8, 1.2))])
        one = lambda: recipe(image=image)
    else:
        import albumentations as A

        brighter = A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0, p=1)
        pipeline = A.Compose([A.HorizontalFlip(p=1) if step == "flip" else brighter])
        one = lambda: pipeline(image=image)["image"]

    def all_calls():
        for _ in range(calls):
            one()

    return min(seconds(all_calls) / calls for _ in range(rounds))


def in_memory():
    """512 decoded photos to batches."""
    rng = np.random.default_rng(0)
    items = [rng.integers(0, 256, (375, 500, 3), dtype=np.uint8) for _ in range(512)]
    if side == "leaven":
        recipe = chain()
        return seconds(lambda: [
            recipe.batch(items[first : first + BATCH], threads=WORKERS, layout="NCHW") for first in range(0, len(items), BATCH)
        ], 3)
    loader = peer_loader(items, albumented())
    list(loader)
    return seconds(lambda: list_lengths(loader), 3)


def list_lengths(loader):
    return [len(images) for images, _ in loader]


def from_files(epochs):
    """Photos on disk to batches; workers have been started before, as over many epochs."""
    if side == "leaven":
        import leaven.torch

        kept = tempfile.TemporaryDirectory()
        loader = leaven.torch.Loader(photos, chain(), batch_size=BATCH, threads=WORKERS, epochs=1, cache=kept.name if cached else None)
    else:
        loader = peer_loader(files(), albumented())
    list_lengths(loader)
    return seconds(lambda: list_lengths(loader), epochs)


def first_batch():
    """From the loader's making to its first batch; libraries are imported before."""
    recipe = chain()
    if side == "leaven":
        import leaven.torch

        return seconds(lambda: next(iter(leaven.torch.Loader(photos, recipe, batch_size=BATCH, threads=WORKERS))))
    return seconds(lambda: next(iter(peer_loader(files(), albumented()))))


def small():
    """10,000 pictures of 32 × 32: padded crop, flip, normalize; batches of 128."""
    pictures = np.random.default_rng(0).integers(0, 256, (10_000, 32, 32, 3), dtype=np.uint8)
    if side == "leaven":
        import leaven as lv
        import leaven.torch

        recipe = lv.Recipe([lv.pad(left=4, top=4, right=4, bottom=4), lv.random_crop(size=32), lv.horizontal_flip(p=0.5), lv.normalize()])
        with tempfile.TemporaryDirectory() as folder:
            np.savez(f"{folder}/small.npz", images=pictures, labels=np.zeros(len(pictures), np.int64))
            loader = leaven.torch.Loader(f"{folder}/small.npz", recipe, batch_size=128, threads=WORKERS)
            list_lengths(loader)
            return seconds(lambda: list_lengths(loader), 3)
    from PIL import Image
    from torchvision import transforms as T

    transform = T.Compose([Image.fromarray, T.RandomCrop(32, padding=4), T.RandomHorizontalFlip(), T.ToTensor(), T.Normalize(MEAN, STD)])
    loader = peer_loader(list(pictures), transform, 128)
    list_lengths(loader)
    return seconds(lambda: list_lengths(loader), 3)


def held():
    """Bytes of this process and its workers: pages that are shared count in parts."""
    mine = os.getpid()
    children = [int(one) for one in pathlib.Path(f"/proc/{mine}/task/{mine}/children").read_text().split()]
    total = 0
    for pid in (mine, *children):
        for line in pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                total += int(line.split()[1]) * 1024
    return total


def memory():
    """50 epochs over 256 photos: the most bytes held in the fifth and in the last."""
    if side == "leaven":
        if task == "memory_arrays":
            from leaven import Loader
        else:
            from leaven.torch import Loader

        loader = Loader(photos, chain(), batch_size=BATCH, threads=WORKERS, epochs=1, limit=256)
    else:
        loader = peer_loader(files()[:256], albumented())
    early, before = 0, held()
    for epoch in range(50):
        most = max(held() for _ in loader) if epoch in (4, 49) else len(list_lengths(loader))
        if epoch == 4:
            early = most
    print(json.dumps({"before": before, "early": early, "late": most}))


if task.startswith("memory"):
    memory()
else:
    work = {
        "call_tiny": lambda: call("flip", 4), "call_flip": lambda: call("flip", SIZE), "call_brightness": lambda: call("brightness", SIZE),
        "in_memory": in_memory, "files": lambda: from_files(1), "first_batch": first_batch, "small": small,
    }[task]
    print(json.dumps({"seconds": work()}))
