"""The ten-step chain in albumentations, one thread, as its documentation recommends (OpenCV threads off)."""
import json
import os
import sys
import time

os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ[name] = "1"
import albumentations as A
import cv2
import numpy as np

from photos import photos

cv2.setNumThreads(0)
cv2.ocl.setUseOpenCL(False)


chain = A.Compose([
    A.HorizontalFlip(p=0.5),
    A.Rotate(limit=15, p=1),
    A.Affine(scale=(0.9, 1.1), shear={"x": (-8, 8), "y": (0, 0)}, p=1),
    A.Perspective(scale=(0.05, 0.1), p=1),
    A.RandomResizedCrop(size=(224, 224), p=1),
    A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.2, p=1),
    A.RandomGamma(gamma_limit=(80, 120), p=1),
    A.HueSaturationValue(hue_shift_limit=9, sat_shift_limit=20, val_shift_limit=0, p=1),
    A.Normalize(p=1),
], seed=1)

images = photos(sys.argv[1])
limit = float(sys.argv[2])
for image in images[:20]:
    chain(image=image)
made, start = 0, time.perf_counter()
while time.perf_counter() - start < limit:
    out = chain(image=images[made % len(images)])["image"]
    out = np.ascontiguousarray(out.transpose(2, 0, 1))
    assert out.shape == (3, 224, 224) and out.dtype == np.float32
    made += 1
print(json.dumps({"images_per_second": made / (time.perf_counter() - start)}))
