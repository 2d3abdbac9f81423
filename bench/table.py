"""Tables: the same tasks here and with imbalanced-learn and scikit-learn, in interleaved rounds; every row, lost ones too.
table.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench)"""
import json
import os
import pathlib
import statistics
import subprocess
import sys

ROUNDS = int(os.environ.get("LEAVEN_BENCH_ROUNDS", "5"))
HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
WORK = BUILD / "bench"
DATA = pathlib.Path(os.environ.get("LEAVEN_DATA", HERE.parent.parent / "shared" / "data")) / "table"
PEERS = ["imbalanced-learn==0.14.0", "scikit-learn==1.7.2", "pandas==2.3.3"]
# task, arguments, target ratio, title
TASKS = [("smote_200k", [], 5, "SMOTE, 200,000 × 20, 40,000 of the small class: imbalanced-learn"),
         ("balance", ["adult.csv", "income"], 8, "SMOTE-NC, Adult: imbalanced-learn"),
         ("balance_numbers", ["adult.csv", "income"], 3, "SMOTE, Adult's numbers: imbalanced-learn"),
         ("knn_impute", [], 4, "KNN imputation, 5,000 × 20: scikit-learn"),
         ("z_score", [], 1, "z-score, 200,000 × 20, fit and apply: scikit-learn"),
         ("read", ["adult.csv"], 1, "read Adult's CSV: pandas")]


def prepare():
    if not (DATA / "adult.csv").exists():
        sys.exit(f"bench: needs real tables, and there is no {DATA / 'adult.csv'}; set LEAVEN_DATA")
    python = WORK / "venv_table" / "bin" / "python"
    if not python.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv_table")], check=True)
    if subprocess.run([str(python), "-c", "import imblearn, sklearn, pandas"], capture_output=True).returncode != 0:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def seconds(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])["seconds"]


def main():
    python = prepare()
    print(f"{ROUNDS} interleaved rounds; medians of seconds, ratio of each round's pair (lowest–highest)\n")
    print(f"{'':66} {'leaven':>9} {'other':>9}")
    lost = 0
    for task, arguments, target, title in TASKS:
        arguments = [DATA / arguments[0], *arguments[1:]] if arguments else []
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds([BUILD / "bench" / "bench_table", task, *arguments]))
            theirs.append(seconds([python, HERE / "peers" / "table_sklearn.py", task, *arguments]))
        ratios = [b / a for a, b in zip(ours, theirs)]
        ratio = statistics.median(ratios)
        lost += ratio < 1
        print(f"{title:66} {statistics.median(ours):9.4f} {statistics.median(theirs):9.4f} s   ratio {ratio:6.2f} "
              f"({min(ratios):.2f}–{max(ratios):.2f})   target {target} {'met' if ratio >= target else 'MISSED'}", flush=True)
    print(f"{lost} rows lost")


if __name__ == "__main__":
    main()
