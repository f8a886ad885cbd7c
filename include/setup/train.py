"""`python -m include.setup.train FILE`: do what a build does, on a few rows, and dump the classes it loaded to FILE."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from include.lake.session import java_options, spark_conf


def main(archive: str) -> None:
    """The JVM must be started as for use, with the archive written instead of read."""
    from pyspark.sql import SparkSession

    options = spark_conf() | {
        "spark.driver.extraJavaOptions": f"{java_options(Path('none'))} -XX:ArchiveClassesAtExit={archive}"
    }
    with tempfile.TemporaryDirectory() as folder:
        builder = SparkSession.builder.master("local[2]").appName("training")
        for key, value in {**options, "spark.sql.warehouse.dir": folder}.items():
            builder = builder.config(key, value)
        spark = builder.getOrCreate()
        _read_and_write(spark, folder)
        spark.stop()


def _read_and_write(spark, folder: str) -> None:  # type: ignore[no-untyped-def]
    """Records, a join, an aggregate, a window, then Delta: append, replaceWhere, read, a constraint."""
    from pyspark.sql import Window
    from pyspark.sql import functions as F

    records = [(f'{{"user": "u{i % 5}", "n": "{i}", "day": "2019-10-0{1 + i % 3}"}}', i) for i in range(50)]
    frame = spark.createDataFrame(records, "record string, position bigint")
    fields = F.from_json("record", "map<string,string>")
    rows = frame.select(
        fields["user"].alias("user"),
        fields["n"].try_cast("int").alias("n"),
        fields["day"].try_cast("date").alias("day"),
    )
    newest = F.row_number().over(Window.partitionBy("user").orderBy(F.desc("n")))
    rows = rows.withColumn("newest", newest).persist()
    totals = rows.groupBy("user", "day").agg(F.sum("n").alias("n"), F.collect_set("n").alias("seen"))
    joined = rows.join(totals.select("user", "day", "seen"), ["user", "day"], "left").select("user", "day", "n", "seen")
    path = f"{folder}/table"
    joined.write.format("delta").partitionBy("user").save(path)
    joined.filter("day = '2019-10-01'").write.format("delta").mode("overwrite").option(
        "replaceWhere", "day = '2019-10-01'"
    ).option("txnAppId", "training").option("txnVersion", 1).save(path)
    joined.limit(1).write.format("delta").mode("append").save(path)
    spark.read.format("delta").load(path).groupBy("day").agg(F.count("*"), F.approx_count_distinct("user")).collect()
    spark.sql(f"ALTER TABLE delta.`{path}` ADD CONSTRAINT positive CHECK (n >= 0)")
    joined.write.parquet(f"{folder}/staged")
    spark.read.parquet(f"{folder}/staged").filter("n > 3").count()


if __name__ == "__main__":
    main(sys.argv[1])
