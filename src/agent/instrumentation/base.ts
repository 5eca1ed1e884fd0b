/**
 * What OpenTelemetry's instrumentations are built on, in place of @opentelemetry/instrumentation: the same classes and
 * functions, but modules reach them through our own hook, so that require-in-the-middle and import-in-the-middle, and the
 * loader thread of the latter, stay out of the person's process. The bundle maps the package's name to this file.
 */
import {
  diag,
  metrics,
  trace,
  type DiagLogger,
  type Meter,
  type MeterProvider,
  type Tracer,
  type TracerProvider,
} from "@opentelemetry/api";
import { satisfies } from "@opentelemetry/instrumentation/build/esm/semver.js";
import * as shimmer from "@opentelemetry/instrumentation/build/esm/shimmer.js";

import type { ModulePatch } from "../modules/module-hook.ts";

export { isWrapped } from "@opentelemetry/instrumentation/build/esm/utils.js";
export { safeExecuteInTheMiddle, safeExecuteInTheMiddleAsync } from "../stack-frames.ts";

type Patch = (exports: unknown, version?: string) => unknown;

/** @see the class of that name in @opentelemetry/instrumentation */
export class InstrumentationNodeModuleFile {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly patch: Patch;
  readonly unpatch: Patch | undefined;

  constructor(name: string, supportedVersions: readonly string[], patch: Patch, unpatch?: Patch) {
    this.name = name.replaceAll("\\", "/");
    this.supportedVersions = supportedVersions;
    this.patch = patch;
    this.unpatch = unpatch;
  }
}

/** @see the class of that name in @opentelemetry/instrumentation */
export class InstrumentationNodeModuleDefinition {
  readonly name: string;
  readonly supportedVersions: readonly string[];
  readonly patch: Patch | undefined;
  readonly unpatch: Patch | undefined;
  readonly files: InstrumentationNodeModuleFile[];

  constructor(
    name: string,
    supportedVersions: readonly string[],
    patch?: Patch,
    unpatch?: Patch,
    files?: InstrumentationNodeModuleFile[],
  ) {
    this.name = name;
    this.supportedVersions = supportedVersions;
    this.patch = patch;
    this.unpatch = unpatch;
    this.files = files ?? [];
  }
}

type Config = Record<string, unknown>;
type Init = InstrumentationNodeModuleDefinition | InstrumentationNodeModuleDefinition[] | undefined;

/** @see the class of that name in @opentelemetry/instrumentation; names with an underscore are those its subclasses use */
export abstract class InstrumentationBase {
  readonly instrumentationName: string;
  readonly instrumentationVersion: string;
  readonly _diag: DiagLogger;
  _config: Config = {};
  _tracer: Tracer;
  _meter: Meter;
  _enabled = true;
  readonly _wrap = shimmer.wrap;
  readonly _unwrap = shimmer.unwrap;
  readonly _massWrap = shimmer.massWrap;
  readonly _massUnwrap = shimmer.massUnwrap;
  readonly #definitions: readonly InstrumentationNodeModuleDefinition[];

  constructor(instrumentationName: string, instrumentationVersion: string, config: Config) {
    this.instrumentationName = instrumentationName;
    this.instrumentationVersion = instrumentationVersion;
    this._diag = diag.createComponentLogger({ namespace: instrumentationName });
    this.setConfig(config);
    this._tracer = trace.getTracer(instrumentationName, instrumentationVersion);
    this._meter = metrics.getMeter(instrumentationName, instrumentationVersion);
    this._updateMetricInstruments();
    const definitions = this.init();
    this.#definitions =
      definitions === undefined ? [] : Array.isArray(definitions) ? definitions : [definitions];
    this.enable();
  }

  protected abstract init(): Init;

  protected _updateMetricInstruments(): void {
    // Subclasses that measure override this.
  }

  get tracer(): Tracer {
    return this._tracer;
  }

  get meter(): Meter {
    return this._meter;
  }

  getConfig(): Config {
    return this._config;
  }

  setConfig(config: Config = {}): void {
    this._config = { enabled: true, ...config };
  }

  setTracerProvider(provider: TracerProvider): void {
    this._tracer = provider.getTracer(this.instrumentationName, this.instrumentationVersion);
  }

  setMeterProvider(provider: MeterProvider): void {
    this._meter = provider.getMeter(this.instrumentationName, this.instrumentationVersion);
    this._updateMetricInstruments();
  }

  enable(): void {
    this._enabled = true;
  }

  disable(): void {
    this._enabled = false;
  }

  isEnabled(): boolean {
    return this._enabled;
  }

  _runSpanCustomizationHook(
    hook: ((span: unknown, info: unknown) => void) | undefined,
    _trigger: string,
    span: unknown,
    info: unknown,
  ): void {
    try {
      hook?.(span, info);
    } catch {
      // The hooks are ours; the program must not notice when one fails.
    }
  }

  /** The patches for one package, for the module hook. */
  patchesFor(packageName: string): ModulePatch[] {
    // Some, such as redis, only hold one instrumentation for each generation of the library.
    const parts = Object.values(this).filter((value) => value instanceof InstrumentationBase);
    const own = this.#definitions
      .filter((definition) => definition.name === packageName)
      .flatMap((definition) => [
        ...(definition.patch === undefined
          ? []
          : [modulePatch(undefined, definition.supportedVersions, definition.patch)]),
        ...definition.files.map((file) =>
          modulePatch(file.name.slice(packageName.length + 1), file.supportedVersions, file.patch),
        ),
      ]);
    return [...own, ...parts.flatMap((part) => part.patchesFor(packageName))];
  }
}

function modulePatch(file: string | undefined, ranges: readonly string[], patch: Patch): ModulePatch {
  return {
    file,
    supports: (version) =>
      ranges.includes("*") ||
      (version !== undefined &&
        ranges.some((range) => satisfies(version, range, { includePrerelease: true }))),
    apply: (exports, version) => patch(exports, version),
  };
}

/** The stable semantic conventions always: what is shown is not bound to a backend's old names. */
export const SemconvStability = { STABLE: 1, OLD: 2, DUPLICATE: 3 } as const;

export function semconvStabilityFromStr(): number {
  return SemconvStability.STABLE;
}
