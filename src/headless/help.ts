/** Fits a terminal of 24 lines and 80 columns. */
export const HELP = `spanlight serve [options]          receive traces until SIGTERM or SIGINT
  --http PORT  --grpc PORT         ports for OTLP; 0: any free one
  --api PORT                       Jaeger's /api/v3 and /metrics, on loopback
  --host ADDRESS                   where OTLP is received (127.0.0.1); another
                                   one needs a token in SPANLIGHT_TOKEN
  --max-megabytes N                memory for what is received (256)
  --log FOLDER                     keep what is received; twice for two folders
  --log-max-megabytes N            size of the log (128)
  --log-max-days N                 age of the log (7)
  --backup FOLDER                  save all runs there after changes
  --backup-every N  --backup-keep N   minutes (60), and files that stay (10)
  --redaction-keys KEY,KEY         attributes whose values are masked
  --no-redaction                   mask nothing
spanlight convert IN OUT           .json .ndjson .pb .spanlight (saved runs)
  --from FORMAT  --to FORMAT       json, ndjson, protobuf or run
  --signal SIGNAL                  only traces, metrics or logs
spanlight summary FILE             traces, services, errors, slow operations
  --json  --from FORMAT            as JSON; the format of FILE
  --failed-in-pause                count what failed as another was paused

spanlight --version | --help
`;
