"""What the benchmarks of this folder have in common: where things lie, environments for the peers, rounds in which the
candidates take turns, and a printed row for each comparison. A script is run as SCRIPT BUILD_FOLDER."""
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


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def measured(*command):
    """What a program says of itself: one JSON object in its last line."""
    return json.loads(run(*command).strip().splitlines()[-1])


def data_file(name):
    if not (DATA / name).exists():
        sys.exit(f"bench: needs real data, and there is no {DATA / name}; set LEAVEN_DATA")
    return DATA / name


def photos():
    archive = data_file("photos.tar")
    folder = WORK / "photos"
    if not folder.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        with tarfile.open(archive) as tar:
            tar.extractall(WORK / "unpacked")
        (WORK / "unpacked").rename(folder)
    return folder


def environment(name, probe, packages, python=sys.executable, *options):
    """The Python of a virtual environment in which `import probe` works."""
    inside = WORK / name / "bin" / "python"
    if not inside.exists():
        WORK.mkdir(parents=True, exist_ok=True)
        run(python, "-m", "venv", *options, WORK / name)
    if subprocess.run([str(inside), "-c", f"import {probe}"], capture_output=True).returncode != 0:
        run(inside, "-m", "pip", "install", "-q", *packages)
    return inside


def rounds(*candidates):
    """What each candidate gives, one after another and round after round: a noisy machine is noisy for all."""
    seen = [[] for _ in candidates]
    for _ in range(ROUNDS):
        for results, candidate in zip(seen, candidates):
            results.append(candidate())
    return seen


def row(title, ours, theirs, target, unit, faster="higher", digits=0):
    """Prints medians and the ratio of each round's pair, above 1 where we are faster; answers with its median."""
    ratios = [a / b if faster == "higher" else b / a for a, b in zip(ours, theirs)]
    ratio = statistics.median(ratios)
    print(f"{title:78} {statistics.median(ours):10.{digits}f} {statistics.median(theirs):10.{digits}f} {unit:5}  ratio {ratio:7.2f} "
          f"({min(ratios):.2f}–{max(ratios):.2f})   target {target:g} {'met' if ratio >= target else 'MISSED'}", flush=True)
    return ratio


def heading():
    print(f"\n{ROUNDS} interleaved rounds; medians, ratio of each round's pair (lowest–highest)\n")
    print(f"{'':78} {'leaven':>10} {'other':>10}")
