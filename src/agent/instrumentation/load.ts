import { createRequire } from "node:module";
import * as api from "@opentelemetry/api";
import * as core from "@opentelemetry/core";

import type { ModuleHook, ModulePatch } from "../modules/module-hook.ts";
import * as base from "./base.ts";
import catalog from "./catalog.json" with { type: "json" };

/** The constructor options of an instrumentation, by the chunk's name in the catalog. */
export type Configs = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** A line of catalog.json, which the build reads, too. */
interface CatalogEntry {
  readonly chunk: string;
  /** Packages whose files it patches. */
  readonly modules: readonly string[];
  /** First major version that is too new; for libraries that were tried with more than the instrumentation declares. */
  readonly until?: number;
}

interface Chunk {
  readonly Instrumentation: new (config: unknown) => base.InstrumentationBase;
}

/** Stands in for @opentelemetry/instrumentation in the chunks. */
const basePackage = {
  InstrumentationBase: base.InstrumentationBase,
  InstrumentationNodeModuleDefinition: base.InstrumentationNodeModuleDefinition,
  InstrumentationNodeModuleFile: base.InstrumentationNodeModuleFile,
  SemconvStability: base.SemconvStability,
  isWrapped: base.isWrapped,
  safeExecuteInTheMiddle: base.safeExecuteInTheMiddle,
  safeExecuteInTheMiddleAsync: base.safeExecuteInTheMiddleAsync,
  semconvStabilityFromStr: base.semconvStabilityFromStr,
};

/** What the chunks in dist/agent/instrumentations share with the preload, found under this symbol of `globalThis`. */
const sharedKey = Symbol.for("spanlight.agent.modules");

/** Loads OpenTelemetry's instrumentations, each from a file of its own when its library is first used. */
export class InstrumentationLoader {
  readonly #configs: Configs;
  readonly #require = createRequire(__filename);
  readonly #loaded = new Map<string, base.InstrumentationBase>();

  constructor(configs: Configs) {
    this.#configs = configs;
    Object.defineProperty(globalThis, sharedKey, {
      value: { api, core, base: basePackage },
      configurable: true,
    });
  }

  /** @param wanted asked at the first use of a library: false keeps the instrumentation out */
  register(hook: ModuleHook, wanted: () => boolean): void {
    for (const { chunk, modules, until } of catalog as readonly CatalogEntry[]) {
      for (const name of modules) hook.add(name, () => (wanted() ? this.#patches(chunk, name, until) : []));
    }
  }

  /** @throws when the chunk is missing or does not fit this Node */
  load(chunk: string): base.InstrumentationBase {
    const known = this.#loaded.get(chunk);
    if (known !== undefined) return known;
    const { Instrumentation } = this.#require(`./instrumentations/${chunk}.cjs`) as Chunk;
    const instrumentation = new Instrumentation(this.#configs[chunk] ?? {});
    this.#loaded.set(chunk, instrumentation);
    return instrumentation;
  }

  disable(): void {
    for (const instrumentation of this.#loaded.values()) instrumentation.disable();
  }

  #patches(chunk: string, module: string, until: number | undefined): ModulePatch[] {
    const patches = this.load(chunk).patchesFor(module);
    if (until === undefined) return patches;
    return patches.map((patch) => ({
      ...patch,
      supports: (version) => patch.supports(version) || isWithin(patch, version, until),
    }));
  }
}

/** Whether the patch takes the previous major version, and this one is the next. */
function isWithin(patch: ModulePatch, version: string | undefined, until: number): boolean {
  const major = Number(version?.split(".")[0]);
  return major === until - 1 && patch.supports(`${String(major - 1)}.0.0`);
}
