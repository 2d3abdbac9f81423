"""The same tasks as bench_series with tsaug, and with the formulas of Iwana and Uchida's study written in NumPy, as their code is:
series_numpy.py TASK FILE COPIES; one JSON line. CPU seconds by its own clock: imports and reading are not counted."""
import json
import sys
import time

import numpy as np

task, file, copies = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = np.loadtxt(file, delimiter="\t")
labels, x = rows[:, 0].astype(int), rows[:, 1:]
count, length = x.shape
random = np.random.default_rng(0)


def dtw_path(a, b, band):
    """Rows of a against rows of b, (time, channels); the path from start to end."""
    n, m = len(a), len(b)
    cost = np.full((n + 1, m + 1), np.inf)
    cost[0, 0] = 0
    for i in range(1, n + 1):
        for j in range(max(1, i - band), min(m, i + band) + 1):
            cost[i, j] = np.linalg.norm(a[i - 1] - b[j - 1]) + min(cost[i - 1, j - 1], cost[i - 1, j], cost[i, j - 1])
    i, j, path = n, m, []
    while i > 0 and j > 0:
        path.append((i - 1, j - 1))
        step = np.argmin((cost[i - 1, j - 1], cost[i - 1, j], cost[i, j - 1]))
        i, j = i - (step != 2), j - (step != 1)
    return np.array(path[::-1]), cost[n, m]


def partner(i):
    return x[random.choice(np.flatnonzero(labels == labels[i]))][:, None]


def resampled(values):
    return np.interp(np.linspace(0, len(values) - 1, length), np.arange(len(values)), values)


def jitter():
    return x + random.normal(0, 0.03, x.shape)


def scaling():
    return x * random.normal(1, 0.1, (count, 1))


def magnitude_warp():
    from scipy.interpolate import CubicSpline
    at = np.linspace(0, length - 1, 6)
    return np.array([row * CubicSpline(at, random.normal(1, 0.2, 6))(np.arange(length)) for row in x])


def permutation():
    out = np.empty_like(x)
    for i, row in enumerate(x):
        cuts = np.sort(random.choice(length - 2, random.integers(1, 5), replace=False) + 1)
        parts = np.split(row, cuts)
        random.shuffle(index := np.arange(len(parts)))
        out[i] = np.concatenate([parts[k] for k in index])
    return out


def window_slice():
    size, out = int(np.ceil(0.9 * length)), np.empty_like(x)
    for i, row in enumerate(x):
        start = random.integers(0, length - size)
        out[i] = np.interp(np.linspace(0, size, length), np.arange(size), row[start:start + size])
    return out


def window_warp():
    size, out = int(np.ceil(0.1 * length)), np.empty_like(x)
    for i, row in enumerate(x):
        start, scale = random.integers(1, length - size - 1), random.choice([0.5, 2])
        window = np.interp(np.linspace(0, size - 1, int(size * scale)), np.arange(size), row[start:start + size])
        out[i] = resampled(np.concatenate((row[:start], window, row[start + size:])))
    return out


def time_warp():
    from scipy.interpolate import CubicSpline
    at, steps, out = np.linspace(0, length - 1, 6), np.arange(length), np.empty_like(x)
    for i, row in enumerate(x):
        warp = CubicSpline(at, at * random.normal(1, 0.2, 6))(steps)
        out[i] = np.interp(steps, np.clip((length - 1) / warp[-1] * warp, 0, length - 1), row)
    return out


def guided_warp():
    return np.array([resampled(row[dtw_path(partner(i), row[:, None], 13)[0][:, 1]]) for i, row in enumerate(x)])


def discriminative_warp():
    out = np.empty_like(x)
    for i, row in enumerate(x):
        own = [partner(i) for _ in range(3)]
        others = [x[k][:, None] for k in random.choice(np.flatnonzero(labels != labels[i]), 3)]
        margins = [np.mean([dtw_path(p, q, 13)[1] for q in others]) - np.sum([dtw_path(p, q, 13)[1] for q in own if q is not p]) / 2 for p in own]
        out[i] = resampled(row[dtw_path(own[int(np.argmax(margins))], row[:, None], 13)[0][:, 1]])
    return out


def spawner():
    out = np.empty_like(x)
    for i, row in enumerate(x):
        other, at = partner(i), random.integers(1, length - 1)
        first, second = dtw_path(row[:at, None], other[:at], 13)[0], dtw_path(row[at:, None], other[at:], 13)[0] + at
        path = np.concatenate((first, second))
        out[i] = resampled((row[path[:, 0]] + other[path[:, 1], 0]) / 2) + random.normal(0, 0.05, length)
    return out


def barycenter():
    out = np.empty_like(x)
    for i, row in enumerate(x):
        total, weights = row.copy(), np.ones(length)
        laid = [(other := partner(i), *dtw_path(row[:, None], other, 13)) for _ in range(5)]
        nearest = min(cost for _, _, cost in laid) or 1
        for other, path, cost in laid:
            weight = np.exp(np.log(0.5) * cost / nearest)
            np.add.at(total, path[:, 0], weight * other[path[:, 1], 0])
            np.add.at(weights, path[:, 0], weight)
        out[i] = total / weights
    return out


def tsaug_task(name):
    import tsaug
    made = {"add_noise": lambda: tsaug.AddNoise(scale=0.03), "crop": lambda: tsaug.Crop(size=115, resize=128),
            "drift": lambda: tsaug.Drift(max_drift=0.1, n_drift_points=3), "dropout": lambda: tsaug.Dropout(p=0.05, fill="ffill"),
            "pool": lambda: tsaug.Pool(size=2), "quantize": lambda: tsaug.Quantize(n_levels=20), "resize": lambda: tsaug.Resize(size=64),
            "reverse": lambda: tsaug.Reverse(), "convolve": lambda: tsaug.Convolve(window="hann", size=7),
            "time_warp": lambda: tsaug.TimeWarp(n_speed_change=4, max_speed_ratio=2)}[name]()
    return lambda: made.augment(x)


work = tsaug_task(task[6:]) if task.startswith("tsaug_") else globals()[task]
start = time.process_time()
for _ in range(copies):
    work()
print(json.dumps({"task": task, "seconds": time.process_time() - start}))
