"""Tables: the same tasks here and with imbalanced-learn and scikit-learn, in interleaved rounds; every row, lost ones too.
table.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench;
$LEAVEN_BENCH_PARTS names what is measured: peers, limits, neighbours; all of them when it is not set)"""
import os

from pairs import BUILD, HERE, data_file, environment, heading, measured, rounds, row

PARTS = os.environ.get("LEAVEN_BENCH_PARTS", "peers limits neighbours").split()
PEERS = ["imbalanced-learn==0.14.0", "scikit-learn==1.7.2", "pandas==2.3.3"]
# task, arguments, target ratio, title
TASKS = [("smote_200k", [], 5, "SMOTE, 200,000 × 20, 40,000 of the small class: imbalanced-learn"),
         ("balance", ["adult.csv", "income"], 8, "SMOTE-NC, Adult: imbalanced-learn"),
         ("balance_numbers", ["adult.csv", "income"], 3, "SMOTE, Adult's numbers: imbalanced-learn"),
         ("knn_impute", [], 4, "KNN imputation, 5,000 × 20: scikit-learn"),
         ("z_score", [], 1, "z-score, 200,000 × 20, fit and apply: scikit-learn"),
         ("read", ["adult.csv"], 1, "read Adult's CSV: pandas")]

# task, target ratio, title: against memcpy of as many numbers in the same program, in turns
RATES = [("scale_rate", 0.6, "z-score's apply, 200,000 × 20, 1 thread: memcpy of the numbers"),
         ("jitter_rate", 0.6, "table_jitter's apply, 200,000 × 20, 1 thread: memcpy of the numbers"),
         ("noise_rate", 0.6, "table_noise's apply, 200,000 × 20, 1 thread: memcpy of the numbers")]

NEIGHBOUR_ROWS = 25_000


def limits():
    """Rows against what the machine can do, and against ourselves."""
    lost = 0
    for task, target, title in RATES:
        seen = rounds(lambda: measured(BUILD / "bench" / "bench_table", task))[0]
        lost += row(title, [one["seconds"] for one in seen], [one["memcpy"] for one in seen], target, "s", "lower", 4) < target
    adult = data_file("table/adult.csv")
    seen = rounds(lambda: measured(BUILD / "bench" / "bench_table", "read", adult))[0]
    lost += row("read Adult's CSV, 15 columns, 1 thread: a million rows a second", [one["rows"] / one["seconds"] / 1e6 for one in seen], [1] * len(seen), 1, "M/s",
                "higher", 2) < 1
    return lost


def neighbours():
    """The graph against comparing everything. A table passes from the one to the other at 200,000 rows; there the graph takes ten
    minutes to build, so it is measured on an eighth of them, once, not in rounds."""
    one = measured(BUILD / "bench" / "bench_table", "neighbours", NEIGHBOUR_ROWS)
    print(f"5 neighbours of {NEIGHBOUR_ROWS:,} × 64, all threads: compared {one['exact']:.1f} s; graph built {one['built']:.1f} s by one thread, "
          f"searched {one['searched']:.1f} s, recall {one['recall']:.4f}", flush=True)


def peers():
    python = environment("venv_table", "imblearn, sklearn, pandas", PEERS)
    lost = 0
    for task, arguments, target, title in TASKS:
        arguments = [data_file(f"table/{arguments[0]}"), *arguments[1:]] if arguments else []
        ours, theirs = rounds(lambda: measured(BUILD / "bench" / "bench_table", task, *arguments)["seconds"],
                              lambda: measured(python, HERE / "peers" / "table_sklearn.py", task, *arguments)["seconds"])
        lost += row(title, ours, theirs, target, "s", "lower", 4) < 1
    return lost


def main():
    data_file("table/adult.csv")
    heading()
    lost = sum(part() for name, part in (("peers", peers), ("limits", limits)) if name in PARTS)
    print(f"{lost} rows lost", flush=True)
    if "neighbours" in PARTS:
        neighbours()


if __name__ == "__main__":
    main()
