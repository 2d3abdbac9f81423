"""Time series: the same tasks here, with tsaug and with the NumPy formulas, in interleaved rounds; every row, lost ones too.
series.py BUILD_FOLDER   (data: CBF in $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench)"""
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
DATA = pathlib.Path(os.environ.get("LEAVEN_DATA", HERE.parent.parent / "shared" / "data")) / "timeseries" / "CBF"
PEERS = ["tsaug==0.2.1", "numpy==1.26.4", "scipy==1.11.4"]
# step here, task there, file, copies of each series here and there, target ratio
BASIC = [("series_jitter: {sigma: 0.03}", "tsaug_add_noise"), ("series_slice: {keep: 0.9}", "tsaug_crop"),
         ("series_drift: {amount: 0.1, points: 3}", "tsaug_drift"), ("series_dropout: {amount: 0.05}", "tsaug_dropout"),
         ("series_pool: {size: 2}", "tsaug_pool"), ("series_quantize: {levels: 20}", "tsaug_quantize"),
         ("series_resize: {size: 64}", "tsaug_resize"), ("series_reverse", "tsaug_reverse"),
         ("series_convolve: {size: 7}", "tsaug_convolve"), ("series_time_warp", "tsaug_time_warp"),
         ("series_jitter: {sigma: 0.03}", "jitter"), ("series_scaling", "scaling"), ("series_magnitude_warp", "magnitude_warp"),
         ("series_permutation", "permutation"), ("series_slice", "window_slice"),
         ("series_window_warp: {window: 0.1, speed: {choice: [0.5, 2]}}", "window_warp"), ("series_time_warp", "time_warp")]
GUIDED = [("series_guided_warp", "guided_warp"), ("series_discriminative_warp", "discriminative_warp"),
          ("series_spawner", "spawner"), ("series_barycenter", "barycenter")]
TASKS = [(*pair, "CBF_TEST.tsv", 20, 20, 10) for pair in BASIC] + [(*pair, "CBF_TRAIN.tsv", 200, 1, 20) for pair in GUIDED]


def prepare():
    if not (DATA / "CBF_TEST.tsv").exists():
        sys.exit(f"bench: needs real series, and there is no {DATA / 'CBF_TEST.tsv'}; set LEAVEN_DATA")
    python = WORK / "venv_series" / "bin" / "python"
    if not python.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv_series")], check=True)
    if subprocess.run([str(python), "-c", "import tsaug"], capture_output=True).returncode != 0:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    return python


def seconds(command, copies):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])["seconds"] / copies


def main():
    python = prepare()
    print(f"{ROUNDS} interleaved rounds, one thread each; medians of microseconds a series, ratio of each round's pair (lowest–highest)\n")
    lost = 0
    for step, task, file, copies_here, copies_there, target in TASKS:
        count = sum(1 for _ in open(DATA / file))
        ours, theirs = [], []
        for _ in range(ROUNDS):
            ours.append(seconds([BUILD / "bench" / "bench_series", step, DATA / file, copies_here], copies_here))
            theirs.append(seconds([python, HERE / "peers" / "series_numpy.py", task, DATA / file, copies_there], copies_there))
        ratios = [b / a for a, b in zip(ours, theirs)]
        ratio = statistics.median(ratios)
        lost += ratio < 1
        print(f"{step.split(':')[0]:28} {task:22} {statistics.median(ours) / count * 1e6:9.2f} {statistics.median(theirs) / count * 1e6:10.2f} µs"
              f"   ratio {ratio:8.2f} ({min(ratios):.2f}–{max(ratios):.2f})   target {target} {'met' if ratio >= target else 'MISSED'}", flush=True)
    print(f"{lost} rows lost")


if __name__ == "__main__":
    main()
