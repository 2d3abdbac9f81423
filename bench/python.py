"""The Python package beside those whom people use, in interleaved rounds of one run; every row is printed, lost ones too.
python.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench, with
Debian's PyTorch and torchvision)"""
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tarfile

ROUNDS = int(os.environ.get("LEAVEN_BENCH_ROUNDS", "5"))
HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
WORK = BUILD / "bench"
DATA = pathlib.Path(os.environ.get("LEAVEN_DATA", HERE.parent.parent / "shared" / "data"))
PEERS = ["scikit-build-core==1.1.2", "nanobind==3.1.0", "numpy==1.26.4", "albumentations==2.0.8", "opencv-python-headless==4.11.0.86"]
# task, unit, how many of the unit in a second, target ratio, title
TASKS = [
    ("call_tiny", "µs", 1e6, 1, "a call: flip of 4 × 4, which is all overhead: albumentations"),
    ("call_flip", "µs", 1e6, 1, "a call: flip of 224 × 224: albumentations"),
    ("call_brightness", "µs", 1e6, 1, "a call: brightness of 224 × 224: albumentations"),
    ("in_memory", "s", 1, 3, "512 pictures in memory to batches: DataLoader(albumentations, 2 workers)"),
    ("files", "s", 1, 2, "photos on disk to batches: DataLoader(albumentations, 2 workers)"),
    ("first_batch", "s", 1, 1, "time to the first batch: DataLoader(albumentations, 2 workers)"),
    ("small", "s", 1, 10, "10,000 of 32 × 32 to batches: DataLoader(torchvision, 2 workers)"),
]


def run(*command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def prepare():
    archive = DATA / "photos.tar"
    if not archive.exists():
        sys.exit(f"bench: needs real photos, and there is no {archive}; set LEAVEN_DATA")
    WORK.mkdir(parents=True, exist_ok=True)
    photos = WORK / "photos"
    if not photos.exists():
        with tarfile.open(archive) as tar:
            tar.extractall(WORK / "unpacked")
        (WORK / "unpacked").rename(photos)
    python = WORK / "venv_python" / "bin" / "python"
    if not python.exists():
        run("/usr/bin/python3", "-m", "venv", "--system-site-packages", WORK / "venv_python")
        run(python, "-m", "pip", "install", "-q", *PEERS)
    run(python, "-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "--force-reinstall", HERE.parent)
    return python, photos


def measure(python, task, side, photos):
    return json.loads(run(python, HERE / "peers" / "python_tasks.py", task, side, photos).strip().splitlines()[-1])


def row(python, photos, task, unit, times, target, title):
    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(measure(python, task, "leaven", photos)["seconds"] * times)
        theirs.append(measure(python, task, "peer", photos)["seconds"] * times)
    ratios = [b / a for a, b in zip(ours, theirs)]
    ratio = statistics.median(ratios)
    print(f"{title:78} {statistics.median(ours):8.3f} {statistics.median(theirs):8.3f} {unit:2}  ratio {ratio:6.2f} "
          f"({min(ratios):.2f}–{max(ratios):.2f})   target {target} {'met' if ratio >= target else 'MISSED'}", flush=True)
    return ratio < 1


def memory(python, photos):
    """One round: what is held after 5 and after 50 epochs does not depend on the machine's noise."""
    ours, theirs = (measure(python, "memory", side, photos) for side in ("leaven", "peer"))
    growth = ours["late"] / ours["early"] - 1
    print(f"{'memory after 50 epochs: DataLoader(albumentations, 2 workers)':78} {ours['late'] / 2**20:8.1f} {theirs['late'] / 2**20:8.1f} MiB "
          f"ratio {theirs['late'] / ours['late']:6.2f}   target 3 {'met' if theirs['late'] >= 3 * ours['late'] else 'MISSED'}")
    above, others = ours["late"] - ours["before"], theirs["late"] - theirs["before"]
    print(f"{'the same, above what the imported libraries hold':78} {above / 2**20:8.1f} {others / 2**20:8.1f} MiB ratio {others / above:6.2f}")
    print(f"{'memory: growth from epoch 5 to epoch 50':78} {growth:8.2%}   target 2 % {'met' if growth <= 0.02 else 'MISSED'}")


def package(python):
    folder = pathlib.Path(run(python, "-c", "import leaven, os; print(os.path.dirname(leaven.__file__))").strip())
    code = "import numpy, time; t = time.perf_counter(); import leaven; print(time.perf_counter() - t)"
    took = min(float(run(python, "-c", code)) for _ in range(5))
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file() and file.suffix != ".pyc")
    print(f"{'import leaven, after NumPy':78} {took * 1e3:8.1f} ms    target 60 {'met' if took <= 0.06 else 'MISSED'}")
    print(f"{'the package on disk':78} {size / 2**20:8.1f} MiB")


def main():
    python, photos = prepare()
    print(f"{ROUNDS} interleaved rounds; medians, ratio of each round's pair (lowest–highest)\n")
    print(f"{'':78} {'leaven':>8} {'other':>8}")
    lost = sum(row(python, photos, *task) for task in TASKS)
    memory(python, photos)
    package(python)
    print(f"{lost} rows lost")


main()
