import { type Cell, designSpaceOf, type Technology } from '@neuroprint/circuit';
import { type Circuit, NeuroprintError } from '@neuroprint/core';
import { type Engine, renderNetlist, renderTestbench, simulateCurves } from '@neuroprint/spice';
import { AUDIT_VOLTS } from './rows/rows.ts';
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

/**
 * Looks over a technology that `loadTechnology` accepts: the cells' ranges and constraints leave a space, the templates
 * render and say the same circuits as technology.json (their curves are the exact solver's), and every cell has an operating
 * point over the whole sweep at the corners of its ranges. Bad templates and impossible constraints are findings; a
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

function checkSupplies({ supplies }: Technology): TechnologyFinding {
  const list = Object.entries(supplies);
  const wrong = list.filter(([, volts]) => !Number.isFinite(volts) || Math.abs(volts) > 100 || volts === 0);
  return {
    what: 'supplies',
    ok: list.length > 0 && wrong.length === 0,
    detail:
      wrong.length === 0
        ? list.map(([node, volts]) => `${node} ${volts} V`).join(', ')
        : wrong.map(([node, volts]) => `${node} is ${volts} V`).join(', '),
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
    if (!(difference <= AUDIT_VOLTS)) {
      throw new CornerError(
        `at ${place} the template's curve is ${difference.toPrecision(2)} V from that of technology.json: do they describe the same circuit?`,
      );
    }
    largest = Math.max(largest, difference);
  });
  return `${curves.length} corners, within ${largest.toExponential(1)} V of the exact solver`;
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
