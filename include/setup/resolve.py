"""`python -m include.setup.resolve CACHE COORDINATE...`: fetch jars by Spark's resolver, without their dependencies."""

from __future__ import annotations

import sys


def main(cache: str, *coordinates: str) -> None:
    """Leaves each jar in CACHE/jars. A process of its own: the cache is fixed when the session starts."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false")
    spark = builder.config("spark.jars.ivy", cache).getOrCreate()
    for coordinate in coordinates:
        spark.sql(f"ADD JAR 'ivy://{coordinate}?transitive=false'")


if __name__ == "__main__":
    main(*sys.argv[1:])
