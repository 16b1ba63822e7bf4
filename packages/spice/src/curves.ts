import type { Cell, Technology } from '@neuroprint/circuit';
import { alterSource, CellAlterer } from './alter.ts';
import { buildDeck, type Engine, type RunOptions } from './engine.ts';
import { SimulationError, SimulationTimeoutError } from './errors.ts';
import { sinhParameters } from './grid.ts';
import { instanceNodes, libraryText, renderLibrary } from './netlist.ts';
import type { Plot } from './raw.ts';
import { railsOf, supplySources } from './supplies.ts';
import { formatNumber } from './templates.ts';

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
    };

export interface CurveRequest {
  readonly technology: Technology;
  readonly cell: Cell;
  /** Row-major [designs × parameters], in ohms and metres, in the order of `cell.parameters`. */
  readonly designs: Float64Array;
  readonly grid: CurveGrid;
}

/** The unloaded transfer curve of one design as simulated, or why there is none. */
export type CurveResult =
  | { readonly inputVolts: Float64Array; readonly outputVolts: Float64Array }
  | { readonly failure: string };

/**
 * Simulates the curves of one chunk of designs (200 to 500 are a good size) in one run. A design that fails is tried
 * once more alone and then reported as a failure; the others keep their curves. Results are the same to the bit whatever
 * the chunk (tested: a `dc` after `alter` starts anew). Throws SimulationError where no design of the chunk could be
 * run at all.
 */
export async function simulateCurves(
  engine: Engine,
  request: CurveRequest,
  options: RunOptions = {},
): Promise<CurveResult[]> {
  const run = new CurveRun(engine, request, options);
  const all = Array.from({ length: run.count }, (_, design) => design);
  const results = await run.attempt(all);
  if (run.brokenRun !== null && results.every((result) => 'failure' in result)) throw run.brokenRun;
  return results;
}

/**
 * The deck of a chunk without its numbers: model, cell, tolerances, commands. Whoever keeps curves hashes it, because it
 * decides them.
 */
export function curveDeckText(technology: Technology, cell: Cell, kind: CurveGrid['kind']): string {
  return buildDeck(curveBody(technology, cell, kind), ['dc v_index']);
}

/** Names with a leading underscore are the deck's own: no circuit may use them. */
function curveBody(technology: Technology, cell: Cell, kind: CurveGrid['kind']): string {
  const library = renderLibrary(technology, [cell]);
  const input =
    kind === 'uniform'
      ? ['e_in in _centre _index 0 1']
      : ['v_first _first 0 0', 'e_t _t _first _index 0 1', 'b_sinh _sinh 0 v=sinh(v(_t))', 'e_in in _centre _sinh 0 1'];
  return [
    libraryText(library),
    `xcell ${instanceNodes(library, cell.name, 'in', 'out').join(' ')} ${cell.name}`,
    ...supplySources(technology),
    'v_tag _tag 0 0',
    'v_index _index 0 0',
    'v_centre _centre 0 0',
    ...input,
    '.save v(in) v(out) v(_tag)',
  ].join('\n');
}

class CurveRun {
  readonly count: number;
  /** The error of a run that gave nothing, if there was one. */
  brokenRun: Error | null = null;
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
    this.#body = curveBody(technology, cell, grid.kind);
    this.#alterer = new CellAlterer(renderLibrary(technology, [cell]));
  }

  /** Runs some designs together; where the run breaks, halves of them; where one curve is missing, that one alone. */
  async attempt(designs: readonly number[]): Promise<CurveResult[]> {
    let plots: Plot[];
    try {
      plots = await this.#engine.run(
        buildDeck(
          this.#body,
          designs.flatMap((design) => this.#commands(design)),
        ),
        this.#options,
      );
    } catch (error) {
      if (!(error instanceof SimulationError || error instanceof SimulationTimeoutError)) throw error;
      this.brokenRun = error;
      if (designs.length === 1) {
        return [{ failure: error instanceof SimulationError ? error.reason : error.message.split('\n')[0]! }];
      }
      const half = designs.length >> 1;
      return [...(await this.attempt(designs.slice(0, half))), ...(await this.attempt(designs.slice(half)))];
    }
    // ngspice reads 1.09e+02 as 109 and one unit in the last place
    const tagOf = (plot: Plot): number => Math.round(plot.column('v(_tag)')[0] ?? Number.NaN);
    const byTag = new Map(plots.map((plot) => [tagOf(plot), plot]));
    const results: CurveResult[] = [];
    for (const design of designs) {
      const result = this.#read(byTag.get(design));
      results.push('failure' in result && designs.length > 1 ? (await this.attempt([design]))[0]! : result);
    }
    return results;
  }

  #commands(design: number): string[] {
    const { technology, cell, designs, grid } = this.#request;
    const width = cell.parameters.length;
    const value = (name: string): number =>
      designs[design * width + cell.parameters.findIndex((parameter) => parameter.name === name)]!;
    const supplies = Object.entries(technology.supplies);
    return [
      ...this.#alterer.commands('xcell', cell, value),
      alterSource('v_tag', design),
      ...supplies.map(([node, volts]) => alterSource(`v_${node}`, volts)),
      ...this.#inputCommands(design, grid),
      `dc v_index 0 ${grid.points - 1} 1`,
      'write result.raw',
      'destroy all',
    ];
  }

  #inputCommands(design: number, grid: CurveGrid): string[] {
    const gain = (name: string, value: number): string => `alter @${name}[gain]=${formatNumber(value)}`;
    if (grid.kind === 'uniform') {
      return [
        alterSource('v_centre', grid.startVolts),
        gain('e_in', (grid.stopVolts - grid.startVolts) / (grid.points - 1)),
      ];
    }
    const shape = { centreVolts: grid.centreVolts[design]!, widthVolts: grid.widthVolts[design]! };
    const { first, step } = sinhParameters(shape, grid.points, grid.startVolts, grid.stopVolts);
    return [
      alterSource('v_centre', shape.centreVolts),
      gain('e_in', shape.widthVolts),
      alterSource('v_first', first),
      gain('e_t', step),
    ];
  }

  #read(plot: Plot | undefined): CurveResult {
    const { grid, technology } = this.#request;
    if (plot === undefined) return { failure: 'found no operating point at the first point' };
    if (plot.points !== grid.points) return { failure: `found no operating point at point ${plot.points}` };
    const inputVolts = plot.column('v(in)');
    const outputVolts = plot.column('v(out)');
    const { low, high } = railsOf(technology);
    for (let i = 0; i < grid.points; i += 1) {
      if (!(outputVolts[i]! >= low && outputVolts[i]! <= high) || !Number.isFinite(inputVolts[i]!)) {
        return { failure: `the output is ${outputVolts[i]} V at point ${i}, outside its supplies` };
      }
    }
    return { inputVolts, outputVolts };
  }
}
