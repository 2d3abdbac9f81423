"""The rows of bench/single_ops.txt in albumentations, one thread, OpenCV threads off as its documentation says.
Photos a second of computing: what else runs on the machine counts for neither side.
single_ops_albumentations.py FOLDER SECONDS"""
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

JITTER = dict(brightness=(0.8, 1.2), contrast=(0.8, 1.2), saturation=(0.8, 1.2), hue=(-0.1, 0.1))
CHAINS = {
    "horizontal_flip": [A.HorizontalFlip(p=1)],
    "rotate": [A.Rotate(limit=15, border_mode=cv2.BORDER_CONSTANT, p=1)],
    "affine": [A.Affine(rotate=(-15, 15), scale=(0.9, 1.1), shear={"x": (-8, 8), "y": (0, 0)}, p=1)],
    "perspective": [A.Perspective(scale=(0.05, 0.1), p=1)],
    "random_resized_crop 224": [A.RandomResizedCrop(size=(224, 224), p=1)],
    "resize 224": [A.Resize(224, 224, p=1)],
    "brightness and contrast": [A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.2, p=1)],
    "color_jitter": [A.ColorJitter(p=1, **JITTER)],
    "hue and saturation": [A.HueSaturationValue(hue_shift_limit=9, sat_shift_limit=20, val_shift_limit=0, p=1)],
    "gamma": [A.RandomGamma(gamma_limit=(80, 120), p=1)],
    "gaussian_blur k7": [A.GaussianBlur(blur_limit=(7, 7), sigma_limit=(1.1, 1.1), p=1)],
    "median_blur 5": [A.MedianBlur(blur_limit=(5, 5), p=1)],
    "motion_blur 7": [A.MotionBlur(blur_limit=(7, 7), p=1)],
    "defocus": [A.Defocus(radius=(4, 4), p=1)],
    "glass_blur": [A.GlassBlur(p=1)],
    "zoom_blur": [A.ZoomBlur(p=1)],
    "sharpen": [A.Sharpen(p=1)],
    "gaussian_noise": [A.GaussNoise(std_range=(0.02, 0.1), p=1)],
    "salt_pepper": [A.SaltAndPepper(amount=(0.03, 0.03), p=1)],
    "shot_noise": [A.ShotNoise(p=1)],
    "iso_noise": [A.ISONoise(p=1)],
    "speckle_noise": [A.MultiplicativeNoise(per_channel=True, elementwise=True, p=1)],
    "elastic": [A.ElasticTransform(alpha=50, sigma=5, p=1)],
    "grid_distortion": [A.GridDistortion(p=1)],
    "optical_distortion": [A.OpticalDistortion(p=1)],
    "clahe": [A.CLAHE(p=1)],
    "equalize": [A.Equalize(p=1)],
    "autocontrast": [A.AutoContrast(p=1)],
    "posterize": [A.Posterize(num_bits=4, p=1)],
    "solarize": [A.Solarize(threshold_range=(0.5, 0.5), p=1)],
    "grayscale": [A.ToGray(p=1)],
    "cutout": [A.CoarseDropout(num_holes_range=(3, 3), hole_height_range=(0.2, 0.2), hole_width_range=(0.2, 0.2), p=1)],
    "rain": [A.RandomRain(p=1)],
    "snow": [A.RandomSnow(p=1)],
    "fog": [A.RandomFog(p=1)],
    "sun_flare": [A.RandomSunFlare(p=1)],
    "shadow": [A.RandomShadow(p=1)],
    "jpeg_compression q50": [A.ImageCompression(quality_range=(50, 50), p=1)],
    "normalize to CHW": [A.Normalize(p=1)],
    "SimCLR chain": [A.RandomResizedCrop(size=(224, 224), p=1), A.HorizontalFlip(p=0.5),
                     A.ColorJitter(brightness=(0.2, 1.8), contrast=(0.2, 1.8), saturation=(0.2, 1.8), hue=(-0.2, 0.2), p=0.8),
                     A.GaussianBlur(sigma_limit=(0.1, 2), p=0.5), A.Normalize(p=1)],
    "five colour ops": [A.RandomBrightnessContrast(brightness_limit=0.2, contrast_limit=0.2, p=1),
                        A.HueSaturationValue(hue_shift_limit=9, sat_shift_limit=20, val_shift_limit=0, p=1),
                        A.RandomGamma(gamma_limit=(80, 120), p=1)],
}

images = photos(sys.argv[1])
limit = float(sys.argv[2])
rates = {}
for name, steps in CHAINS.items():
    chain = A.Compose(steps, seed=1)
    made, start = 0, time.process_time()
    while time.process_time() - start < limit or made < 3:
        image = images[made % len(images)]
        out = chain(image=image)["image"]
        if out.dtype == np.float32:
            out = np.ascontiguousarray(out.transpose(2, 0, 1))
        else:
            out = np.ascontiguousarray(out)
        assert out.size and out.dtype in (np.uint8, np.float32)
        made += 1
    rates[name] = made / (time.process_time() - start)
print(json.dumps(rates))
