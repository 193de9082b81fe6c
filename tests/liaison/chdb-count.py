"""Counts with ClickHouse's engine in this process: reads a table, its rows and statements with their values from standard input, and writes the
rows of each answer. Ends with 3 when the engine (PyPI: chdb) is not there."""

import json
import sys

try:
    from chdb import session
except ImportError:
    sys.exit(3)

asked = json.load(sys.stdin)
engine = session.Session()
engine.query("CREATE DATABASE IF NOT EXISTS counted")
engine.query("USE counted")
engine.query(asked["create"])
rows = "\n".join(json.dumps(row) for row in asked["rows"])
engine.query("INSERT INTO otel_traces FORMAT JSONEachRow " + rows)
answers = []
for statement in asked["statements"]:
    for place, value in enumerate(statement["values"], 1):
        text = value.replace("\\", "\\\\").replace("'", "\\'")
        engine.query(f"SET param_p{place} = '{text}'")
    answers.append(json.loads(str(engine.query(statement["text"])))["data"])
json.dump(answers, sys.stdout)
