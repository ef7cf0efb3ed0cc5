"""Load a day of poll files into Postgres by dlt, including nested connectors, to compare Ladepuls with dlt.

usage: python bench/dlt_day.py POLL_DIR POSTGRES_URL
needs: pip install 'dlt[postgres]==1.31.0', and a Postgres, such as that of "npx ladepuls start": npx ladepuls warehouse-url --owner

It creates the tables status_chargingpoints and status_chargingpoints__connectors in the schema bench_dlt, and drops
the schema at the end. It checks nothing and stores no history.
"""
import glob
import gzip
import json
import sys
import time

import dlt

polls, url = sys.argv[1], sys.argv[2]


@dlt.resource(write_disposition="replace")
def status_chargingpoints():
    for path in sorted(glob.glob(f"{polls}/*_cp_data_cities.json*")):
        with (gzip.open if path.endswith(".gz") else open)(path, "rt", encoding="utf-8") as file:
            feeds = json.load(file)
        for envelope in feeds.values():
            for station in envelope["data"]:
                for evse in station["evses"]:
                    yield {
                        "id_chargingpoint": evse["uid"],
                        "query_time": envelope["timestamp"],
                        "status_cp": evse["status"],
                        "status_parkingsensor": evse.get("parkingsensor_status"),
                        "connectors": [
                            {"id_connector": connector["id"], "status_connector": connector["status"]}
                            for connector in evse["connectors"]
                        ],
                    }


pipeline = dlt.pipeline(
    "bench_dlt", destination=dlt.destinations.postgres(url), dataset_name="bench_dlt", progress=None
)
started = time.perf_counter()
pipeline.run(status_chargingpoints)
seconds = time.perf_counter() - started
with pipeline.sql_client() as client:
    counted = client.execute_sql(
        "select (select count(*) from status_chargingpoints) + (select count(*) from status_chargingpoints__connectors)"
    )
    client.drop_dataset()
print(f"dlt {dlt.__version__}: {counted[0][0]} fact rows into Postgres in {seconds:.1f} s")
