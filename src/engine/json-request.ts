import type { RewrittenRequest, Rewriting } from "./decode/otlp-json-rewriter.ts";
import type { SignalRequest } from "./signal-request.ts";

/** A request of JSON that is being taken: rewritten as protobuf part by part, and then taken as such with what `begin` begins. */
export function beginJson(
  rewriting: Rewriting,
  begin: (rewritten: RewrittenRequest) => SignalRequest,
): SignalRequest {
  let request: SignalRequest | undefined;
  return {
    get isDone() {
      return request?.isDone ?? false;
    },
    takePart: () => {
      if (request !== undefined) {
        request.takePart();
        return;
      }
      const { done, value } = rewriting.next();
      if (done === true) request = begin(value);
    },
    finish: () => {
      if (request === undefined) throw new Error("The request is not rewritten yet.");
      return request.finish();
    },
  };
}
