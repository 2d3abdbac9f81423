"""Time series in memory: NumPy arrays through a recipe of steps on series."""

from __future__ import annotations

from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Sequence, Tuple, Union

import numpy as np

from . import _core
from ._arguments import check
from ._calls import key_text
from ._soft_labels import columns_of, soft_labels, texts_of

_SECOND = np.timedelta64(1, "s")
_NANOSECONDS_REACH = 2**63 / 1e9 - 1  # s


class SeriesCalls:
    """The part of Recipe that takes time series."""

    _core: Any
    _name: Callable[..., str]
    _placed: Callable[[ValueError], ValueError]

    def series(
        self,
        values: Any,
        *,
        stamps: Any = None,
        marks: Optional[Mapping[str, Sequence[Any]]] = None,
        events: Sequence[str] = (),
        names: Sequence[str] = (),
        layout: str = "CT",
        key: Optional[str] = None,
        epoch: int = 0,
        copy: int = 1,
        label: str = "",
    ) -> Any:
        """A time series made new; with stamps or marks a dict of values, stamps, marks.

        values: numbers of shape (time,), (channels, time) or, with layout="TC", (time, channels); NaN where one is missing
        stamps: when each sample was taken, ascending: numbers or datetime64; without them evenly
        marks: by name, a word a sample (None or "" where nothing is), which go along; those named in `events` are single
            moments, each of which stays one
        names: of the channels, for steps with on=
        key, epoch, copy, label: as for a picture
        """
        check(epoch=epoch, copy=copy, label=label, names=names)
        try:
            if self._core.mixes():
                raise ValueError("this recipe mixes series, and one alone has no partner: series_batch() takes several")
            given = _taken(values, stamps, marks, events, _checked(layout), "")
            name = self._name(key)
            return _given_back(_run(self._core, [given], [name], [label] if label else [], names, epoch, copy, 1)[0], given, layout)
        except ValueError as error:
            raise self._placed(error) from None

    def series_batch(
        self,
        values: Any,
        keys: Optional[Sequence[str]] = None,
        *,
        stamps: Optional[Sequence[Any]] = None,
        names: Sequence[str] = (),
        layout: str = "CT",
        epoch: int = 0,
        copy: int = 1,
        labels: Optional[Sequence[Any]] = None,
        classes: Union[int, Sequence[str], None] = None,
        threads: int = 0,
    ) -> Any:
        """Many time series at once: an array of (series, time) or (series, channels, time), or a list of arrays of any length.
        An array comes back where all are of one shape, else a list. Steps that mix take other series of the batch.

        keys, labels, classes, threads: as for batch(); with classes, (series, soft labels) comes back
        """
        check(keys=keys, labels=labels, names=names, epoch=epoch, copy=copy, threads=threads)
        texts = [self._name() for _ in values] if keys is None else [key_text(key) for key in keys]
        try:
            if not len(values):
                raise ValueError("a batch needs a series")
            classed = [] if labels is None else texts_of(labels)
            columns = None if classes is None else columns_of(classes, classed, len(values))
            if columns is None and classed and self._core.mixes():
                raise ValueError("this recipe mixes series, and so their labels: say classes=, how many there are or their names")
            draw = texts, classed, list(names), epoch, copy, threads
            made = None if stamps is not None else _run_block(self._core, values, _checked(layout), *draw)
            whole, shares = made or _run_all(self._core, _taken_all(values, stamps, _checked(layout)), layout, *draw)
        except ValueError as error:
            raise self._placed(error) from None
        return whole if columns is None else (whole, soft_labels(columns, classed, [_added(one) for one in shares]))


class _Given(NamedTuple):
    """A series as the engine takes it, and what its own kind was."""

    values: np.ndarray  # (channels, time), float64
    stamps: Optional[np.ndarray]  # float64; of times the seconds since the first
    marks: List[Tuple[bool, List[str]]]
    flat: bool
    dtype: Any
    first: Optional[np.datetime64]
    names: Tuple[str, ...]  # of the marks


def _taken(values: Any, stamps: Any, marks: Optional[Mapping[str, Any]], events: Sequence[str], layout: str, place: str) -> _Given:
    array = np.asarray(values)
    if array.ndim not in (1, 2) or array.dtype.kind not in "fiub":
        raise ValueError(f"{place}a series is numbers of shape (time,) or (channels, time), got {array.dtype} of shape {array.shape}")
    if array.dtype.kind == "f" and np.isinf(array).any():
        raise ValueError(f"{place}a series holds finite numbers, and NaN where one is missing, got infinity")
    flat = array.ndim == 1
    channels = array[None] if flat else array.T if layout == "TC" else array
    first = None
    if stamps is not None:
        stamps = np.asarray(stamps)
        if stamps.ndim == 1 and stamps.dtype.kind == "M" and len(stamps):
            stamps = _in_one_unit(stamps, place)
            first, stamps = stamps[0], (stamps - stamps[0]) / _SECOND
        stamps = np.ascontiguousarray(stamps, np.float64)
        if stamps.ndim != 1:
            raise ValueError(f"{place}stamps must have shape (time,), got {stamps.shape}")
    words = [(name in events, ["" if word is None else str(word) for word in along]) for name, along in (marks or {}).items()]
    dtype = array.dtype if array.dtype.kind == "f" else np.dtype(np.float64)
    return _Given(np.ascontiguousarray(channels, np.float64), stamps, words, flat, dtype, first, tuple(marks or ()))


def _in_one_unit(stamps: np.ndarray, place: str) -> np.ndarray:
    """In nanoseconds, or in microseconds where 64 bits do not count the others: they reach 292 years."""
    if np.isnat(stamps).any():
        raise ValueError(f"{place}stamps must all be there, and that of sample {int(np.isnat(stamps).argmax())} is NaT")
    seconds = stamps.astype("datetime64[s]").astype(np.int64).astype(np.float64)
    reaches = max(np.abs(seconds).max(), seconds.max() - seconds.min())
    return stamps.astype("datetime64[ns]" if reaches < _NANOSECONDS_REACH else "datetime64[us]")


def _given_back(made: Dict[str, Any], given: _Given, layout: str) -> Any:
    values = made["values"].astype(given.dtype, copy=False)
    values = values[0] if given.flat else values.T if layout == "TC" else values
    if given.stamps is None and not given.names:
        return values
    result = {"values": values}
    if given.stamps is not None:
        stamps = made["stamps"]
        if given.first is not None:
            unit = np.datetime_data(given.first.dtype)[0]
            stamps = given.first + np.round(stamps * (_SECOND / np.timedelta64(1, unit))).astype(f"timedelta64[{unit}]")
        result["stamps"] = stamps
    if given.names:
        result["marks"] = dict(zip(given.names, made["marks"]))
    return result


def _run_block(core: Any, values: Any, layout: str, *draw: Any) -> Optional[Tuple[Any, Sequence[Any]]]:
    """An array of many series at once: theirs, and the shares of labels where the recipe mixes. None for what must be taken one by one."""
    if not isinstance(values, np.ndarray) or values.ndim not in (2, 3) or values.dtype.kind not in "fiub":
        return None
    if values.dtype.kind == "f" and np.isinf(values).any():
        return None  # the other way names the series
    flat = values.ndim == 2
    channels = values[:, None] if flat else values.transpose(0, 2, 1) if layout == "TC" else values
    made = _core.series_block(core, np.ascontiguousarray(channels, np.float64), *draw)
    if made is None:
        return None
    whole, shares = made
    whole = whole.astype(values.dtype if values.dtype.kind == "f" else np.float64, copy=False)
    return (whole[:, 0] if flat else np.ascontiguousarray(whole.transpose(0, 2, 1)) if layout == "TC" else whole), shares


def _run_all(core: Any, given: Sequence[_Given], layout: str, texts: Sequence[str], *draw: Any) -> Tuple[Any, Sequence[Any]]:
    made = _run(core, given, texts, *draw)
    result = [_given_back(one, of, layout) for one, of in zip(made, given)]
    even = given[0].stamps is None and len({one.shape for one in result}) == 1
    return (np.stack(result) if even else result), [one["shares"] for one in made]


def _taken_all(values: Any, stamps: Optional[Sequence[Any]], layout: str) -> List[_Given]:
    if stamps is not None and len(stamps) != len(values):
        raise ValueError(f"stamps must be as many as series, got {len(stamps)} for {len(values)}")
    return [
        _taken(one, None if stamps is None else stamps[number], None, (), layout, f"series {number}: ") for number, one in enumerate(values)
    ]


def _run(core: Any, given: Sequence[_Given], keys: Sequence[str], labels: Sequence[str], names: Sequence[str], *draw: int) -> List[Dict[str, Any]]:
    stamped = {one.stamps is not None for one in given}
    if len(stamped) > 1:
        raise ValueError("series of one batch must all have stamps, or none")
    return _core.series_batch(
        core,
        [one.values for one in given],
        [one.stamps for one in given] if stamped == {True} else [],
        [one.marks for one in given],
        list(keys),
        list(labels),
        list(names),
        *draw,
    )


def _checked(layout: str) -> str:
    if layout not in ("CT", "TC"):
        raise ValueError(f"layout must be CT (channels, time) or TC (time, channels), got {layout}")
    return layout


def _added(shares: Sequence[Tuple[str, float]]) -> List[Tuple[str, float]]:
    """Series of one class among the partners count together."""
    total: Dict[str, float] = {}
    for name, share in shares:
        total[name] = total.get(name, 0.0) + share
    return list(total.items())
