import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { sha256, type Variation } from '@neuroprint/core';
import { type Engine, openEngine, parseNetlist } from '@neuroprint/spice';
import { trainNetwork } from '@neuroprint/training';
import { extractCircuit, monteCarlo, verify } from '@neuroprint/verifier';
import { DATA, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { type RobustRow, robustTables } from './robust-tables.ts';
import { measuredRows, rowOptions, type ToMeasure } from './rows.ts';
import { inScratchFolder } from './scratch.ts';

/** Raised when what is measured changes, so that rows of before are not taken for rows of now. */
const VERSION = 1;
/** Copies at every rate, the same ones for every network of the same parts; of these ngspice simulates some. */
const COPIES = 200;
const SIMULATED_ROWS = 400;
const RATES = [0, 0.01, 0.02, 0.05, 0.1];
const printed: Variation = { kind: 'uniform', relativeSpread: 0.1 };
/** The rate that training and calibration see beside the printing spread. */
const METHODS: Readonly<Record<string, number>> = { plain: 0, 'under faults': 0.05 };
/** Prints a step where faults fall on crossbars alone; where they fall on all parts it is the default. */
const DRAWS_OF_CROSSBARS = 100;

/** Which parts break, and the variation at a rate of them. */
const PARTS = {
  all: (rate: number): Variation => ({ ...printed, faultRate: rate }),
  crossbar: (rate: number): Variation => ({ ...printed, stuckOpen: rate / 2, stuckShort: rate / 2 }),
};
type Parts = keyof typeof PARTS;

/**
 * Test accuracy of kit13 circuits whose parts are broken, trained and calibrated without and with faults, by the exact solver on the compiled circuit:
 * `npm run bench -- fault-tolerance [table …] [--parts all|crossbar] [--seeds 1] [--hidden 3,8] [--out FOLDER]`. Training under faults sees 5 % of them. Every row is kept in the folder, and a
 * stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      hidden: { type: 'string', default: '3,8' },
      parts: { type: 'string', default: 'all' },
      ...rowOptions,
    },
  });
  const tables = chosen('table', positionals, KIT13);
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const [parts] = chosen('parts', [values.parts], Object.keys(PARTS)) as Parts[];
  const sizes = values.hidden.split(',').map((size) => wholeNumber('hidden', size, 1));
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const columns = RATES.map((rate) => `${100 * rate} % broken`);
  const methods = Object.keys(METHODS);
  const asked = sizes.flatMap((hidden) =>
    Array.from({ length: seeds }, (_, seed) =>
      tables.flatMap((name) =>
        methods.map((method) => toMeasure({ name, hidden, method, seed, parts: parts! }, technology, engine)),
      ),
    ).flat(),
  );
  const measured = await measuredRows('fault tolerance', asked, values, ({ accuracies }, title) => {
    process.stderr.write(`${title}: ${accuracies.map((share) => (100 * share).toFixed(1)).join(' ')}\n`);
  });
  await engine.close();
  if (measured === undefined) return;
  const ofSize = measured.length / sizes.length;
  for (const [k, hidden] of sizes.entries()) {
    const rows = measured.slice(k * ofSize, (k + 1) * ofSize);
    process.stdout.write(
      `egt, hidden ${hidden}, ${seeds} seeds, faults of ${parts === 'all' ? 'all parts' : 'crossbar resistors'}, ${COPIES} copies a rate, ${engine.name} ${engine.version}\n\n`,
    );
    process.stdout.write(`${robustTables(rows, tables, methods, columns)}\n\n`);
  }
}

interface Case {
  readonly name: string;
  readonly hidden: number;
  readonly method: string;
  readonly seed: number;
  readonly parts: Parts;
}

function toMeasure(of: Case, technology: Technology, engine: Engine): ToMeasure<RobustRow> {
  const { name, hidden, method, seed, parts } = of;
  const { data } = kitProblem(name, technology, seed);
  const meets = [VERSION, data.sha256, technology.hash, of, METHODS[method], RATES, COPIES, SIMULATED_ROWS];
  const title = `${name}-${parts}-${hidden}-${METHODS[method]}-${seed}`;
  return { name: title, recipe: sha256(JSON.stringify(meets)), measure: () => measure(of, technology, engine) };
}

async function measure(
  { name, hidden, method, seed, parts }: Case,
  technology: Technology,
  engine: Engine,
): Promise<RobustRow> {
  const { data, problem } = kitProblem(name, technology, seed);
  const rate = METHODS[method]!;
  const draws = parts === 'crossbar' && rate > 0 ? { draws: DRAWS_OF_CROSSBARS } : {};
  const { network } = trainNetwork(problem, { seed, hidden: [hidden], variation: PARTS[parts](rate), ...draws });
  return inScratchFolder(async (folder) => {
    const { netlist } = compileNetwork(network, data, technology, join(folder, 'out'));
    const { report, simulated } = await verify(netlist, technology, engine);
    const text = parseNetlist(netlist.netlistText, netlist.netlistFile);
    const circuit = extractCircuit(text, netlist.circuit, technology);
    const accuracies: number[] = [];
    let { maxErrorVolts } = report;
    let [copies, differing] = [0, 0];
    for (const faultRate of RATES) {
      const simulatedDraws = Math.max(1, Math.floor(SIMULATED_ROWS / simulated.rows));
      const options = { draws: COPIES, variation: PARTS[parts](faultRate), seed: 0, workers: 1, simulatedDraws };
      const found = await monteCarlo(engine, circuit, technology, simulated, options);
      accuracies.push(found.meanAccuracy);
      maxErrorVolts = Math.max(maxErrorVolts, found.maxErrorVolts);
      copies += found.simulatedDraws;
      differing += found.decisionsDiffering;
    }
    return { table: name, method, seed, accuracies, maxErrorVolts, copies, differing };
  });
}
