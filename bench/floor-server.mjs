// What any receiver in this runtime costs: takes the same bodies and throws them away. `node floor-server.mjs http|grpc` prints
// `{"port":…}`, and answers each line on its standard input with its CPU time in seconds.
import { createServer } from "node:http";
import { createInterface } from "node:readline";
import grpc from "@grpc/grpc-js";

const port = process.argv[2] === "grpc" ? await openGrpc() : await openHttp();
console.log(JSON.stringify({ port }));
createInterface({ input: process.stdin })
  .on("line", () => {
    const { user, system } = process.cpuUsage();
    console.log((user + system) / 1e6);
  })
  .on("close", () => process.exit(0));

function openHttp() {
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => response.end());
  });
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

function openGrpc() {
  const server = new grpc.Server({ "grpc.max_receive_message_length": -1 });
  const same = (bytes) => bytes;
  const definition = {
    path: "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    requestStream: false,
    responseStream: false,
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const nothing = Buffer.alloc(0);
  server.addService({ Export: definition }, { Export: (_call, callback) => callback(null, nothing) });
  return new Promise((resolve, reject) =>
    server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error === null ? resolve(bound) : reject(error),
    ),
  );
}
