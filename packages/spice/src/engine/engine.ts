import type { Technology } from '@neuroprint/circuit';
import { EngineMissingError, SimulationError } from './errors.ts';
import type { Plot } from './raw.ts';
import { parseRaw, RawFormatError } from './raw.ts';

export interface RunOptions {
  /** The run is killed after this time; default 120,000. */
  readonly timeoutMilliseconds?: number;
  /** Voltages that are wanted of the run, as far as the caller knows: how long it will be. */
  readonly values?: number;
}

/** An ngspice, be it the binary or the embedded one. One run at a time; runs of one engine queue up. */
export interface Engine {
  readonly name: 'ngspice' | 'embedded';
  /** ngspice's own version, such as `45.2`. */
  readonly version: string;
  /**
   * Runs a deck (see `buildDeck`) and returns the plots that its control section wrote to RESULT_FILE, in order.
   * Throws SimulationError where the deck did not run to its end or the result is no sound raw file, and
   * SimulationTimeoutError. An analysis that failed shows as a missing or short plot: callers count.
   */
  run(deck: string, options?: RunOptions): Promise<Plot[]>;
  /** Frees the engine; a run that is under way is ended. */
  close(): Promise<void>;
  /** Processor seconds of all runs so far: of the processes (ngspice) or of the worker thread (embedded). */
  cpuSeconds(): number;
}

/** What `doctor` says about one engine. */
export interface EngineReport {
  readonly name: 'ngspice' | 'embedded';
  readonly version: string | null;
  readonly path: string | null;
  readonly usable: boolean;
  readonly problem?: string;
  readonly whatToDo?: string;
}

export type EngineChoice = 'auto' | 'ngspice' | 'embedded';

/** The file, in the run's own folder, that a deck's control section writes its plots to. */
export const RESULT_FILE = 'result.raw';
export const DEFAULT_TIMEOUT_MILLISECONDS = 120_000;
const FINISHED = 'neuroprint-finished';

/**
 * For every analysis. The tolerances stop Newton one quadratic step from the limit of float64 (below 1e-9 V off; ngspice's
 * defaults err by millivolts; a hundred times tighter, rounding keeps some circuits from converging). No gmin and source
 * stepping: what they call converged was once 1.4 mV off, and a failure that is seen is better.
 */
const OPTIONS_LINE = '.options reltol=1e-9 vntol=1e-11 abstol=1e-15 itl1=500 itl2=500 gminsteps=0 srcsteps=0';
/** The gain of an op-amp multiplies rounding by as much, so can the conductance of metal, and Newton never comes to rest at tighter tolerances. */
const COARSE_OPTIONS_LINE = OPTIONS_LINE.replace(
  'reltol=1e-9 vntol=1e-11 abstol=1e-15',
  'reltol=1e-7 vntol=1e-9 abstol=1e-13',
);

/**
 * Where transistors load each other, a node between those that are off conducts next to nothing, and ngspice would call the circuit
 * singular.
 */
const SMALLEST_PIVOT = 'pivtol=1e-30';

/**
 * From so many nodes on ngspice is asked for KLU, where it has it: Sparse 1.3, which it takes unasked, needs 13 times as long for a
 * crossbar with 8,256 nodes, and longer by the third power of the nodes.
 */
const KLU_FROM_NODES = 1000;

/** The options for circuits of a technology, of so many unknown nodes; coarse ones where there are op-amps. */
export function optionsLine(
  { opamp, transistors }: Pick<Technology, 'opamp' | 'transistors'>,
  nodes = 0,
  isCoarse = opamp !== undefined,
): string {
  return [
    isCoarse ? COARSE_OPTIONS_LINE : OPTIONS_LINE,
    ...(Object.keys(transistors).length > 1 ? [SMALLEST_PIVOT] : []),
    ...(nodes >= KLU_FROM_NODES ? ['klu'] : []),
  ].join(' ');
}

/** Likewise no operating point by transient analysis, which ngspice tries last and for seconds. */
const NO_TRANSIENT_OPERATING_POINT = 'optran 1 0 0 0 0 0';

/**
 * A deck that both engines run: the circuit, then the commands of its control section. The first line is the title.
 * `commands` write with `write result.raw …`; appending is switched on. The section ends by saying so, because a script
 * that was given up exits 0 all the same.
 */
export function buildDeck(body: string, commands: readonly string[], options = OPTIONS_LINE): string {
  return [
    '* neuroprint',
    body.trim(),
    options,
    '.control',
    'set filetype=binary',
    'set appendwrite',
    NO_TRANSIENT_OPERATING_POINT,
    ...commands,
    `echo ${FINISHED}`,
    '.endc',
    '.end',
    '',
  ].join('\n');
}

/** Whether the control section came to its end. */
export function ranToEnd(log: string): boolean {
  return log.split(/\r?\n/).some((line) => line.trim() === FINISHED);
}

/** Checks what a run left behind and parses it. `log` is all that the simulator printed. */
export function readResult(engine: string, log: string, raw: Uint8Array | null): Plot[] {
  if (!ranToEnd(log)) throw new SimulationError(engine, 'gave up before the end of the deck', log);
  if (raw === null || raw.length === 0) throw new SimulationError(engine, explain(log, 'wrote no result'), log);
  let plots: Plot[];
  try {
    plots = parseRaw(raw);
  } catch (error) {
    if (!(error instanceof RawFormatError)) throw error;
    throw new SimulationError(engine, `wrote a damaged result: ${error.message}`, log);
  }
  return plots;
}

/** The reason of a SimulationError where Newton found no way. */
const NO_OPERATING_POINT = 'found no operating point';

/** A node without a path to ground, or, from a cold start, one between transistors that are all off where Newton begins. */
const SINGULAR = 'the circuit is singular (a node without a path to ground?)';

/** The plots of a run that have points; none where Newton found no way from a cold start. */
export async function runOrNothing(engine: Engine, deck: string, options: RunOptions): Promise<Plot[]> {
  try {
    return (await engine.run(deck, options)).filter((plot) => plot.points > 0);
  } catch (error) {
    if (error instanceof SimulationError && [NO_OPERATING_POINT, SINGULAR].includes(error.reason)) return [];
    throw error;
  }
}

/** What a person would read out of the log first. */
function explain(log: string, otherwise: string): string {
  if (/singular matrix/i.test(log)) return SINGULAR;
  if (
    /timestep too small|no convergence|without convergence|iteration limit|gmin stepping failed|source stepping failed/i.test(
      log,
    )
  ) {
    return NO_OPERATING_POINT;
  }
  const error = /^.*(?:error|unknown|undefined).*$/im.exec(log)?.[0].trim();
  return error === undefined ? otherwise : `${otherwise}: ${error}`;
}

/** The missing-engine error that both engines throw. */
export function engineMissing(report: EngineReport): EngineMissingError {
  return new EngineMissingError(
    report.name,
    `The engine ${report.name} cannot be used: ${report.problem ?? 'unknown reason'}.`,
    report.whatToDo ?? '',
  );
}
