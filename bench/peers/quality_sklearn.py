"""quality_sklearn.py LEAVEN FOLDER SET DATA SAMPLER...: a forest on some splits of a set, its training rows as they are and as each
sampler leaves them. The last line is JSON: means, and differences from none with the half width of their 95 % interval."""
import json
import math
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

import numpy as np
import pandas as pd
from scipy.stats import t
from sklearn.datasets import make_moons
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import f1_score, roc_auc_score
from sklearn.model_selection import StratifiedShuffleSplit

SPLITS, TREES = int(os.environ.get("LEAVEN_BENCH_SPLITS", "10")), 100
STUDENT = t.ppf(0.975, SPLITS - 1)
program, folder, name, data = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], pathlib.Path(sys.argv[4])
samplers = sys.argv[5:]


def table():
    """The rows, how many of them train, and the small class."""
    if name == "mammography":
        frame = pd.read_csv(data / "mammography.csv", header=None, quotechar="'")
        frame.columns = [f"x{i}" for i in range(6)] + ["class"]
        frame["class"] = np.where(frame["class"].astype(str) == "1", "cancer", "none")
        return frame, 0.7, "cancer"
    if name == "adult":
        frame = pd.read_csv(data / "adult.csv", skipinitialspace=True, na_values="?").rename(columns={"income": "class"})
        return frame, 6000, ">50K"
    x, y = make_moons(8000, noise=0.35, random_state=1)
    keep = (y == 0) | (np.arange(len(y)) % 12 == 0)
    rest = np.random.default_rng(2).normal(size=(len(y), 4))
    frame = pd.DataFrame(np.hstack([x, rest])[keep].round(4), columns=list("abcdef"))
    frame["class"] = np.where(y[keep] == 1, "rare", "often")
    return frame, 0.5, "rare"


def scores(train, test, known, small, seed):
    numbers = [c for c in known.columns if c != "class" and pd.api.types.is_numeric_dtype(known[c])]
    words = [c for c in known.columns if c != "class" and c not in numbers]
    levels = {c: sorted(known[c].dropna().unique()) for c in words}

    def matrix(frame):
        parts = [frame[numbers].fillna(known[numbers].median()).to_numpy(float)]
        parts += [(frame[c].to_numpy(object)[:, None] == np.array(levels[c], object)[None, :]).astype(float) for c in words]
        return np.hstack(parts)

    x, y, weights = matrix(train), (train["class"] == small).to_numpy(), None
    share = f"class={small}"
    if share in train.columns:  # shares of classes: a row counts for each class by its share
        soft = train[share].to_numpy(float)
        x, y, weights = np.vstack([x, x]), np.repeat([True, False], len(soft)), np.concatenate([soft, 1 - soft])
    forest = RandomForestClassifier(TREES, random_state=seed, n_jobs=2, min_samples_leaf=2).fit(x, y, sample_weight=weights)
    chance = forest.predict_proba(matrix(test))[:, 1]
    truth = (test["class"] == small).to_numpy()
    return f1_score(truth, chance >= 0.5), roc_auc_score(truth, chance)


def sampled(train, sampler, seed):
    shutil.rmtree(folder / name, ignore_errors=True)
    (folder / name).mkdir(parents=True)
    train.to_csv(folder / name / "in.csv", index=False)
    done = subprocess.run([program, "augment", folder / name / "in.csv", "-o", folder / name / "out", "--target", "class", f"--balance={sampler}",
                           "--seed", str(seed), "--quiet"], capture_output=True, text=True)
    if done.returncode != 0:
        return None, done.stderr.strip().splitlines()[0]
    return pd.read_csv(folder / name / "out" / "in.csv"), None


frame, part, small = table()
results, refused = {sampler: [] for sampler in ["none", *samplers]}, {}
splits = StratifiedShuffleSplit(SPLITS, train_size=part, random_state=0)
for seed, (rows, others) in enumerate(splits.split(frame, frame["class"])):
    train, test = frame.iloc[rows], frame.iloc[others]
    for sampler in results:
        if sampler in refused:
            continue
        rows_made, why = (train, None) if sampler == "none" else sampled(train, sampler, seed)
        if rows_made is None:
            refused[sampler] = why
            continue
        results[sampler].append(scores(rows_made, test, frame, small, seed))


def told(sampler, measure):
    ours = [pair[measure] for pair in results[sampler]]
    apart = [a - b[measure] for a, b in zip(ours, results["none"])]
    half = STUDENT * statistics.stdev(apart) / math.sqrt(len(apart)) if sampler != "none" else 0
    return {"mean": statistics.mean(ours), "apart": statistics.mean(apart), "half": half}


title = f"{name}: {len(frame)} rows, {frame['class'].eq(small).mean():.1%} {small}; {SPLITS} splits, forest of {TREES} trees"
print(json.dumps({"title": title, "refused": refused,
                  "samplers": {s: None if s in refused else {"f1": told(s, 0), "auc": told(s, 1)} for s in results}}))
