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
/** Copies, the same ones for every method; of tables with more test rows ngspice simulates a sample. */
const DRAWS = 20;
const ALL_SIMULATED_ROWS = 1000;
const SAMPLED_DRAWS = 5;

const none: Variation = { kind: 'uniform', relativeSpread: 0 };
const uniform: Variation = { kind: 'uniform', relativeSpread: 0.1 };
const drift: Variation = { ...none, nonIdealities: [{ kind: 'drift', sigma: 0.3 }] };
const smooth: Variation = { ...none, nonIdealities: [{ kind: 'smooth', volts: 0.1 }] };
const noise = { nonIdealities: [{ kind: 'multinomial', zero: 0.05, half: 0.1 }] } as const;

/** What training and calibration see. */
const METHODS: Readonly<Record<string, Variation>> = {
  plain: none,
  'variation-aware': uniform,
  multinomial: { ...none, ...noise },
  both: { ...uniform, ...noise },
  'drift-aware': drift,
  'smooth-aware': smooth,
};

/** What the printed circuit then meets. */
const DEVICES: Readonly<Record<string, Variation>> = {
  'uniform 10 %': uniform,
  'uniform 20 %': { kind: 'uniform', relativeSpread: 0.2 },
  'log-normal σ 0.3': drift,
  'smooth 100 mV': smooth,
};

/**
 * Which training for which device: `npm run bench -- robust [table …] [--seeds 1] [--methods plain,both] [--out FOLDER]`. Test accuracy of
 * kit13 circuits, nominal and mean over copies, every method under the same draws, every copy in ngspice too (of long tables a
 * sample) and compared node by node. With --out every row is kept and a stopped run goes on.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      seeds: { type: 'string', default: '1' },
      methods: { type: 'string' },
      ...rowOptions,
    },
  });
  const tables = chosen('table', positionals, KIT13);
  const seeds = wholeNumber('seeds', values.seeds, 1);
  const methods = chosen('method', values.methods?.split(',') ?? [], Object.keys(METHODS));
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so there is nothing to measure.\n');
    return;
  }
  const technology = loadTechnology(TEMPLATES, 'egt');
  const engine = await openEngine('auto');
  const asked: ToMeasure<RobustRow>[] = [];
  for (let seed = 0; seed < seeds; seed += 1)
    for (const name of tables)
      for (const method of methods) asked.push(toMeasure(name, method, seed, technology, engine));
  const rows = await measuredRows('robust', asked, values, ({ accuracies }, title) => {
    process.stderr.write(`${title}: ${accuracies.map((share) => (100 * share).toFixed(1)).join(' ')}\n`);
  });
  await engine.close();
  if (rows === undefined) return;
  process.stdout.write(`egt, hidden 3, ${seeds} seeds, ${DRAWS} copies, ${engine.name} ${engine.version}\n\n`);
  process.stdout.write(`${robustTables(rows, tables, methods, ['nominal', ...Object.keys(DEVICES)])}\n`);
}

function toMeasure(
  name: string,
  method: string,
  seed: number,
  technology: Technology,
  engine: Engine,
): ToMeasure<RobustRow> {
  const { data } = kitProblem(name, technology, seed);
  const meets = [METHODS[method], DEVICES, DRAWS, ALL_SIMULATED_ROWS, SAMPLED_DRAWS];
  const recipe = sha256(JSON.stringify([VERSION, data.sha256, technology.hash, seed, meets]));
  return { name: `${name}-${method}-${seed}`, recipe, measure: () => measure(name, method, seed, technology, engine) };
}

async function measure(
  name: string,
  method: string,
  seed: number,
  technology: Technology,
  engine: Engine,
): Promise<RobustRow> {
  const { data, problem } = kitProblem(name, technology, seed);
  const { network } = trainNetwork(problem, { seed, variation: METHODS[method]! });
  return inScratchFolder(async (folder) => {
    const { netlist } = compileNetwork(network, data, technology, join(folder, 'out'));
    const { report, simulated } = await verify(netlist, technology, engine);
    const text = parseNetlist(netlist.netlistText, netlist.netlistFile);
    const circuit = extractCircuit(text, netlist.circuit, technology);
    const accuracies = [report.accuracy.ngspice!];
    let { maxErrorVolts } = report;
    let [copies, differing] = [0, 0];
    for (const variation of Object.values(DEVICES)) {
      const simulatedDraws = simulated.rows <= ALL_SIMULATED_ROWS ? DRAWS : SAMPLED_DRAWS;
      const options = { draws: DRAWS, variation, seed: 0, workers: 1, simulatedDraws };
      const found = await monteCarlo(engine, circuit, technology, simulated, options);
      accuracies.push(found.meanAccuracy);
      maxErrorVolts = Math.max(maxErrorVolts, found.maxErrorVolts);
      copies += found.simulatedDraws;
      differing += found.decisionsDiffering;
    }
    return { table: name, method, seed, accuracies, maxErrorVolts, copies, differing };
  });
}
