import { onTestFinished } from "vitest";
import { DEFAULT_LIMITS, type ReceiverLimits } from "../../../../src/engine/receive/limits.ts";
import {
  openReceiver,
  type Receiver,
  type ReceiverOptions,
} from "../../../../src/engine/receive/receiver.ts";
import { RecordingSink } from "./recording-sink.ts";

export interface TestReceiver {
  readonly receiver: Receiver;
  readonly sink: RecordingSink;
  readonly faults: string[];
  readonly url: string;
}

/** Opens a receiver on free ports; it is closed when the test ends. */
export async function openTestReceiver(
  options: Partial<Omit<ReceiverOptions, "limits">> & { limits?: Partial<ReceiverLimits> } = {},
): Promise<TestReceiver> {
  const sink = new RecordingSink();
  const faults: string[] = [];
  let connection = 0;
  const opened = await openReceiver({
    sink,
    overloaded: () => undefined,
    onFault: (message) => faults.push(message),
    host: "127.0.0.1",
    httpPort: 0,
    grpcPort: 0,
    token: undefined,
    nextConnection: () => ++connection,
    ...options,
    limits: { ...DEFAULT_LIMITS, ...options.limits },
  });
  if (!opened.ok) throw new Error(opened.error.message);
  const receiver = opened.value;
  onTestFinished(() => receiver.close());
  return { receiver, sink, faults, url: `http://127.0.0.1:${receiver.http}` };
}
