import { spawn, type ChildProcess } from "node:child_process";
import { cpSync, mkdtempSync, readdirSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { AdapterConnection, CLIENT } from "./adapter-connection.ts";
import { connected } from "./connected.ts";
import type { JavaTools } from "./java-tools.ts";
import { LanguageServer } from "./language-server.ts";
import { stoppingAt, type StoppingProgram } from "./stopping-program.ts";

const project = fileURLToPath(new URL("cart/", import.meta.url));
/** As java-debug names a method. */
const BREAKPOINT = "Cart#total";

/**
 * Starts `cart` with OpenTelemetry's Java agent, and attaches java-debug to it inside of Eclipse's language server: the
 * adapter that VS Code's Java extensions run.
 */
export async function startJavaProgram(tools: JavaTools): Promise<StoppingProgram> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "spanlight-java-")));
  const workspace = join(folder, "cart");
  cpSync(project, workspace, { recursive: true });
  const server = startLanguageServer(tools, folder);
  let program: ChildProcess | undefined;
  const end = (): void => {
    server.stop();
    program?.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await openProject(server, workspace, tools.debugPlugin);
    const started = await startProgram(tools, workspace);
    program = started.child;
    const port = await execute(server, "vscode.java.startDebugSession");
    const socket = await connected(Number(port));
    const debuggee = new AdapterConnection(socket, socket);
    await debuggee.request("initialize", { ...CLIENT, adapterID: "java" });
    await debuggee.request("attach", { hostName: "127.0.0.1", port: started.debugPort, projectName: "cart" });
    await debuggee.event("initialized");
    await debuggee.request("setFunctionBreakpoints", { breakpoints: [{ name: BREAKPOINT }] });
    await debuggee.request("configurationDone");
    return {
      type: "java",
      debuggee,
      end,
      stop: stoppingAt(debuggee, `http://127.0.0.1:${started.port}/cart/1`),
    };
  } catch (error) {
    end();
    throw error;
  }
}

function startLanguageServer({ java, languageServer }: JavaTools, folder: string): LanguageServer {
  const shared = join(languageServer, "configuration");
  return new LanguageServer(java, [
    "-Declipse.application=org.eclipse.jdt.ls.core.id1",
    "-Declipse.product=org.eclipse.jdt.ls.core.product",
    "-Dosgi.bundles.defaultStartLevel=4",
    `-Dosgi.sharedConfiguration.area=${shared}`,
    "-Dosgi.sharedConfiguration.area.readOnly=true",
    "-Dosgi.configuration.cascaded=true",
    ...["--add-modules=ALL-SYSTEM", "--add-opens", "java.base/java.util=ALL-UNNAMED"],
    ...["--add-opens", "java.base/java.lang=ALL-UNNAMED"],
    ...["-jar", launcherIn(languageServer)],
    ...["-configuration", join(folder, "configuration"), "-data", join(folder, "data")],
  ]);
}

function launcherIn(languageServer: string): string {
  const plugins = join(languageServer, "plugins");
  const launcher = readdirSync(plugins).find((name) =>
    /^org\.eclipse\.equinox\.launcher_.*\.jar$/.test(name),
  );
  if (launcher === undefined) throw new Error(`no launcher in ${plugins}`);
  return join(plugins, launcher);
}

async function openProject(server: LanguageServer, workspace: string, debugPlugin: string): Promise<void> {
  const isReady = new Promise<void>((resolve) =>
    server.onNotified("language/status", ({ type }) => {
      if (type === "ServiceReady") resolve();
    }),
  );
  const uri = pathToFileURL(workspace).href;
  await server.request("initialize", {
    processId: process.pid,
    rootUri: uri,
    capabilities: {},
    initializationOptions: {
      bundles: [debugPlugin],
      workspaceFolders: [uri],
      // Both look for something in the network.
      settings: { java: { import: { gradle: { enabled: false }, maven: { enabled: false } } } },
    },
  });
  server.notify("initialized", {});
  await isReady;
  await execute(server, "vscode.java.buildWorkspace", JSON.stringify({ isFullBuild: true }));
}

function execute(server: LanguageServer, command: string, ...args: readonly unknown[]): Promise<unknown> {
  return server.request("workspace/executeCommand", { command, arguments: args });
}

/** With the agent, whose spans go nowhere. */
async function startProgram(
  { java, agent }: JavaTools,
  workspace: string,
): Promise<{ readonly child: ChildProcess; readonly debugPort: number; readonly port: number }> {
  const child = spawn(
    java,
    [
      "-agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:0",
      `-javaagent:${agent}`,
      ...["-cp", join(workspace, "bin"), "Cart"],
    ],
    {
      env: {
        ...process.env,
        OTEL_TRACES_EXPORTER: "none",
        OTEL_METRICS_EXPORTER: "none",
        OTEL_LOGS_EXPORTER: "none",
      },
    },
  );
  let output = "";
  const found = (pattern: RegExp): number | undefined => {
    const number = pattern.exec(output)?.[1];
    return number === undefined ? undefined : Number(number);
  };
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", () => reject(new Error(`the program ended: ${output}`)));
    const hear = (chunk: Buffer): void => {
      output += chunk.toString("utf8");
      const debugPort = found(/dt_socket at address: (?:\S+:)?(\d+)/);
      const port = found(/listening on (\d+)/);
      if (debugPort !== undefined && port !== undefined) resolve({ child, debugPort, port });
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
  });
}
