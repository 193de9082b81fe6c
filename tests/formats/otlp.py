"""Writes otlp.jsonl with the SDK and the JSON encoder of OpenTelemetry, and prints what it wrote.

Wants opentelemetry-sdk 1.45 and opentelemetry-exporter-otlp-json-common 0.66. Ids and times are fixed, so that it writes the same again.
"""

import json
import random
import sys

from opentelemetry._logs import LogRecord, SeverityNumber
from opentelemetry.exporter.otlp.json.common._internal._log_encoder import encode_logs
from opentelemetry.exporter.otlp.json.common.trace_encoder import encode_spans
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import InMemoryLogRecordExporter, SimpleLogRecordProcessor
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, Status, StatusCode, set_span_in_context

START = 1_562_712_600_000_000_000  # 2019-07-09T22:50:00Z
random.seed(7)
lines, counts = [], {"spans": 0, "server": 0, "bad": 0, "error": 0, "logs": 0, "lists": 0}

for service, version in (("shop", "1.2"), ("cart", "7")):
    resource = Resource({"service.name": service, "service.version": version})
    provider, spans = TracerProvider(resource=resource), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    tracer = provider.get_tracer("fixture")
    for n in range(12):
        begin = START + n * 5_000_000_000
        status = 500 if n % 5 == 0 else 200
        server = tracer.start_span(f"GET /{n % 3}", kind=SpanKind.SERVER, start_time=begin)
        server.set_attributes({"http.request.method": "GET", "http.response.status_code": status, "ok": status < 500, "ratio": n / 4})
        if n % 4 == 0:
            server.set_attribute("tags", ["a", "b"])
            counts["lists"] += 1
        if status >= 500:
            server.set_status(Status(StatusCode.ERROR, "broke"))
        kind = (SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER, SpanKind.INTERNAL)[n % 4]
        child = tracer.start_span("work", context=set_span_in_context(server), kind=kind, start_time=begin + 1_000_000)
        child.set_status(Status(StatusCode.OK))
        child.end(end_time=begin + 2_500_000)
        server.end(end_time=begin + 40_000_000)
        counts["spans"] += 2
        counts["server"] += 1
        counts["bad"] += status >= 500
        counts["error"] += status >= 500
        if n % 6 == 5:
            lines.append(encode_spans(spans.get_finished_spans()).to_json())
            spans.clear()
    loggers, logs = LoggerProvider(resource=resource), InMemoryLogRecordExporter()
    loggers.add_log_record_processor(SimpleLogRecordProcessor(logs))
    for n in range(4):
        loggers.get_logger("fixture").emit(
            LogRecord(
                timestamp=START + n * 1_000_000_000 if n else None,
                observed_timestamp=START + 30_000_000_000,
                severity_number=SeverityNumber.ERROR,
                severity_text="ERROR",
                body=f"line {n}" if n < 3 else {"a": n},
                attributes={"attempt": n},
            )
        )
        counts["logs"] += 1
    lines.append(encode_logs(logs.get_finished_logs()).to_json())

with open(sys.argv[1], "w", encoding="utf-8") as out:
    for line in lines:
        json.loads(line)
        out.write(line + "\n")
print(counts)
