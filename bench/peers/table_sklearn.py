"""The same tasks as bench_table with imbalanced-learn and scikit-learn: table_sklearn.py TASK [FILE TARGET]; one JSON line.
By its own clock: imports and making the data are not counted. What one thread does is told in CPU seconds, the rest by the clock."""
import json
import os
import sys
import time

task, rest = sys.argv[1], sys.argv[2:]
ONE_THREAD = task in ("knn_impute", "z_score", "read")
if ONE_THREAD:
    os.environ.update({"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"})  # read by NumPy when it is imported

import numpy as np  # noqa: E402

random = np.random.default_rng(0)


def timed(work):
    clock = time.process_time if ONE_THREAD else time.perf_counter
    start = clock()
    rows = work()
    print(json.dumps({"task": task, "seconds": clock() - start, "rows": int(rows)}))


def gaussian(rows, dims, rare):
    return random.standard_normal((rows, dims)), (np.arange(rows) >= rare).astype(int)


def read(file, target):
    import pandas
    table = pandas.read_csv(file)
    return table.drop(columns=[target]), table[target]


if task in ("smote_200k", "smote_1m"):
    from imblearn.over_sampling import SMOTE
    x, y = gaussian(200_000, 20, 40_000) if task == "smote_200k" else gaussian(1_000_000, 20, 100_000)
    timed(lambda: len(SMOTE(random_state=0).fit_resample(x, y)[0]) - len(x))
elif task == "knn_impute":
    from sklearn.impute import KNNImputer
    x = random.standard_normal((5_000, 20))
    x[random.random(x.shape) < 0.1] = np.nan
    timed(lambda: len(KNNImputer(n_neighbors=5).fit_transform(x)))
elif task == "z_score":
    from sklearn.preprocessing import StandardScaler
    x = random.standard_normal((200_000, 20))
    timed(lambda: len(StandardScaler().fit_transform(x)))
elif task == "balance":
    from imblearn.over_sampling import SMOTENC
    x, y = read(*rest)
    words = [c for c in x.columns if x[c].dtype.kind not in "if"]
    timed(lambda: len(SMOTENC(categorical_features=words, random_state=0).fit_resample(x, y)[0]) - len(x))
elif task == "balance_numbers":
    from imblearn.over_sampling import SMOTE
    x, y = read(*rest)
    x = x.select_dtypes("number").to_numpy(float)
    timed(lambda: len(SMOTE(random_state=0).fit_resample(x, y)[0]) - len(x))
elif task == "read":
    import pandas
    timed(lambda: len(pandas.read_csv(rest[0])))
else:
    sys.exit(f"no such task: {task}")
