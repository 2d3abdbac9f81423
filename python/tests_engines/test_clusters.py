"""Against real clusters on this machine: Ray with two workers, Spark with two. Any parts, also those of a worker that was
killed, make the bytes of one process."""

from __future__ import annotations

import io
import os
import pathlib
import signal
import sys
import tempfile

import numpy as np
import pyarrow as pa
import pyarrow.parquet
import pytest
from PIL import Image

import leaven as lv
from conftest import smooth

sys.path.append(str(pathlib.Path(__file__).parents[1] / "tests"))
from doc_blocks import CLUSTERS, blocks, run

RECIPE = lv.Recipe([lv.rotate(degrees=lv.uniform(-30, 30)), lv.gaussian_noise(), lv.brightness(by=lv.uniform(0.8, 1.2))], seed=4)
ROWS = 24

pytestmark = pytest.mark.filterwarnings("ignore")


def killed_once(recipe, marker):
    """The recipe for tables, but the first worker is killed without a word when it has made its first part."""
    marker = str(marker)

    def make(table):  # inside another function, so that clusters send its code and not its name
        made = recipe(table)
        try:
            os.close(os.open(marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return made
        os.kill(os.getpid(), signal.SIGKILL)

    return make


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the clusters work, with a table of pictures as it lies on disk."""
    folder = tmp_path_factory.mktemp("clusters")
    files = []
    for number in range(ROWS):
        file = io.BytesIO()
        Image.fromarray(smooth(30 + number % 5, 40, seed=number)).save(file, "PNG" if number % 2 else "JPEG")
        files.append(file.getvalue())
    table = pa.table({"id": [f"{number}.png" for number in range(ROWS)], "image": pa.array(files, pa.binary()), "other": list(range(ROWS))})
    pa.parquet.write_table(table, folder / "pictures.parquet", row_group_size=7)
    before = os.getcwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="module")
def alone(folder):
    """What one process makes, by the rows' names."""
    made = RECIPE.arrow(key="id")(pa.parquet.read_table(folder / "pictures.parquet"))
    return dict(zip(made.column("id").to_pylist(), made.column("image").to_pylist()))


@pytest.fixture(scope="module")
def ray(folder):
    import ray

    os.environ.update(RAY_USAGE_STATS_ENABLED="0", RAY_DATA_DISABLE_PROGRESS_BARS="1")
    with tempfile.TemporaryDirectory(prefix="ray", ignore_cleanup_errors=True) as session:
        ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False, object_store_memory=100 << 20, _temp_dir=session)
        yield ray
        ray.shutdown()


@pytest.fixture(scope="module")
def spark(folder):
    from pyspark.sql import SparkSession

    os.environ["PYSPARK_PYTHON"] = sys.executable
    # Two workers; a task that lost its worker is done again, as on every cluster.
    builder = SparkSession.builder.master("local[2, 3]").config("spark.ui.enabled", "false")
    builder = builder.config("spark.driver.host", "127.0.0.1").config("spark.driver.bindAddress", "127.0.0.1")
    # Where no file says what localhost is, too.
    builder = builder.config("spark.python.unix.domain.socket.enabled", "true")
    session = builder.config("spark.ui.showConsoleProgress", "false").getOrCreate()
    session.sparkContext.setLogLevel("OFF")
    yield session
    session.stop()


def images_of_ray(ds):
    return {row["id"]: row["image"] for row in ds.take_all()}


@pytest.mark.parametrize("parts", [1, 5, ROWS])
def test_ray_makes_the_same_bytes_in_any_parts(ray, alone, parts):
    ds = ray.data.read_parquet("pictures.parquet").repartition(parts)
    assert images_of_ray(ds.map_batches(RECIPE.arrow(key="id"), batch_format="pyarrow", batch_size=4)) == alone


def test_ray_makes_the_same_bytes_after_a_worker_was_killed(ray, alone, folder):
    ds = ray.data.read_parquet("pictures.parquet").repartition(6)
    killed = killed_once(RECIPE.arrow(key="id"), folder / "ray.killed")
    assert images_of_ray(ds.map_batches(killed, batch_format="pyarrow")) == alone
    assert (folder / "ray.killed").exists()


def images_of_spark(df):
    return {row["id"]: bytes(row["image"]) for row in df.collect()}


@pytest.mark.parametrize("parts", [1, 5, ROWS])
def test_spark_makes_the_same_bytes_in_any_parts(spark, alone, parts):
    df = spark.read.parquet("pictures.parquet").repartition(parts)
    assert images_of_spark(df.mapInArrow(RECIPE.arrow(key="id").batches, df.schema)) == alone


def test_spark_makes_the_same_bytes_after_a_worker_was_killed(spark, alone, folder):
    df = spark.read.parquet("pictures.parquet").repartition(6)
    killed = killed_once(RECIPE.arrow(key="id"), folder / "spark.killed")
    assert images_of_spark(df.mapInArrow(lambda batches: map(killed, batches), df.schema)) == alone
    assert (folder / "spark.killed").exists()


@pytest.mark.parametrize("cluster", ["ray", "spark"])
def test_blocks_of_the_pages_run(cluster, alone, folder, request):
    names = {"lv": lv, "recipe": RECIPE, cluster: request.getfixturevalue(cluster)}
    found = [block for block in blocks() if CLUSTERS.search(block.text) and cluster in block.text]
    assert [block.page for block in found] == ["docs/scale_out.md"]
    run(found[0], names)
    made = pa.parquet.read_table(folder / "more")
    assert dict(zip(made.column("id").to_pylist(), made.column("image").to_pylist())) == alone
    for file in (folder / "more").iterdir():
        file.unlink()
    (folder / "more").rmdir()
