import { Worker } from "node:worker_threads";
import type { Disposable } from "../../base/dispose.ts";
import { Emitter, type Listen } from "../../base/events.ts";
import { err, messageOf, ok, type Problem, type Result } from "../../base/result.ts";
import { Connection } from "../../protocol/connection.ts";
import { workerPort } from "./worker-port.ts";

export interface EngineProcessOptions {
  /** Absolute path of the engine's bundle. */
  readonly script: string;
  /** Limit of the thread's own heap; the columns lie outside it and have their own limit. */
  readonly maxHeapMegabytes: number;
}

/** How the engine's thread came to an end that nobody asked for. */
export interface EngineDeath {
  readonly reason: string;
}

interface Running {
  readonly worker: Worker;
  readonly connection: Connection;
}

/** Four deaths within a minute: whatever kills it will kill the next one too. */
const MAX_DEATHS = 4;
const DEATHS_WITHIN_MS = 60_000;

/**
 * The engine's thread: started when first asked for, and after a death when asked for again, unless it dies all the time.
 * What has to be done with a new engine before anybody else talks to it, `prepare` does.
 */
export class EngineProcess implements Disposable {
  readonly #options: EngineProcessOptions;
  readonly #prepare: (connection: Connection) => void;
  readonly #died = new Emitter<EngineDeath>();
  readonly #deathTimes: number[] = [];
  #running: Running | undefined;
  #lastDeath: EngineDeath | undefined;
  #disposed = false;

  /** Heard after the thread has ended by itself. */
  readonly onDied: Listen<EngineDeath> = this.#died.listen;

  constructor(options: EngineProcessOptions, prepare: (connection: Connection) => void) {
    this.#options = options;
    this.#prepare = prepare;
  }

  get isRunning(): boolean {
    return this.#running !== undefined;
  }

  /** The link to the engine, which is started where it is not running. */
  connect(): Result<Connection, Problem> {
    if (this.#running !== undefined) return ok(this.#running.connection);
    if (this.#disposed) return err(engineStopped("the window is closing"));
    if (this.#diesAllTheTime())
      return err(engineStopped(this.#lastDeath?.reason ?? "it ended several times"));
    try {
      return ok(this.#start());
    } catch (thrown) {
      return err(engineStopped(messageOf(thrown)));
    }
  }

  /** Ends the thread, and forgets its deaths: the next {@link connect} starts a new one. */
  async stop(): Promise<void> {
    const running = this.#running;
    this.#running = undefined;
    this.#deathTimes.length = 0;
    running?.connection.dispose();
    await running?.worker.terminate();
  }

  dispose(): void {
    this.#disposed = true;
    void this.stop();
    this.#died.dispose();
  }

  #start(): Connection {
    const worker = new Worker(this.#options.script, {
      name: "spanlight-engine",
      resourceLimits: { maxOldGenerationSizeMb: this.#options.maxHeapMegabytes },
      // The editor's own switches (an inspector, preloads) are not meant for this thread.
      execArgv: [],
    });
    const connection = new Connection(workerPort(worker));
    this.#running = { worker, connection };
    let reason: string | undefined;
    worker.once("error", (thrown) => {
      reason = messageOf(thrown);
    });
    worker.once("exit", (code) => {
      if (this.#running?.worker !== worker) return;
      this.#running = undefined;
      connection.dispose();
      this.#deathTimes.push(Date.now());
      this.#lastDeath = { reason: reason ?? `it ended with code ${code}` };
      this.#died.emit(this.#lastDeath);
    });
    this.#prepare(connection);
    return connection;
  }

  #diesAllTheTime(): boolean {
    const since = Date.now() - DEATHS_WITHIN_MS;
    return this.#deathTimes.filter((at) => at > since).length >= MAX_DEATHS;
  }
}

function engineStopped(reason: string): Problem {
  return {
    code: "engine-stopped",
    message: `The engine that receives and keeps traces is not running: ${reason}.`,
    advice: 'Run "Spanlight: Restart Engine".',
  };
}
