import { execFile } from "node:child_process";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { installDependencies } from "../../../scripts/npm.mjs";
import { projectFolder } from "../../../scripts/vsix.mjs";
import { until } from "./vs-code.ts";

/** Installs a sample's packages, as its README tells; nothing is done where they are there. */
export function installSample(folder: string): Promise<void> {
  return installDependencies(join(projectFolder, folder), folder);
}

/** Waits until an address answers, with whatever status. */
export async function waitForAnswer(url: string, timeoutMs = 60_000): Promise<void> {
  await until(`${url} to answer`, async () => (await fetch(url)).status > 0, undefined, timeoutMs);
}

/** The number of this line (from 1) in a file of the project that holds `text`. */
export async function lineOf(file: string, text: string): Promise<number> {
  const { stdout } = await promisify(execFile)("grep", ["-nF", "-m1", text, join(projectFolder, file)]);
  return Number(stdout.split(":")[0]);
}

/** A backend that keeps the bodies of what is exported to it. */
export interface OwnBackend {
  readonly url: string;
  /** Names of the spans that came, in OTLP JSON. */
  readonly spanNames: () => readonly string[];
  close(): Promise<void>;
}

/** Starts a stand-in for a program's own tracing backend, which is not what is tested: it only has to receive. */
export async function startOwnBackend(port: number): Promise<OwnBackend> {
  const names: string[] = [];
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      names.push(
        ...[
          ...Buffer.concat(chunks)
            .toString()
            .matchAll(/"name":"([^"]+)"/g),
        ].map(([, name]) => name ?? ""),
      );
      response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((listening) => server.listen(port, "127.0.0.1", listening));
  const address = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${address.port}`,
    spanNames: () => names,
    close: () =>
      new Promise((closed) => {
        server.close(() => {
          closed();
        });
        server.closeAllConnections();
      }),
  };
}
