"""Prices: GET /price/<product> asks the Go service how many are left. Traces and counts its requests with OpenTelemetry."""

import os

import requests
from flask import Flask
from opentelemetry import metrics, trace
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor

PORT = int(os.environ.get("PRICING_PORT", "4641"))
STOCK_PORT = int(os.environ.get("STOCK_PORT", "4642"))
PRICES = {"lamp": 4900, "chair": 12900}

# Where the telemetry goes is said by the environment, never here.
traces = TracerProvider()
traces.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
trace.set_tracer_provider(traces)
metrics.set_meter_provider(MeterProvider([PeriodicExportingMetricReader(OTLPMetricExporter())]))
asked = metrics.get_meter("pricing").create_counter("shop.prices.asked", unit="{price}")

app = Flask("pricing")
FlaskInstrumentor().instrument_app(app)
RequestsInstrumentor().instrument()


@app.get("/price/<product>")
def price(product: str):
    asked.add(1, {"product": product})
    stock = requests.get(f"http://127.0.0.1:{STOCK_PORT}/stock/{product}", timeout=600).json()
    with trace.get_tracer("pricing").start_as_current_span("discount"):
        cents = discounted(PRICES.get(product, 0), stock["left"])
    return {"cents": cents, "left": stock["left"]}


def discounted(cents: int, left: int) -> int:
    return cents if left < 10 else cents * 9 // 10


if __name__ == "__main__":
    app.run(port=PORT)
