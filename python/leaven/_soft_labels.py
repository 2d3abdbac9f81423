"""Labels of batches whose pictures may have been mixed: how much each class counts."""

from __future__ import annotations

from typing import Any, Dict, List, Sequence, Union

import numpy as np


def texts_of(labels: Sequence[Any]) -> List[str]:
    """Labels as texts; those of arrays and tensors are their values."""
    return [str(label.item() if hasattr(label, "item") and label.ndim == 0 else label) for label in labels]


def columns_of(classes: Union[int, Sequence[str]], labels: Sequence[str], count: int) -> Dict[str, int]:
    """The column of each class."""
    if len(labels) != count:
        raise ValueError(f"soft labels need a label for each picture, got {len(labels)} for {count}")
    names = range(classes) if isinstance(classes, int) else classes
    columns = {str(name): number for number, name in enumerate(names)}
    strange = next((label for label in labels if label not in columns), None)
    if strange is not None:
        raise ValueError(f"label {strange} is none of the classes {', '.join(list(columns)[:10])}{', …' if len(columns) > 10 else ''}")
    return columns


def soft_labels(columns: Dict[str, int], labels: Sequence[str], shares: Sequence[Any]) -> np.ndarray:
    """(N, classes): how much each class counts; `shares` is empty where nothing was mixed."""
    soft = np.zeros((len(labels), len(columns)), np.float32)
    for row, label in enumerate(labels):
        for name, share in shares[row] if shares else [(label, 1.0)]:
            soft[row, columns[name]] = share
    return soft
