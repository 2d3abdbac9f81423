"""Times Leaven against its limits and peers, in interleaved rounds of one run, and prints every row, lost ones too.
run.py BUILD_FOLDER   (data: $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench;
larger datasets are written below $LEAVEN_BENCH_OUT, default BUILD_FOLDER/bench: another disk, or memory as /dev/shm;
$LEAVEN_BENCH_PARTS names what is measured: geo10, single, jobs; all of them when it is not set)"""
import json
import os
import pathlib
import shutil
import statistics
import time

import pairs
from pairs import BUILD, HERE, ROUNDS, WORK, heading, measured, rounds, row, run

PARTS = os.environ.get("LEAVEN_BENCH_PARTS", "geo10 single jobs").split()
OUTS = pathlib.Path(os.environ.get("LEAVEN_BENCH_OUT", WORK)) / "leaven_bench_outs"
PEERS = ["albumentations==2.0.8", "opencv-python-headless==4.11.0.86", "numpy==2.2.6"]


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


def fresh_folder():
    """Each run writes into a folder of its own, removed at the very end: ext4 searches long for a free inode just after
    many were freed, and that would be measured instead of the job."""
    fresh_folder.made += 1
    return OUTS / str(fresh_folder.made)


fresh_folder.made = 0


def job_leaven(photos, recipe, times, threads):
    out = fresh_folder()
    start = time.perf_counter()
    run(BUILD / "leaven", "augment", photos, "-o", out, "--recipe", HERE / "recipes" / recipe, "--times", times, "--threads", threads,
         "--originals", "none", "--quiet", "--progress", "none")
    seconds = time.perf_counter() - start
    return sum(1 for p in out.rglob("*_aug*") if p.is_file()) / seconds


def encodings_of(photos):
    """How Leaven encodes the copies of each photo (as the photo itself is), for the peer to do the same."""
    out = fresh_folder()
    run(BUILD / "leaven", "augment", photos, "-o", out, "--recipe", HERE / "recipes" / "job_warp.yaml", "--times", 1, "--originals", "none", "--quiet", "--progress", "none")
    lines = [json.loads(line) for line in (out / "leaven.lineage.jsonl").read_text().splitlines()]
    file = WORK / f"{photos.name}.encodings.json"
    file.write_text(json.dumps({line["source"]: [line["encoding"]["quality"], line["encoding"]["subsampling"]] for line in lines}))
    return file


def job_peer(python, photos, encodings, kind, times, threads):
    """By its own clock: the second that its imports take is not counted, while Leaven's start is."""
    made = measured(python, HERE / "peers" / "job_albumentations.py", photos, fresh_folder(), times, threads, kind, encodings)
    return made["outputs"] / made["seconds"]


def job_limit(photos, times, threads, crop, *out):
    made = measured(BUILD / "bench" / "bench_codec_limit", photos, times, threads, crop, *out)
    return made["outputs"] / made["seconds"]


def geo10_leaven(photos):
    return measured(BUILD / "bench" / "bench_geo10", photos, HERE / "recipes" / "geo10.yaml", 3)


def geo10_peer(python, photos):
    return measured(python, HERE / "peers" / "geo10_albumentations.py", photos, 3)


def single_ops(photos, python):
    """Round after round, ours then theirs; every row, lost ones too."""
    ours, theirs = [], []
    for _ in range(min(ROUNDS, 3)):
        ours.append(measured(BUILD / "bench" / "bench_single_ops", photos, HERE / "single_ops.txt", 0.4))
        theirs.append(measured(python, HERE / "peers" / "single_ops_albumentations.py", photos, 0.4))
    ratios = []
    for name in ours[0]:
        if name in theirs[0]:
            ratios.append(row(f"{name}, 1 thread, albumentations", [r[name] for r in ours], [r[name] for r in theirs], 1, "img/s"))
    lost = sum(r < 1 for r in ratios)
    print(f"{len(ratios)} rows, geometric mean {statistics.geometric_mean(ratios):.2f} (target 2), {lost} lost")


def geo10(photos, python):
    ours, theirs = rounds(lambda: geo10_leaven(photos), lambda: geo10_peer(python, photos))
    row("geo10, float32 CHW 224×224, 1 thread, albumentations 2.0.8", [r["images_per_second"] for r in ours],
        [r["images_per_second"] for r in theirs], 4, "img/s")
    planning = statistics.median(r["planning_us_per_step"] for r in ours)
    print(f"{'planning, a step':78} {planning:10.2f}            µs     target ≤ 3 {'met' if planning <= 3 else 'MISSED'}")


def jobs(photos, python):
    shutil.rmtree(OUTS, ignore_errors=True)
    for size, folder in (("200 photos", photos), ("1,000 photos", five_times(photos))):
        encodings = encodings_of(folder)
        for name, recipe, kind, crop, target in (("flips, crops, colour", "job_crop_color.yaml", "crop", 320, 0.8),
                                                 ("full-frame warp", "job_warp.yaml", "warp", 0, 0.6)):
            ours, limit, written, peer = rounds(lambda: job_leaven(folder, recipe, 4, 2), lambda: job_limit(folder, 4, 2, crop),
                                                lambda: job_limit(folder, 4, 2, crop, fresh_folder()),
                                                lambda: job_peer(python, folder, encodings, kind, 4, 2))
            row(f"{size} ×4, {name}, 2 threads: codecs alone", ours, limit, target, "img/s")
            row(f"{size} ×4, {name}, 2 threads: codecs and the writing of the files", ours, written, target, "img/s")
            row(f"{size} ×4, {name}, 2 threads: albumentations", ours, peer, 1.5, "img/s")
    shutil.rmtree(OUTS, ignore_errors=True)


def main():
    photos = pairs.photos()
    python = pairs.environment("venv", "albumentations, cv2", PEERS)
    heading()
    for name, part in (("geo10", geo10), ("single", single_ops), ("jobs", jobs)):
        if name in PARTS:
            part(photos, python)


if __name__ == "__main__":
    main()
