"""Time series: the same tasks here, with tsaug and with the NumPy formulas, in interleaved rounds; every row, lost ones too.
series.py BUILD_FOLDER   (data: CBF in $LEAVEN_DATA, default ../shared/data; peers: a virtual environment in BUILD_FOLDER/bench)"""
from pairs import BUILD, HERE, data_file, environment, heading, measured, rounds, row

PEERS = ["tsaug==0.2.1", "numpy==1.26.4", "scipy==1.11.4"]
# step here, task there, file, copies of each series here and there (as many as take a tenth of a second), target ratio
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
TASKS = [(*pair, "CBF_TEST.tsv", 400, 20, 10) for pair in BASIC] + [(*pair, "CBF_TRAIN.tsv", 200, 1, 20) for pair in GUIDED]



def main():
    python = environment("venv_series", "tsaug", PEERS)
    heading()
    lost = 0
    for step, task, file, copies_here, copies_there, target in TASKS:
        data = data_file(f"timeseries/CBF/{file}")
        made = sum(1 for _ in open(data)) / 1e6  # millions of series, a copy of each: microseconds a series
        ours, theirs = rounds(
            lambda: measured(BUILD / "bench" / "bench_series", step, data, copies_here)["seconds"] / copies_here / made,
            lambda: measured(python, HERE / "peers" / "series_numpy.py", task, data, copies_there)["seconds"] / copies_there / made)
        lost += row(f"{step.split(':')[0]}, 1 thread: {task} of {'tsaug' if task.startswith('tsaug') else 'NumPy'}", ours, theirs, target,
                    "µs", "lower", 2) < 1
    print(f"{lost} rows lost")


if __name__ == "__main__":
    main()
