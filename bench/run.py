"""Times Leaven against its limits and peers, in interleaved rounds of one run, and prints every row, lost ones too.
run.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench)"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile
import time

ROUNDS = int(os.environ.get("LEAVEN_BENCH_ROUNDS", "5"))
HERE = pathlib.Path(__file__).resolve().parent
BUILD = pathlib.Path(sys.argv[1]).resolve()
WORK = BUILD / "bench"
DATA = pathlib.Path(os.environ.get("LEAVEN_DATA", HERE.parent.parent / "shared" / "data"))
PEERS = ["albumentations==2.0.8", "opencv-python-headless==4.11.0.86", "numpy==2.2.6"]


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
    python = WORK / "venv" / "bin" / "python"
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", str(WORK / "venv")], check=True)
    have = subprocess.run([str(python), "-c", "import albumentations, cv2"], capture_output=True)
    if have.returncode != 0:
        subprocess.run([str(python), "-m", "pip", "install", "-q", *PEERS], check=True)
    return photos, python


def five_times(photos):
    """The photos under five names each: what a job costs once its start and its report no longer count."""
    larger = WORK / "photos_5"
    if not larger.exists():
        made = WORK / "photos_5.part"
        shutil.rmtree(made, ignore_errors=True)
        for photo in sorted(p for p in photos.rglob("*") if p.is_file()):
            folder = made / photo.relative_to(photos).parent
            folder.mkdir(parents=True, exist_ok=True)
            for k in range(5):
                os.link(photo, folder / f"{k}_{photo.name}")
        made.rename(larger)
    return larger


def run(command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    if done.returncode not in (0,):
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def last_json(text):
    return json.loads(text.strip().splitlines()[-1])


def fresh_folder():
    """Each run writes into a folder of its own, removed at the very end: ext4 searches long for a free inode just after
    many were freed, and that would be measured instead of the job."""
    fresh_folder.made += 1
    return WORK / "outs" / str(fresh_folder.made)


fresh_folder.made = 0


def job_leaven(photos, recipe, times, threads):
    out = fresh_folder()
    start = time.perf_counter()
    run([BUILD / "leaven", "augment", photos, "-o", out, "--recipe", HERE / "recipes" / recipe, "--times", times, "--threads", threads,
         "--originals", "none", "--quiet", "--progress", "none"])
    seconds = time.perf_counter() - start
    return sum(1 for p in out.rglob("*_aug*") if p.is_file()) / seconds


def encodings_of(photos):
    """How Leaven encodes the copies of each photo (as the photo itself is), for the peer to do the same."""
    out = fresh_folder()
    run([BUILD / "leaven", "augment", photos, "-o", out, "--recipe", HERE / "recipes" / "job_warp.yaml", "--times", 1, "--originals", "none", "--quiet", "--progress", "none"])
    lines = [json.loads(line) for line in (out / "leaven.lineage.jsonl").read_text().splitlines()]
    file = WORK / f"{photos.name}.encodings.json"
    file.write_text(json.dumps({line["source"]: [line["encoding"]["quality"], line["encoding"]["subsampling"]] for line in lines}))
    return file


def job_peer(python, photos, encodings, kind, times, threads):
    """By its own clock: the second that its imports take is not counted, while Leaven's start is."""
    made = last_json(run([python, HERE / "peers" / "job_albumentations.py", photos, fresh_folder(), times, threads, kind, encodings]))
    return made["outputs"] / made["seconds"]


def job_limit(photos, times, threads, crop):
    made = last_json(run([BUILD / "bench" / "bench_codec_limit", photos, times, threads, crop]))
    return made["outputs"] / made["seconds"]


def geo10_leaven(photos):
    return last_json(run([BUILD / "bench" / "bench_geo10", photos, HERE / "recipes" / "geo10.yaml", 3]))


def geo10_peer(python, photos):
    return last_json(run([python, HERE / "peers" / "geo10_albumentations.py", photos, 3]))


def single_ops(photos, python):
    """Round after round, ours then theirs; every row, lost ones too."""
    ours, theirs = [], []
    for _ in range(min(ROUNDS, 3)):
        ours.append(last_json(run([BUILD / "bench" / "bench_single_ops", photos, HERE / "single_ops.txt", 0.4])))
        theirs.append(last_json(run([python, HERE / "peers" / "single_ops_albumentations.py", photos, 0.4])))
    ratios = []
    for name in ours[0]:
        if name in theirs[0]:
            ratios.append(row(f"{name}, 1 thread, albumentations", [r[name] for r in ours], [r[name] for r in theirs], 1.0))
    lost = sum(r < 1 for r in ratios)
    print(f"{len(ratios)} rows, geometric mean {statistics.geometric_mean(ratios):.2f} (target 2), {lost} lost")


def rounds(**candidates):
    """One after another, round after round, so that a noisy machine is noisy for all."""
    seen = {name: [] for name in candidates}
    for _ in range(ROUNDS):
        for name, candidate in candidates.items():
            seen[name].append(candidate())
    return seen


def row(title, ours, theirs, target, unit="img/s"):
    ratios = [a / b for a, b in zip(ours, theirs)]
    ratio = statistics.median(ratios)
    verdict = "met" if ratio >= target else "MISSED"
    print(f"{title:58} {statistics.median(ours):9.0f} {statistics.median(theirs):9.0f} {unit}   ratio {ratio:5.2f} "
          f"({min(ratios):.2f}–{max(ratios):.2f})   target {target:.2f} {verdict}", flush=True)
    return ratio


def main():
    photos, python = prepare()
    print(f"{ROUNDS} interleaved rounds; medians of rounds, ratio of each round's pair (lowest–highest)\n")
    print(f"{'':58} {'leaven':>9} {'other':>9}")
    chain = rounds(leaven=lambda: geo10_leaven(photos), peer=lambda: geo10_peer(python, photos))
    row("geo10, float32 CHW 224×224, 1 thread, albumentations 2.0.8", [r["images_per_second"] for r in chain["leaven"]],
        [r["images_per_second"] for r in chain["peer"]], 4.0)
    planning = statistics.median(r["planning_us_per_step"] for r in chain["leaven"])
    print(f"{'planning, a step':58} {planning:9.2f}           µs      target ≤ 3 {'met' if planning <= 3 else 'MISSED'}")
    single_ops(photos, python)
    shutil.rmtree(WORK / "outs", ignore_errors=True)
    for size, folder in (("200 photos", photos), ("1,000 photos", five_times(photos))):
        encodings = encodings_of(folder)
        for name, recipe, kind, crop, target in (("flips, crops, colour", "job_crop_color.yaml", "crop", 320, 0.8),
                                                 ("full-frame warp", "job_warp.yaml", "warp", 0, 0.6)):
            jobs = rounds(leaven=lambda: job_leaven(folder, recipe, 4, 2), limit=lambda: job_limit(folder, 4, 2, crop),
                          peer=lambda: job_peer(python, folder, encodings, kind, 4, 2))
            row(f"{size} ×4, {name}, 2 threads: codecs alone", jobs["leaven"], jobs["limit"], target)
            row(f"{size} ×4, {name}, 2 threads: albumentations", jobs["leaven"], jobs["peer"], 1.5)
    shutil.rmtree(WORK / "outs", ignore_errors=True)


if __name__ == "__main__":
    main()
