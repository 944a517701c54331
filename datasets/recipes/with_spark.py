"""Where enforcing domains have their mail, by Spark, which reads the files itself from 4.1 on."""

import json
import subprocess
import sys
from typing import Any

from pyspark.sql import SparkSession
from pyspark.sql import functions as f
from pyspark.sql.types import StructType

PROGRAM = ".build/release/stsurvey"
session = (SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
           .config("spark.driver.host", "127.0.0.1")
           .config("spark.driver.bindAddress", "127.0.0.1").getOrCreate())
session.sparkContext.setLogLevel("OFF")


def read(record: str) -> Any:
    """The records of a kind, with the program's schema."""
    code = subprocess.run(
        [PROGRAM, "schema", "--record", record, "--format", "spark"], check=True,
        capture_output=True, text=True).stdout
    schema = StructType.fromJson(json.loads(code))
    return session.read.schema(schema).json(f"{sys.argv[1]}/{record}s-*.ndjson.zst")


domains = read("domain").filter("sts_mode = 'enforce'").select(
    f.expr("get(mx, 0).host").alias("host"), f.expr("get(mx, 0).observation").alias("observation"))
hosts = read("host").select("host", "observation", "certificate_status")
found = domains.join(hosts, ["host", "observation"]).groupBy(
    f.regexp_replace("host", r"^[^.]*\.", "").alias("provider")).agg(
    f.count("*"), f.count(f.when(f.col("certificate_status") == "ok", 1)))
for row in sorted(tuple(row) for row in found.collect()):
    print(*row, sep="\t")
session.stop()
