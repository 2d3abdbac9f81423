"""What training with Leaven's pipeline costs, and what two workers gain, in interleaved rounds.
prove.py BUILD_FOLDER   (needs leaven-learn; data: $LEAVEN_DATA, default ../shared/data)"""
import json
import shutil
import subprocess
import time

from pairs import BUILD, HERE, WORK, data_file, heading, measured, rounds, row

RECIPE = HERE.parent / "examples" / "handwriting.yaml"
STEPS = 400
# title, recipe, learner
PIPELINES = [("conv_net, digits turned, scaled and shifted: batches that lie in memory", RECIPE, "conv_net"),
             ("plain_conv_net, the same", RECIPE, "plain_conv_net"),
             ("conv_net, trivial_augment", "trivial_augment", "conv_net")]


def seconds(threads):
    """Of a proof of four pairs of trainings, from nothing."""
    out = WORK / "prove_workers"
    shutil.rmtree(out, ignore_errors=True)
    begun = time.monotonic()
    done = subprocess.run([BUILD / "leaven", "prove", RECIPE, "--data", data_file("mnist_train10k"), "--per-class", "50", "--test", "50%", "--steps", "200",
                           "--seeds", "4", "--against", "none", "--no-converged", "--no-robustness", "--budget", "none", "--threads", str(threads),
                           "--quiet", "-o", out], capture_output=True, text=True)
    taken = time.monotonic() - begun
    # What the verdict is does not matter here.
    if done.returncode not in (0, 10, 11):
        raise SystemExit(f"bench: leaven prove failed:\n{done.stderr}")
    trials = [json.loads(line)["weights"] for line in (out / "leaven.trials.jsonl").read_text().splitlines() if line]
    return taken, sorted(trials)


def main():
    digits = data_file("mnist_train10k")
    WORK.mkdir(parents=True, exist_ok=True)
    heading()
    lost = 0
    for title, recipe, learner in PIPELINES:
        # Both in one process, before, between and after each other.
        found, = rounds(lambda: measured(BUILD / "bench" / "bench_training", digits, recipe, learner, STEPS))
        piped, stored = [f["items"] / f["piped"] for f in found], [f["items"] / f["stored"] for f in found]
        # At most 5 % more time.
        lost += row(title, piped, stored, 1 / 1.05, "it/s", digits=0) < 1 / 1.05
    two, one = rounds(lambda: seconds(2), lambda: seconds(1))
    if any(a[1] != b[1] for a, b in zip(two, one)):
        raise SystemExit("bench: one worker and two do not train the same weights")
    lost += row("prove with two workers (left) and one (right), 12 trainings of 200 steps", [s for s, _ in two], [s for s, _ in one], 1.6, "s", "lower", 2) < 1.6
    print(f"{lost} rows lost")


if __name__ == "__main__":
    main()
