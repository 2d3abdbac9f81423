"""Folder to folder with albumentations and multiprocessing: what people write today.
job_albumentations.py IN OUT TIMES WORKERS crop|warp ENCODINGS
ENCODINGS: JSON, path in IN → [quality, subsampling], so that the encoder's work is the same."""
import json
import multiprocessing
import os
import pathlib
import sys
import time

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
import albumentations as A
import cv2

IN, OUT, TIMES, WORKERS, KIND = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5]
ENCODINGS = json.loads(pathlib.Path(sys.argv[6]).read_text())
FACTORS = {"4:4:4": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_444, "4:2:2": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_422,
           "4:2:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_420, "4:4:0": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_440,
           "4:1:1": cv2.IMWRITE_JPEG_SAMPLING_FACTOR_411}


def steps():
    color = [A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.2, p=1)]
    if KIND == "crop":
        return [A.HorizontalFlip(p=0.5), A.PadIfNeeded(320, 320, border_mode=cv2.BORDER_CONSTANT), A.RandomCrop(320, 320)] + color + [
            A.HueSaturationValue(hue_shift_limit=0, sat_shift_limit=30, val_shift_limit=0, p=1)]
    return [A.HorizontalFlip(p=0.5),
            A.Affine(rotate=(-15, 15), scale=(0.9, 1.1), shear={"x": (-8, 8), "y": (0, 0)}, border_mode=cv2.BORDER_REFLECT_101, p=1)] + color


def start_worker():
    global chain
    cv2.setNumThreads(0)
    chain = A.Compose(steps())


def work(path):
    image = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if image is None:
        return 0
    image = cv2.cvtColor(image, cv2.COLOR_BGR2RGB)
    folder = OUT / path.relative_to(IN).parent
    folder.mkdir(parents=True, exist_ok=True)
    quality, subsampling = ENCODINGS[str(path.relative_to(IN))]
    options = [cv2.IMWRITE_JPEG_QUALITY, quality, cv2.IMWRITE_JPEG_SAMPLING_FACTOR, FACTORS[subsampling]]
    for k in range(1, TIMES + 1):
        made = chain(image=image)["image"]
        cv2.imwrite(str(folder / f"{path.stem}_aug{k}.jpg"), cv2.cvtColor(made, cv2.COLOR_RGB2BGR), options)
    return TIMES


if __name__ == "__main__":
    start = time.perf_counter()
    files = sorted(p for p in IN.rglob("*") if p.is_file())
    with multiprocessing.Pool(WORKERS, start_worker) as pool:
        made = sum(pool.imap_unordered(work, files, chunksize=8))
    print(json.dumps({"seconds": time.perf_counter() - start, "outputs": made}))
