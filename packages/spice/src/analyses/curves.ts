import type { Cell, Technology } from '@neuroprint/circuit';
import { buildDeck, type Engine, optionsLine, type RunOptions } from '../engine/engine.ts';
import { SimulationError, SimulationTimeoutError } from '../engine/errors.ts';
import type { Plot } from '../engine/raw.ts';
import { alterSource, CellAlterer } from '../render/alter.ts';
import { sweepParameters } from '../render/grid.ts';
import { instanceNodes, libraryText, renderLibrary } from '../render/netlist.ts';
import { railsOf, supplySources } from '../render/supplies.ts';
import { formatNumber } from '../render/templates.ts';

/**
 * Ends a command and goes on with the next one on the same line: after every line the ngspice program reads the machine's
 * memory from /proc, which costs five times as much as an `alter`. In a file a semicolon opens a comment; the engine puts
 * one into this variable.
 */
const THEN = ' $and_then ';
/** A thousand times what a curve takes: a run that has not ended by then hangs. */
const LEAST_TIMEOUT_MILLISECONDS = 10_000;
const MILLISECONDS_PER_POINT = 2;
/** How often a broken simulator is asked again for a design that works. */
const PROBES = 3;
/** A `dc` goes half a step beyond its last point, so that rounding loses none. */
const HALF_STEP = 0.5;

/** The input voltages of the curves of one chunk; the sinh grid has a centre and a width for each design. */
export type CurveGrid =
  | { readonly kind: 'uniform'; readonly points: number; readonly startVolts: number; readonly stopVolts: number }
  | {
      readonly kind: 'sinh';
      readonly points: number;
      readonly startVolts: number;
      readonly stopVolts: number;
      readonly centreVolts: Float64Array;
      readonly widthVolts: Float64Array;
      /**
       * Two-dimensional: the output is held at so many evenly spaced volts, one after the other, and at each of them the input
       * takes all `points` / count voltages. Both sweeps of a design are moved by so many of their steps. Without it the output
       * is free.
       */
      readonly heldOutput?: {
        readonly count: number;
        readonly startVolts: number;
        readonly stopVolts: number;
        readonly outputSteps: Float64Array;
        readonly inputSteps: Float64Array;
      };
    };

export interface CurveRequest {
  readonly technology: Technology;
  readonly cell: Cell;
  /** Row-major [designs × parameters], in ohms and metres, in the order of `cell.parameters`. */
  readonly designs: Float64Array;
  readonly grid: CurveGrid;
}

/**
 * The transfer curve, or the two-dimensional sweep, of one design as simulated, or why there is none. `watts`: what all
 * supplies, the input and a held output deliver at each point, Σ V·I (an op-amp feeds itself and is not counted).
 */
export type CurveResult =
  | {
      readonly inputVolts: Float64Array;
      readonly outputVolts: Float64Array;
      readonly watts: Float64Array;
      /** Current into the input. */
      readonly inputAmperes: Float64Array;
      /** Current into the output, and the volts of inner drains by name; absent where the output is free. */
      readonly outputAmperes?: Float64Array;
      readonly drainVolts?: Readonly<Record<string, Float64Array>>;
    }
  | { readonly failure: string };

/**
 * Simulates the curves of one chunk of designs (200 to 500 are a good size) in one run. Where a run breaks, its halves are
 * tried; a design that breaks a run twice alone, or has no curve alone, is reported as a failure, and the others keep
 * theirs. Results are the same to the bit whatever the chunk (tested: a `dc` after `alter` starts anew).
 * Throws SimulationError or SimulationTimeoutError where the simulator itself is broken: where it cannot even run the
 * cell's typical design.
 */
export async function simulateCurves(
  engine: Engine,
  request: CurveRequest,
  options: RunOptions = {},
): Promise<CurveResult[]> {
  const run = new CurveRun(engine, request, options);
  return run.attempt(Array.from({ length: run.count }, (_, design) => design));
}

/**
 * The deck of a chunk without its numbers: model, cell, tolerances, commands. Whoever keeps curves hashes it, because it
 * decides them.
 */
export function curveDeckText(technology: Technology, cell: Cell, form: CurveForm): string {
  return buildDeck(curveBody(technology, cell, form), ['dc v_t'], optionsLine(technology));
}

/**
 * A deck of the first design of a request that runs by hand (`ngspice -b FILE`) and prints its curve: what is kept of a
 * curve that looks wrong.
 */
export function renderCurveDeck(request: CurveRequest): string {
  const altered = commandsOf(request, new CellAlterer(renderLibrary(request.technology, [request.cell])), 0);
  const sweep = altered.slice(0, -2);
  const commands = ['set numdgt=12', ...sweep, 'print v(in) v(out)', 'quit 0'];
  const { technology, cell, grid } = request;
  return buildDeck(curveBody(technology, cell, grid.kind), commands, optionsLine(technology));
}

/** What of a grid decides the deck; `held` is a sinh grid with a held output. */
export type CurveForm = CurveGrid['kind'] | 'held';

function formOf(grid: CurveGrid): CurveForm {
  return grid.kind === 'sinh' && grid.heldOutput !== undefined ? 'held' : grid.kind;
}

/** Names with a leading underscore are the deck's own: no circuit may use them. */
function curveBody(technology: Technology, cell: Cell, form: CurveForm): string {
  const library = renderLibrary(technology, [cell]);
  const input =
    form === 'uniform'
      ? ['e_in in 0 _t 0 1']
      : ['v_centre _centre 0 0', 'b_sinh _sinh 0 v=sinh(v(_t))', 'e_in in _centre _sinh 0 1'];
  return [
    libraryText(library),
    `xcell ${instanceNodes(library, cell.name, 'in', 'out').join(' ')} ${cell.name}`,
    ...supplySources(technology),
    'v_tag _tag 0 0',
    'v_t _t 0 0',
    ...input,
    ...(form === 'held' ? ['v__out out 0 0'] : []),
    `.save v(in) v(out) v(_tag) i(e_in) ${[
      ...[...Object.keys(technology.supplies), ...(form === 'held' ? ['_out'] : [])].map((node) => `i(v_${node})`),
      ...(form === 'held' ? innerDrains(technology, cell).map((node) => `v(xcell.${node})`) : []),
    ].join(' ')}`,
  ].join('\n');
}

/** The inner nodes of a cell that are a transistor's drain: their volts are kept where the output is held. */
export function innerDrains({ supplies }: Technology, { elements }: Cell): string[] {
  const drains = elements.flatMap((element) => (element.kind === 'transistor' ? [element.drain] : []));
  return [...new Set(drains)].filter((node) => node !== 'out' && node !== '0' && !Object.hasOwn(supplies, node));
}

class CurveRun {
  readonly count: number;
  readonly #engine: Engine;
  readonly #request: CurveRequest;
  readonly #options: RunOptions;
  readonly #body: string;
  readonly #alterer: CellAlterer;

  constructor(engine: Engine, request: CurveRequest, options: RunOptions) {
    const { technology, cell, designs, grid } = request;
    this.count = designs.length / cell.parameters.length;
    this.#engine = engine;
    this.#request = request;
    this.#options = options;
    this.#body = curveBody(technology, cell, formOf(grid));
    this.#alterer = new CellAlterer(renderLibrary(technology, [cell]));
  }

  /** Runs some designs together; where the run breaks, halves of them; where curves are missing, those once more. */
  async attempt(designs: readonly number[], isRepeated = false): Promise<CurveResult[]> {
    let plots: Plot[];
    try {
      plots = await this.#run(designs);
    } catch (error) {
      if (!(error instanceof SimulationError || error instanceof SimulationTimeoutError)) throw error;
      await this.#probe(error);
      if (designs.length > 1) return this.#attemptHalves(designs);
      if (!isRepeated) return this.attempt(designs, true);
      return [{ failure: error instanceof SimulationError ? error.reason : error.message.split('\n')[0]! }];
    }
    // ngspice reads 1.09e+02 as 109 and one unit in the last place
    const tagOf = (plot: Plot): number => Math.round(plot.column('v(_tag)')[0] ?? Number.NaN);
    const byTag = new Map(plots.map((plot) => [tagOf(plot), plot]));
    const results = designs.map((design) => this.#read(byTag.get(design)));
    const missing = designs.filter((_, i) => 'failure' in results[i]!);
    if (missing.length === 0 || designs.length === 1) return results;
    const again = missing.length < designs.length ? await this.attempt(missing) : await this.#attemptHalves(designs);
    const found = new Map(missing.map((design, i) => [design, again[i]!]));
    return results.map((result, i) => found.get(designs[i]!) ?? result);
  }

  async #attemptHalves(designs: readonly number[]): Promise<CurveResult[]> {
    const half = designs.length >> 1;
    return [...(await this.attempt(designs.slice(0, half))), ...(await this.attempt(designs.slice(half)))];
  }

  #run(designs: readonly number[]): Promise<Plot[]> {
    // the plain form for what is tried again
    const separator =
      designs.length > 1 && designs.length === this.count && this.#engine.name === 'ngspice' ? THEN : '\n';
    const commands = designs.map((design) => commandsOf(this.#request, this.#alterer, design).join(separator));
    const timeoutMilliseconds =
      this.#options.timeoutMilliseconds ??
      LEAST_TIMEOUT_MILLISECONDS + designs.length * this.#request.grid.points * MILLISECONDS_PER_POINT;
    return this.#engine.run(buildDeck(this.#body, commands, optionsLine(this.#request.technology)), {
      ...this.#options,
      timeoutMilliseconds,
    });
  }

  /** Tells a design that breaks the simulator from a simulator that is broken, by a design that works. */
  async #probe(cause: Error): Promise<void> {
    const { technology, cell, grid } = this.#request;
    const { points, startVolts, stopVolts } = grid;
    const probe = new CurveRun(
      this.#engine,
      {
        technology,
        cell,
        designs: Float64Array.from(cell.parameters, ({ name }) => cell.typical[name]!),
        grid: { kind: 'uniform', points, startVolts, stopVolts },
      },
      this.#options,
    );
    for (let left = PROBES; ; left -= 1) {
      try {
        await probe.#run([0]);
        return;
      } catch {
        if (left === 1) throw cause;
      }
    }
  }

  #read(plot: Plot | undefined): CurveResult {
    const { grid, technology } = this.#request;
    if (plot === undefined) return { failure: 'found no operating point at the first point' };
    if (plot.points !== grid.points) return { failure: `found no operating point at point ${plot.points}` };
    const inputVolts = plot.column('v(in)');
    const outputVolts = plot.column('v(out)');
    const isHeld = formOf(grid) === 'held';
    const { low, high } = isHeld ? { low: -Infinity, high: Infinity } : railsOf(technology);
    for (let i = 0; i < grid.points; i += 1) {
      if (!(outputVolts[i]! >= low && outputVolts[i]! <= high) || !Number.isFinite(inputVolts[i]!)) {
        return { failure: `the output is ${outputVolts[i]} V at point ${i}, outside its supplies` };
      }
    }
    // a source's current counts from its plus to its minus, so what it delivers is minus that
    const delivered = (source: string): Float64Array => plot.column(`i(${source})`).map((amperes) => 0 - amperes);
    const inputAmperes = delivered('e_in');
    const outputAmperes = isHeld ? delivered('v__out') : undefined;
    const supplied = Object.entries(technology.supplies).map(([node, volts]) => ({
      volts,
      amperes: delivered(`v_${node}`),
    }));
    const watts = inputVolts.map(
      (volts, i) =>
        volts * inputAmperes[i]! +
        (outputAmperes === undefined ? 0 : outputVolts[i]! * outputAmperes[i]!) +
        supplied.reduce((sum, supply) => sum + supply.volts * supply.amperes[i]!, 0),
    );
    if (outputAmperes === undefined) return { inputVolts, outputVolts, watts, inputAmperes };
    const inner = innerDrains(technology, this.#request.cell).map((node) => [node, plot.column(`v(xcell.${node})`)]);
    return { inputVolts, outputVolts, watts, inputAmperes, outputAmperes, drainVolts: Object.fromEntries(inner) };
  }
}

/** The control section of one design. */
function commandsOf({ cell, designs, grid }: CurveRequest, alterer: CellAlterer, design: number): string[] {
  const width = cell.parameters.length;
  const value = (name: string): number =>
    designs[design * width + cell.parameters.findIndex((parameter) => parameter.name === name)]!;
  const shape =
    grid.kind === 'uniform'
      ? undefined
      : { centreVolts: grid.centreVolts[design]!, widthVolts: grid.widthVolts[design]! };
  const held = grid.kind === 'sinh' ? grid.heldOutput : undefined;
  const inputPoints = grid.points / (held?.count ?? 1);
  const input = sweepParameters({ ...grid, points: inputPoints }, shape);
  const moved = input.first + (held?.inputSteps[design] ?? 0) * input.step;
  const ranges = [rangeText('v_t', { first: moved, step: input.step, points: inputPoints })];
  if (held !== undefined) {
    const step = (held.stopVolts - held.startVolts) / (held.count - 1);
    const first = held.startVolts + held.outputSteps[design]! * step;
    ranges.push(rangeText('v__out', { first, step, points: held.count }));
  }
  return [
    ...alterer.commands('xcell', cell, value),
    alterSource('v_tag', design),
    ...(shape === undefined
      ? []
      : [alterSource('v_centre', shape.centreVolts), `alter @e_in[gain]=${formatNumber(shape.widthVolts)}`]),
    `dc ${ranges.join(' ')}`,
    'write result.raw',
    'destroy all',
  ];
}

function rangeText(source: string, { first, step, points }: { first: number; step: number; points: number }): string {
  const stop = first + step * (points - 1 + HALF_STEP);
  return `${source} ${[first, stop, step].map(formatNumber).join(' ')}`;
}
