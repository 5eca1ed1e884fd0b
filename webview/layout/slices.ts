/** Work between two breaths of the page. A frame has 16.7 ms, and drawing wants its part of it. */
const SLICE_MS = 8;

/**
 * Runs steps in slices, letting the page draw and answer in between, and hands over what they end with.
 * Work that is done within one slice is done at once, before this function returns. The call's result ends it.
 */
export function runInSlices<T>(steps: Generator<undefined, T>, done: (value: T) => void): () => void {
  let ended = false;
  let channel: MessageChannel | undefined;
  const end = (): void => {
    ended = true;
    channel?.port1.close();
  };
  const run = (): void => {
    const until = performance.now() + SLICE_MS;
    while (!ended) {
      const step = steps.next();
      if (step.done === true) {
        end();
        done(step.value);
      } else if (performance.now() >= until) {
        // A message comes without the four milliseconds that a repeated timer waits.
        channel ??= channelTo(run);
        channel.port2.postMessage(undefined);
        return;
      }
    }
  };
  run();
  return end;
}

function channelTo(receive: () => void): MessageChannel {
  const channel = new MessageChannel();
  channel.port1.onmessage = receive;
  return channel;
}
