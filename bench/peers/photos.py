"""The decoded photos that peers run on: the same as bench/photos.hpp takes."""
import pathlib

import cv2
import numpy as np


def photos(folder, most=100):
    found = []
    for path in sorted(p for p in pathlib.Path(folder).rglob("*") if p.is_file()):
        image = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        if image is None or image.ndim != 3 or image.shape[2] != 3 or max(image.shape[:2]) > 1000:
            continue
        found.append(np.ascontiguousarray(cv2.cvtColor(image, cv2.COLOR_BGR2RGB)))
        if len(found) == most:
            break
    return found
