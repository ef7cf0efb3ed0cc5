"""Clean a day of poll files by DuckDB's SQL: write both facts as CSV, to compare Ladepuls with DuckDB.

usage: python bench/duckdb_day.py POLL_DIR OUT_DIR [THREADS=2]
needs: pip install duckdb==2.0.0

It checks nothing, stores no history and reads no master data. Its duration is what the rows alone take in a fast engine.
"""
import os
import sys
import time

import duckdb

polls, out = sys.argv[1], sys.argv[2]
threads = int(sys.argv[3]) if len(sys.argv) > 3 else 2
os.makedirs(out, exist_ok=True)

ENVELOPES = """map(varchar, struct(
  timestamp varchar,
  data struct(
    id varchar,
    evses struct(
      uid varchar, status varchar, parkingsensor_status varchar, connectors struct(id varchar, status varchar)[]
    )[]
  )[]
))"""

database = duckdb.connect()
database.execute(f"set threads = {threads}")
started = time.perf_counter()
database.execute(f"""
  create temp table point as
  select envelope.value.timestamp as query_time, unnest(flatten(list_transform(envelope.value.data, lambda station: station.evses))) as evse
  from (
    select unnest(map_entries(json)) as envelope
    from read_json('{polls}/*_cp_data_cities.json*', format = 'unstructured', records = false,
      columns = {{json: '{ENVELOPES}'}}, maximum_object_size = 1_000_000_000)
  )
""")
database.execute(f"""
  copy (select evse.uid, query_time, evse.status, evse.parkingsensor_status from point)
  to '{out}/status_chargingpoints.csv'
""")
database.execute(f"""
  copy (
    select connector.id, query_time, connector.status
    from (select query_time, unnest(evse.connectors) as connector from point)
  ) to '{out}/status_connectors.csv'
""")
seconds = time.perf_counter() - started
rows = database.execute("select count(*) + sum(len(evse.connectors)) from point").fetchone()[0]
print(f"DuckDB {duckdb.__version__}, {threads} threads: {rows} fact rows as CSV in {seconds:.2f} s")
