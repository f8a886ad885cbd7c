"""The Spark session. Everything that makes a start cheap is here; master and resources come from outside."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from include.errors import BadInput, PortraitError, java_cause, java_message
from include.settings import ROOT
from include.setup import java

if TYPE_CHECKING:
    from pyspark import SparkConf
    from pyspark.sql import SparkSession

JARS = ROOT / "build" / "jars"
_LOGGING = Path(__file__).with_name("log4j2.properties")
ARCHIVE = ROOT / "build" / "portrait.jsa"  # class-data archive, made by set-up


def spark_conf() -> dict[str, str]:
    """Configuration for one application, for a session or for spark-submit.

    The jars are on the class path and not in `spark.jars`, since the class-data archive only serves classes of the
    class path. One snapshot partition: Delta's default of 50 is 50 tasks to read a log of ten lines.
    """
    jars = sorted(JARS.glob("*.jar"))
    if not jars:
        raise BadInput(f"Spark: no Delta jars in {JARS}; run `make setup`")
    class_path = os.pathsep.join(map(str, jars))
    return {
        "spark.driver.extraClassPath": class_path,
        "spark.executor.extraClassPath": class_path,
        "spark.driver.extraJavaOptions": java_options(),
        "spark.sql.extensions": "io.delta.sql.DeltaSparkSessionExtension",
        "spark.sql.catalog.spark_catalog": "org.apache.spark.sql.delta.catalog.DeltaCatalog",
        "spark.databricks.delta.snapshotPartitions": "1",
        "spark.sql.sources.parallelPartitionDiscovery.parallelism": "2",
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.session.timeZone": "UTC",
        "spark.sql.execution.arrow.maxRecordsPerBatch": "20000",
        "spark.sql.adaptive.enabled": "true",
        "spark.sql.parquet.compression.codec": "zstd",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
        "spark.pyspark.python": sys.executable,
        "spark.driver.memory": "2g",
        "spark.python.sql.dataFrameDebugging.enabled": "false",
        # A local session listens on this machine only; a cluster's driver is told its address by the connection.
        "spark.driver.bindAddress": "127.0.0.1",
        "spark.driver.host": "127.0.0.1",
    }


def java_options(archive: Path = ARCHIVE) -> str:
    """Options of the driver's JVM: small heap overhead, quick start."""
    options = [
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:ReservedCodeCacheSize=256m",
        "-Duser.timezone=UTC",
        "-Xshare:auto",
        "-Xlog:disable",
        f"-Dlog4j2.configurationFile={_LOGGING.as_uri()}",
    ]
    if archive.exists():
        options.append(f"-XX:SharedArchiveFile={archive}")
    return " ".join(options)


def session(app: str) -> SparkSession:
    """A session that reads and writes Delta. What spark-submit was told stands; without it: local, all cores.

    Raises BadInput where there is no Java, PortraitError where the cluster does not take us.
    """
    from py4j.protocol import Py4JJavaError
    from pyspark import SparkConf, SparkContext
    from pyspark.accumulators import AccumulatorTCPServer, AccumulatorUnixServer
    from pyspark.errors import PySparkRuntimeError
    from pyspark.sql import SparkSession

    from include.lake.gateway import remember_names, say_nothing_of_a_dead_jvm

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    remember_names()
    say_nothing_of_a_dead_jvm()
    # Nor may the server of accumulators, which would print a trace beside that error.
    for server in (AccumulatorTCPServer, AccumulatorUnixServer):
        server.handle_error = lambda *_: None  # type: ignore[method-assign]
    if "PYSPARK_GATEWAY_PORT" in os.environ:  # started by spark-submit, whose JVM knows what it was told
        SparkContext._ensure_initialized()
    else:
        java.find()
    given = SparkConf()
    builder = SparkSession.builder.appName(app)
    for key, value in {"spark.master": "local[*]", **spark_conf()}.items():
        if not given.contains(key):
            builder = builder.config(key, value)
    try:
        return builder.getOrCreate()
    except PySparkRuntimeError:
        java.check()  # BadInput, where a Java that Spark does not run on is the reason
        raise
    except Py4JJavaError as error:
        master = str(given.get("spark.master", "local[*]"))
        if master.startswith("local"):
            raise
        raise PortraitError(f"Spark: {master} did not take the application: {_why_not(error, given)}") from None


def _why_not(error: Exception, given: SparkConf) -> str:
    """Why a cluster did not take the application: Spark tells it by the class of an exception alone."""
    match java_cause(error):
        case "java.net.BindException":
            address = given.get("spark.driver.bindAddress", given.get("spark.driver.host", "not set"))
            return f"spark.driver.bindAddress, {address}, is no address of this machine"
        case "java.lang.OutOfMemoryError":
            return "the driver has too little memory, spark.driver.memory"
        case "org.apache.spark.SparkIllegalArgumentException" | "java.lang.NumberFormatException":
            return f"a setting of the connection cannot be: {java_message(error)}"
        case cause:
            return f"it does not answer, or spark.authenticate.secret is not the one it was started with ({cause})"
