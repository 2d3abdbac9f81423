"""Pictures as people have them, and back: NumPy arrays, Pillow images, tensors of PyTorch, JAX and TensorFlow."""

from __future__ import annotations

import os
import sys
from typing import Any, Callable, List, NamedTuple, Optional

import numpy as np

# Pillow's modes that the engine works on as they are, and whether their last band is alpha.
_MODES = {"L": None, "RGB": None, "RGBA": True, "LA": True, "I;16": None}

_MOST_CHANNELS = 512

# Others, and what they are shown as.
_BETTER_MODES = {"1": "L", "P": "RGB", "CMYK": "RGB", "YCbCr": "RGB", "LAB": "RGB", "HSV": "RGB", "PA": "RGBA"}


class Taken(NamedTuple):
    """An image as an array, and the way back."""

    array: Any
    alpha: Optional[bool]
    planes: bool  # the way back wants planes: (channels, height, width)
    give: Optional[Callable[[np.ndarray], Any]]


def take(image: Any) -> Taken:
    """Any kind of picture. Throws TypeError for what is none."""
    if isinstance(image, np.ndarray):
        return _take_numpy(image)
    module = type(image).__module__
    if module.startswith("PIL."):
        return _take_pillow(image)
    if module == "torch" or module.startswith("torch."):
        return _take_torch(image)
    if is_jax(image):
        return _take_jax(image)
    if module.startswith("tensorflow."):
        return _take_tensorflow(image)
    if hasattr(image, "__dlpack__"):
        return Taken(np.from_dlpack(image), None, False, None)
    raise TypeError(
        "an image is a NumPy array, a Pillow image, a tensor of PyTorch, JAX or TensorFlow, or what has __dlpack__, got "
        + type(image).__name__
        + _advice(image)
    )


def take_all(images: Any) -> List[Taken]:
    """The pictures of a batch."""
    taken = []
    for number, image in enumerate(images):
        try:
            taken.append(take(image))
        except TypeError as error:
            raise TypeError(f"images[{number}]: {error}") from None
    if not taken:
        raise ValueError("a batch needs an image")
    return taken


def gives_back(taken: List[Taken]) -> Callable[[np.ndarray], Any]:
    """The way back for a batch: tensors where all are of one library, else arrays. Pillow has no batches."""
    ways = {one.give for one in taken}
    way = ways.pop() if len(ways) == 1 else None
    return (lambda array: array) if way is None or way is _give_pillow else way


def _advice(image: Any) -> str:
    if isinstance(image, (str, os.PathLike)):
        return " (read the file first: numpy.asarray(PIL.Image.open(path)))"
    return " (recipe.batch() takes several)" if isinstance(image, (list, tuple)) else ""


def _take_numpy(array: np.ndarray) -> Taken:
    if array.dtype == np.float16:
        return Taken(array.astype(np.float32), None, False, _give_half)
    return Taken(array, None, False, None)


def _give_half(array: np.ndarray) -> np.ndarray:
    """Half precision is computed in float32 and rounded once."""
    return array.astype(np.float16) if array.dtype == np.float32 else array


def _take_jax(array: Any) -> Taken:
    """Pixels interleaved, (height, width, channels), as Flax and Keras have it."""
    import jax.numpy

    return Taken(np.asarray(array), None, False, jax.numpy.asarray)


def _take_tensorflow(tensor: Any) -> Taken:
    import tensorflow

    return Taken(tensor.numpy(), None, False, tensorflow.convert_to_tensor)


def as_shown(picture: Any) -> Any:
    """A Pillow image of a dataset with its colours in place of a palette's numbers, as files are read everywhere; all else as it is."""
    if not type(picture).__module__.startswith("PIL.") or picture.mode not in _BETTER_MODES:
        return picture
    return picture.convert("RGBA" if "transparency" in picture.info and picture.mode == "P" else _BETTER_MODES[picture.mode])


def _take_pillow(image: Any) -> Taken:
    if image.mode not in _MODES:
        hint = f" (write image.convert({_BETTER_MODES[image.mode]!r}))" if image.mode in _BETTER_MODES else ""
        raise TypeError(f"Pillow images may be of mode {', '.join(_MODES)}, got {image.mode}{hint}")
    return Taken(np.asarray(image), _MODES[image.mode], False, _give_pillow)


def _give_pillow(array: np.ndarray) -> Any:
    if array.dtype == np.float32:
        return array  # Pillow has no image of several float bands
    from PIL import Image

    return Image.fromarray(array)


def _take_torch(tensor: Any) -> Taken:
    """Tensors hold planes, as torchvision has it: (channels, height, width), or (height, width)."""
    import torch

    if tensor.device.type != "cpu":
        raise TypeError(f"tensors must lie in main memory, this one is on {tensor.device} (write tensor.cpu())")
    if tensor.dtype == torch.bfloat16:
        array, give = tensor.detach().float().numpy(), _give_brain_tensor
    else:
        array, give = tensor.detach().numpy(), torch.from_numpy
    if array.dtype == np.float16:
        array, give = array.astype(np.float32), _give_half_tensor
    if array.ndim == 4:
        raise ValueError(f"a tensor is one picture, (channels, height, width), got {array.shape} (recipe.batch() takes several)")
    if array.ndim == 3 and array.shape[0] > 4 and (array.shape[2] <= 4 or array.shape[0] > _MOST_CHANNELS):
        better = " (write tensor.permute(2, 0, 1))" if array.shape[2] <= 4 else ""
        raise ValueError(f"a tensor is (channels, height, width), of 1 to {_MOST_CHANNELS} channels, got {array.shape}{better}")
    if array.ndim == 3:
        return Taken(array.transpose(1, 2, 0), None, True, give)
    return Taken(array, None, False, give)


def _give_half_tensor(array: np.ndarray) -> Any:
    import torch

    return torch.from_numpy(_give_half(array))


def _give_brain_tensor(array: np.ndarray) -> Any:
    """bfloat16, which NumPy has not."""
    import torch

    made = torch.from_numpy(array)
    return made.to(torch.bfloat16) if made.dtype == torch.float32 else made


def require_type(array: Any, which: str = "") -> None:
    """Throws TypeError for an array of numbers that the engine does not work on, with the way out."""
    kind = getattr(array, "dtype", None)
    if kind is None or kind in (np.uint8, np.uint16, np.float32):
        return
    advice = "image.astype(numpy.float32)"
    if kind == bool:
        advice = "image.astype(numpy.uint8) * 255; a mask goes as mask="
    elif kind.kind in "iu":
        deep = array.size and int(array.max()) > 255
        advice = f"image.astype(numpy.{'uint16' if deep else 'uint8'}), of values up to {65535 if deep else 255}"
    elif kind.kind == "f" and array.size and np.nanmax(array) > 1:
        advice = "(image / 255).astype(numpy.float32), of values up to 255"
    raise TypeError(f"{which}an image must be of uint8, uint16, float16 or float32, got {kind} (write {advice})")


def is_jax(image: Any) -> bool:
    return type(image).__module__.startswith(("jax.", "jaxlib."))


def is_torch(image: Any) -> bool:
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(image, torch.Tensor)
