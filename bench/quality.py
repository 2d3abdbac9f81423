"""What samplers are worth: F1 and AUC of a forest on untouched rows, ten paired splits ($LEAVEN_BENCH_SPLITS: so many), each sampler against none; every row is
printed, those that lose too. quality.py BUILD_FOLDER   (data: $LEAVEN_DATA; scikit-learn in a virtual environment in BUILD_FOLDER/bench)"""
from pairs import BUILD, HERE, WORK, data_file, environment, measured
from table import PEERS

SAMPLERS = ["random_over", "smote", "smote_nc", "borderline_1", "svm_smote", "adasyn", "kmeans_smote", "polynom_fit", "prowsyn", "g_smote",
            "mixup", "cutmix", "random_under", "tomek", "enn"]


def main():
    python = environment("venv_table", "imblearn, sklearn, pandas", PEERS)
    data_file("table/adult.csv")
    for name in ("mammography", "adult", "moons"):
        result = measured(python, HERE / "peers" / "quality_sklearn.py", BUILD / "leaven", WORK / "quality", name,
                          data_file("table/mammography.csv").parent, *SAMPLERS)
        print(f"\n{result['title']}")
        print(f"{'':14} {'F1':>6} {'than none':>20}    {'AUC':>6} {'than none':>20}")
        for sampler, scores in result["samplers"].items():
            if scores is None:
                print(f"{sampler:14} refused: {result['refused'][sampler]}")
                continue
            f1, auc = scores["f1"], scores["auc"]
            print(f"{sampler:14} {f1['mean']:6.3f} {f1['apart']:+8.3f} ± {f1['half']:.3f}    {auc['mean']:8.3f} {auc['apart']:+8.3f} ± {auc['half']:.3f}", flush=True)


if __name__ == "__main__":
    main()
