"""The Python package beside those whom people use, in interleaved rounds of one run; every row is printed, lost ones too.
python.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench, with
Debian's PyTorch and torchvision)"""
import pathlib

import pairs
from pairs import HERE, heading, measured, rounds, run

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


def prepare():
    photos = pairs.photos()
    python = pairs.environment("venv_python", "albumentations", PEERS, "/usr/bin/python3", "--system-site-packages")
    run(python, "-m", "pip", "install", "-q", "--no-build-isolation", "--no-deps", "--force-reinstall", HERE.parent)
    return python, photos


def measure(python, task, side, photos):
    return measured(python, HERE / "peers" / "python_tasks.py", task, side, photos)


def row(python, photos, task, unit, times, target, title):
    ours, theirs = rounds(lambda: measure(python, task, "leaven", photos)["seconds"] * times,
                          lambda: measure(python, task, "peer", photos)["seconds"] * times)
    return pairs.row(title, ours, theirs, target, unit, "lower", 3) < 1


def cache(python, photos):
    kept, decoded = rounds(lambda: measure(python, "files", "cached", photos)["seconds"], lambda: measure(python, "files", "leaven", photos)["seconds"])
    pairs.row("photos on disk to batches, decoded pictures from a cache: without it", kept, decoded, 4, "s", "lower", 3)


def memory(python, photos):
    """One round: what is held after 5 and after 50 epochs does not depend on the machine's noise."""
    ours, theirs = (measure(python, "memory", side, photos) for side in ("leaven", "peer"))
    alone = measure(python, "memory_arrays", "leaven", photos)
    growth = ours["late"] / ours["early"] - 1
    print(f"{'memory after 50 epochs: DataLoader(albumentations, 2 workers)':78} {ours['late'] / 2**20:8.1f} {theirs['late'] / 2**20:8.1f} MiB "
          f"ratio {theirs['late'] / ours['late']:6.2f}   target 3 {'met' if theirs['late'] >= 3 * ours['late'] else 'MISSED'}")
    print(f"{'the same, where nothing else needs PyTorch: leaven.Loader':78} {alone['late'] / 2**20:8.1f} {theirs['late'] / 2**20:8.1f} MiB "
          f"ratio {theirs['late'] / alone['late']:6.2f}   target 3 {'met' if theirs['late'] >= 3 * alone['late'] else 'MISSED'}")
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
    heading()
    lost = sum(row(python, photos, *task) for task in TASKS)
    cache(python, photos)
    memory(python, photos)
    package(python)
    print(f"{lost} rows lost")


if __name__ == "__main__":
    main()
