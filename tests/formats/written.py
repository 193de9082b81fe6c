"""Writes event files with other programs' writers into a directory, and prints for each a filter and how many events and failures it wrote.

OTLP/JSON comes from OpenTelemetry's SDK and its protobuf encoder (PyPI opentelemetry-sdk, opentelemetry-exporter-otlp-proto-common); where these are not
there that file is left out, which is said on standard error. Access logs are lines as nginx and Apache write them; gzip is Python's own.
"""

import base64
import collections
import datetime
import gzip
import json
import random
import sys
import time

home = sys.argv[1]
now = int(time.time())
random.seed(11)
told = []


def tell(name, bad, counts):
    told.append({"file": name, "bad": bad, "total": counts["all"], "failed": counts["bad"]})


def otlp():
    """Spans of two services over half an hour: three batches each, a line a batch, as the collector's file exporter writes them."""
    from google.protobuf.json_format import MessageToDict
    from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
    from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

    def hexed(value):
        """OTLP/JSON has ids in hexadecimal, where protobuf's own JSON has base64, and kinds as numbers."""
        if isinstance(value, list):
            return [hexed(one) for one in value]
        if not isinstance(value, dict):
            return value
        ids = ("traceId", "spanId", "parentSpanId")
        return {key: base64.b64decode(one).hex() if key in ids else hexed(one) for key, one in value.items()}

    counts = collections.Counter()
    with open(f"{home}/spans.jsonl", "w", encoding="utf-8") as out:
        for service in ("shop", "cart"):
            provider = TracerProvider(resource=Resource({"service.name": service, "host.name": f"{service}-1"}))
            spans = InMemorySpanExporter()
            provider.add_span_processor(SimpleSpanProcessor(spans))
            tracer = provider.get_tracer("written")
            for n in range(300):
                begin = (now - 1800 + n * 6) * 10**9
                status = random.choice((200, 200, 200, 204, 401, 429, 500, 503))
                server = tracer.start_span("GET /", kind=SpanKind.SERVER, start_time=begin)
                server.set_attributes({"http.response.status_code": status, "user": "ünï \u202e\u001b[2J", "ok": status < 400, "ratio": n / 7})
                if status >= 500:
                    server.set_status(Status(StatusCode.ERROR))
                child = tracer.start_span("SELECT", context=set_span_in_context(server), kind=SpanKind.CLIENT, start_time=begin)
                child.end(end_time=begin + 10**6)
                server.end(end_time=begin + 3 * 10**7)
                # a span of a client has no status code: it counts, and is not bad
                counts["all"] += 2
                counts["bad"] += status >= 500 or status == 429
                if n % 100 == 99:
                    sent = MessageToDict(encode_spans(spans.get_finished_spans()), use_integers_for_enums=True)
                    out.write(json.dumps(hexed(sent)) + "\n")
                    spans.clear()
    tell("spans.jsonl", "http.response.status_code >= 500 or http.response.status_code = 429", counts)


def logs():
    """Two access logs: the common form with a zone, and the combined one with quotes in it and a size that is missing."""
    for name, combined in (("common.log", False), ("combined.log", True)):
        counts = collections.Counter()
        zone = datetime.timezone(datetime.timedelta(hours=2))
        with open(f"{home}/{name}", "w", encoding="utf-8") as out:
            for n in range(700):
                at = datetime.datetime.fromtimestamp(now - 3500 + n * 5, zone).strftime("%d/%b/%Y:%H:%M:%S %z")
                status, size = random.choice((200, 200, 304, 404, 502)), random.choice(("-", "0", "5123"))
                line = f'192.0.2.{n % 256} - {"-" if n % 3 else "ana"} [{at}] "GET /a%20b?q={n} HTTP/1.1" {status} {size}'
                out.write(line + (' "https://example.com/\\"x" "Mozilla/5.0 (X11; \\"odd\\")"' if combined else "") + "\n")
                counts["all"] += 1
                counts["bad"] += status == 502
        tell(name, "http.response.status_code >= 500", counts)


def packed():
    """Lines of JSON, packed: two members in one file, as a log that is rotated and joined has them."""
    counts = collections.Counter()
    for mode, level in (("wb", 9), ("ab", 1)):
        with gzip.open(f"{home}/events.ndjson.gz", mode, compresslevel=level) as out:
            for n in range(2000):
                at = datetime.datetime.fromtimestamp(now - 3500 + n, datetime.timezone.utc).isoformat()
                weight, status = random.choice((1, 4)), random.choice((200, 200, 500))
                event = {"time": at, "samplerate": weight, "data": {"status": status, "text": "ü" * (n % 5)}}
                out.write((json.dumps(event, ensure_ascii=bool(n % 2)) + "\n").encode())
                counts["all"] += weight
                counts["bad"] += weight * (status == 500)
    tell("events.ndjson.gz", "status = 500", counts)


try:
    otlp()
except ImportError as why:
    print(f"the file of OpenTelemetry's SDK: {why}", file=sys.stderr)
logs()
packed()
print(json.dumps(told))
