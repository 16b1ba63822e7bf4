import { type Cell, cellCurve, designSpaceOf, ptanhCurve, type Technology, toleranceVolts } from '@neuroprint/circuit';
import { type Circuit, NeuroprintError } from '@neuroprint/core';
import { type Engine, renderNetlist, renderTestbench, simulateCurves } from '@neuroprint/spice';
import { fitPtanh, unflattened } from './rows/ptanh-fit.ts';
import { countReasons } from './rows/recipe.ts';
import { StageSolver } from './rows/stage-solver.ts';
import { DesignMap } from './sequence/design-map.ts';
import { Sobol } from './sequence/sobol.ts';

/** One thing that was looked at in a technology's folder. */
export interface TechnologyFinding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** More corners than these are thinned out. */
const MOST_CORNERS = 256;
const POINTS = 41;
/** No node reaches its supply altogether: one may lie outside the sweep by this share of it. */
const OUTSIDE_SWEEP = 0.05;
/** Beyond this nothing is printed electronics. */
const MOST_VOLTS = 1000;
/** Designs whose curves are fitted, on so many points. */
const FITTED = { designs: 64, points: 201 };

/**
 * Looks over a technology that `loadTechnology` accepts: the cells' ranges and constraints leave a space, the templates
 * render and say the same circuits as technology.json (their curves are the exact solver's), and every cell has an operating
 * point over the whole sweep at the corners of its ranges, where it flattens at both ends of the sweep; the sweep covers the
 * supplies, and at least half of the designs have a curve that can be fitted. Bad templates and impossible constraints are findings; a
 * simulator that does not work at all throws.
 */
export async function checkTechnology(technology: Technology, engine: Engine): Promise<TechnologyFinding[]> {
  const findings: TechnologyFinding[] = [checkSupplies(technology), checkNetworkTemplates(technology)];
  for (const cell of Object.values(technology.cells)) {
    findings.push(await attempt(`${cell.name}: ranges and constraints`, () => describeSpace(technology, cell)));
    if (findings.at(-1)!.ok) {
      findings.push(
        await attempt(`${cell.name}: simulates at its corners`, () => checkCorners(technology, cell, engine)),
      );
      if (cell.curve === 'falling' || cell.curve === 'rising')
        findings.push(await attempt(`${cell.name}: curves can be fitted`, () => checkFits(technology, cell)));
    }
  }
  return findings;
}

async function attempt(what: string, look: () => string | Promise<string>): Promise<TechnologyFinding> {
  try {
    return { what, ok: true, detail: await look() };
  } catch (error) {
    if (error instanceof NeuroprintError && error.exitCode !== 1) return { what, ok: false, detail: error.message };
    if (error instanceof CornerError) return { what, ok: false, detail: error.message };
    throw error;
  }
}

class CornerError extends Error {}

function checkSupplies({ supplies, sweepVolts }: Technology): TechnologyFinding {
  const list = Object.entries(supplies);
  const { minimum, maximum } = sweepVolts;
  const slack = OUTSIDE_SWEEP * (maximum - minimum);
  const wrong = list.flatMap(([node, volts]) => {
    if (!Number.isFinite(volts) || Math.abs(volts) > MOST_VOLTS || volts === 0) return `${node} is ${volts} V`;
    const outside = volts < minimum - slack || volts > maximum + slack;
    return outside ? `${node} is ${volts} V, and curves are swept from ${minimum} to ${maximum} V` : [];
  });
  return {
    what: 'supplies',
    ok: list.length > 0 && wrong.length === 0,
    detail: (wrong.length === 0 ? list.map(([node, volts]) => `${node} ${volts} V`) : wrong).join(', '),
  };
}

/** Renders the templates of crossbar, network and testbench for a circuit that holds every cell. */
function checkNetworkTemplates(technology: Technology): TechnologyFinding {
  const what = 'templates of network and testbench';
  const origin = { role: 'crossbar', layer: 0, row: 0, column: 0 } as const;
  const ohms = technology.crossbar.maxOhms;
  const stages: Circuit['devices'] = Object.values(technology.cells).map((cell, i) => ({
    kind: 'stage',
    name: `stage${i}`,
    cell: cell.name,
    input: 'z',
    output: `y${i}`,
    values: cell.typical,
    origin: { role: 'activation', layer: 0, column: i },
  }));
  const circuit = {
    name: 'check',
    inputs: ['in0'],
    outputs: stages.map((_, i) => `y${i}`),
    devices: [{ kind: 'resistor', name: 'r0', nodes: ['in0', 'z'], ohms, origin } as const, ...stages],
  };
  try {
    const lines = renderNetlist(circuit, technology).split('\n').length;
    renderTestbench(circuit, technology, Float64Array.of(0, 1));
    return { what, ok: true, detail: `${lines} lines for a network with every cell` };
  } catch (error) {
    if (!(error instanceof NeuroprintError)) throw error;
    return { what, ok: false, detail: error.message };
  }
}

function describeSpace(technology: Technology, cell: Cell): string {
  const { dimensions } = new DesignMap(designSpaceOf(technology, cell));
  return `${dimensions} parameters, ${cell.constraints.length} constraints, a space that is not empty`;
}

async function checkCorners(technology: Technology, cell: Cell, engine: Engine): Promise<string> {
  const corners = cornersOf(new DesignMap(designSpaceOf(technology, cell)));
  const width = cell.parameters.length;
  const { minimum: startVolts, maximum: stopVolts } = technology.sweepVolts;
  const grid = { kind: 'uniform', points: POINTS, startVolts, stopVolts } as const;
  const curves = await simulateCurves(engine, { technology, cell, designs: corners, grid });
  const solver = new StageSolver(technology, cell);
  let largest = 0;
  curves.forEach((curve, i) => {
    const values = corners.slice(i * width, (i + 1) * width);
    const place = cell.parameters.map(({ name }, k) => `${name}=${values[k]!.toPrecision(4)}`).join(' ');
    if ('failure' in curve) throw new CornerError(`at ${place} the simulator ${curve.failure}`);
    solver.setValues(values);
    const difference = solver.largestDifference(curve.inputVolts, curve.outputVolts);
    if (!(difference <= toleranceVolts(technology))) {
      throw new CornerError(
        `at ${place} the template's curve is ${difference.toPrecision(2)} V from that of technology.json: do they describe the same circuit?`,
      );
    }
    const moving = technology.mustFlatten ? unflattened(curve.inputVolts, curve.outputVolts) : undefined;
    if (moving !== undefined) throw new CornerError(`at ${place} ${moving}`);
    largest = Math.max(largest, difference);
  });
  return `${curves.length} corners, within ${largest.toExponential(1)} V of the exact solver`;
}

/** How many of some designs, spread over the space, have a curve that can be fitted, by the exact solver. */
function checkFits(technology: Technology, cell: Cell): string {
  const map = new DesignMap(designSpaceOf(technology, cell));
  const sobol = new Sobol(map.dimensions, 0);
  const [unit, values] = [new Float64Array(map.dimensions), new Float64Array(map.dimensions)];
  const { minimum, maximum } = technology.sweepVolts;
  const { designs, points } = FITTED;
  const volts = Float64Array.from({ length: points }, (_, i) => minimum + ((maximum - minimum) * i) / (points - 1));
  const reasons = new Map<string, number>();
  let fitted = 0;
  for (let i = 0; i < designs; i += 1) {
    sobol.at(i, unit);
    map.map(unit, values);
    const curve = cellCurve(technology, cell, values, volts);
    const fit = fitPtanh(volts, curve, ptanhCurve(cell), undefined, technology.bias.volts);
    const reason = fit.converged ? technology.mustFlatten && unflattened(volts, curve) : fit.reason;
    if (typeof reason === 'string') countReasons([{ reason }], reasons);
    else fitted += 1;
  }
  const [often] = [...reasons].sort((a, b) => b[1] - a[1]);
  const why = often === undefined ? '' : `; most often (${often[1]} times): ${often[0]}`;
  if (2 * fitted < designs)
    throw new CornerError(`${fitted} of ${designs} designs have a curve that can be fitted${why}`);
  return `${fitted} of ${designs} designs${why}`;
}

/** The images of the corners of the unit cube, [corners × parameters]; of very many a low-discrepancy selection. */
function cornersOf(map: DesignMap): Float64Array {
  const n = map.dimensions;
  const all = 2 ** n;
  const count = Math.min(all, MOST_CORNERS);
  const sobol = new Sobol(n, 0);
  const corners = new Float64Array(count * n);
  const unit = new Float64Array(n);
  const values = new Float64Array(n);
  for (let i = 0; i < count; i += 1) {
    if (count === all) for (let k = 0; k < n; k += 1) unit[k] = (i >> k) & 1;
    else {
      sobol.at(i, unit);
      for (let k = 0; k < n; k += 1) unit[k] = Math.round(unit[k]!);
    }
    map.map(unit, values);
    corners.set(values, i * n);
  }
  return corners;
}
