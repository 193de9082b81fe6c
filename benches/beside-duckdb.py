#!/usr/bin/env python3
"""The engine of event files beside DuckDB, on the same events, in one sitting.

    pip install duckdb
    python3 benches/beside-duckdb.py [--events 2000000] [--rounds 5] [--file PATH]

Writes events of 13 fields with unique trace ids (once; about 300 bytes each), then lets both take turns, each in a process of its own: load the file
into memory; total and bad per minute; events and the 99th percentile (nearest rank) of a number by two fields. Both must find the same, to the last digit.
DuckDB loads with and without a schema, and the faster counts. Prints medians, their ratio, and the memory an event takes.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

BAD = '"http.response.status_code" >= 500'
COLUMNS = {
    "time": "TIMESTAMP",
    "service.name": "VARCHAR",
    "host.name": "VARCHAR",
    "build": "BIGINT",
    "region": "VARCHAR",
    "route": "VARCHAR",
    "customer": "VARCHAR",
    "http.request.method": "VARCHAR",
    "http.response.status_code": "BIGINT",
    "duration_ms": "DOUBLE",
    "user_agent.original": "VARCHAR",
    "trace.trace_id": "VARCHAR",
    "trace.span_id": "VARCHAR",
}


def generate(path, count):
    """Events of six hours; figures come from a multiplicative generator, so that every run writes the same bytes."""
    state = 0x9E3779B97F4A7C15
    start = 1_562_700_000
    routes = ["/1/events", "/1/batch", "/1/markers", "/login", "/", "/api/boards", "/api/queries", "/health"]
    agents = ["libhoney-go/1.12", "okhttp/4.9.3", "Mozilla/5.0 (X11; Linux x86_64)", "curl/8.5.0"]
    partial = path + ".partial"
    with open(partial, "w", encoding="ascii", buffering=1 << 20) as out:
        for n in range(count):
            state = (state * 6364136223846793005 + 1442695040888963407) & 0xFFFFFFFFFFFFFFFF
            x = state >> 16
            at = n * 21_600_000 // count
            moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(start + at // 1000))
            status = 503 if x % 97 == 0 else 401 if x % 89 == 0 else 200
            duration = (x >> 8) % 997 / 10 + (900 if x % 53 == 0 else 0)
            out.write(
                f'{{"time":"{moment}.{at % 1000:03}Z","service.name":"api","host.name":"api-{x % 40}","build":{1822 + (x >> 5) % 3},'
                f'"region":"eu-{(x >> 7) % 3}","route":"{routes[(x >> 3) % 8]}","customer":"c{(x >> 11) % 5000}",'
                f'"http.request.method":"{"GET" if x % 3 else "POST"}","http.response.status_code":{status},"duration_ms":{duration},'
                f'"user_agent.original":"{agents[(x >> 9) % 4]}","trace.trace_id":"{state:016x}{n:016x}","trace.span_id":"{(state ^ n):016x}"}}\n'
            )
    os.replace(partial, path)


def duckdb_once(path, has_schema):
    """One run of DuckDB, as JSON on standard output: seconds, memory, and what it found."""
    import duckdb

    con = duckdb.connect()
    before = resident()
    columns = f", columns={COLUMNS}" if has_schema else ""
    began = time.perf_counter()
    con.execute(f"CREATE TABLE events AS SELECT * FROM read_json('{path}', format='newline_delimited'{columns})")
    load = time.perf_counter() - began
    memory = resident() - before

    def best(statement):
        seconds = []
        for _ in range(7):
            began = time.perf_counter()
            rows = con.execute(statement).fetchall()
            seconds.append(time.perf_counter() - began)
        return statistics.median(seconds), rows

    minutes, buckets = best(
        f"SELECT epoch(date_trunc('minute', time))::BIGINT AS m, count(*), count(*) FILTER ({BAD}) FROM events GROUP BY m ORDER BY m"
    )
    groups, rows = best(
        f"SELECT route, build, count(*), count(*) FILTER ({BAD}), quantile_disc(duration_ms, 0.99) FROM events GROUP BY ALL ORDER BY route, build"
    )
    print(
        json.dumps(
            {
                "load": load,
                "minutes": minutes,
                "groups": groups,
                "bytes": memory,
                "found": [[list(map(int, row)) for row in buckets], [[route, str(build), *rest] for route, build, *rest in rows]],
            }
        )
    )


def resident():
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--file", help="where the events are, or are written")
    parser.add_argument("--duckdb", choices=["schema", "none"], help=argparse.SUPPRESS)
    asked = parser.parse_args()
    path = asked.file or os.path.join(tempfile.gettempdir(), f"quarterdeck-bench-{asked.events}.ndjson")
    if asked.duckdb:
        return duckdb_once(path, asked.duckdb == "schema")
    if not os.path.exists(path):
        print(f"writing {asked.events:,} events to {path}", flush=True)
        generate(path, asked.events)
    here = os.path.dirname(os.path.abspath(__file__))
    built = subprocess.run(
        ["cargo", "bench", "--bench", "beside", "--no-run", "--message-format=json"],
        cwd=os.path.dirname(here), check=True, stdout=subprocess.PIPE, text=True,
    )
    messages = [json.loads(line) for line in built.stdout.splitlines() if line.startswith("{")]
    ours = next(m["executable"] for m in messages if m.get("executable") and m["target"]["name"] == "beside")
    runs = {
        "ours": [ours, path],
        "duckdb": [sys.executable, __file__, "--file", path, "--duckdb", "schema"],
        "duckdb without schema": [sys.executable, __file__, "--file", path, "--duckdb", "none"],
    }
    with open(path, "rb") as events:  # read once, so that nobody waits for the disk
        while events.read(1 << 24):
            pass
    taken = {name: [] for name in runs}
    for turn in range(asked.rounds):
        for name, command in runs.items():
            done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
            taken[name].append(json.loads(done.stdout.splitlines()[-1]))
        print(f"round {turn + 1} of {asked.rounds}", flush=True)
    found = [taken[name][0]["found"] for name in ("ours", "duckdb")]
    assert found[0] == found[1], "the two did not find the same"
    middle = lambda name, key: statistics.median(run[key] for run in taken[name])
    events = sum(total for _, total, _ in found[0][0])
    print(f"\n{events:,} events, {os.path.getsize(path) / 1e6:,.0f} MB, {os.cpu_count()} processors; medians of {asked.rounds}")
    print(f"{'':34} {'ours':>10} {'DuckDB':>10} {'ratio':>7}")
    for key, words in [("load", "load, s"), ("minutes", "total and bad per minute, ms"), ("groups", "by two fields with p99, ms")]:
        theirs = min(middle(name, key) for name in runs if name != "ours")
        scale, digits = (1, 2) if key == "load" else (1000, 1)
        mine = middle("ours", key)
        print(f"{words:34} {mine * scale:10.{digits}f} {theirs * scale:10.{digits}f} {mine / theirs:7.2f}")
    (few, early), (_, late) = ([statistics.median(run["refresh"][at][key] for run in taken["ours"]) for key in (0, 1)] for at in (0, 1))
    print(f"{'a refresh of a live chart, ms':34} {late * 1000:10.1f}            (after the first {few:,.0f} events {early * 1000:.1f})")
    theirs = min(middle(name, "bytes") for name in runs if name != "ours")
    print(f"{'memory, bytes an event':34} {middle('ours', 'bytes') / events:10.0f} {theirs / events:10.0f} {middle('ours', 'bytes') / theirs:7.2f}")


if __name__ == "__main__":
    main()
