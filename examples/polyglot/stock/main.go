// Stock answers GET /stock/<product> with how many are left. It traces its requests with OpenTelemetry; where the
// spans go is said by the environment.
package main

import (
	"context"
	"fmt"
	"log"
	"net/http"
	"os"

	"go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

var left = map[string]int{"lamp": 12, "chair": 3}

func stock(w http.ResponseWriter, r *http.Request) {
	count := countOf(r.Context(), r.PathValue("product"))
	fmt.Fprintf(w, `{"left": %d}`, count)
}

func countOf(ctx context.Context, product string) int {
	_, span := otel.Tracer("stock").Start(ctx, "count "+product)
	defer span.End()
	return left[product]
}

func main() {
	ctx := context.Background()
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		log.Fatal(err)
	}
	provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))
	otel.SetTracerProvider(provider)
	otel.SetTextMapPropagator(propagation.TraceContext{})

	port := os.Getenv("STOCK_PORT")
	if port == "" {
		port = "4642"
	}
	routes := http.NewServeMux()
	routes.HandleFunc("GET /stock/{product}", stock)
	handler := otelhttp.NewHandler(routes, "stock", otelhttp.WithSpanNameFormatter(
		func(_ string, r *http.Request) string { return r.Method + " /stock" },
	))
	log.Fatal(http.ListenAndServe("127.0.0.1:"+port, handler))
}
