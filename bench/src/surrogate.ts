import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Cell, loadTechnology, type Technology } from '@neuroprint/circuit';
import type { SampleTable } from '@neuroprint/core';
import {
  compareEta,
  encodeOnnx,
  type Fitter,
  readSurrogate,
  type SurrogateContent,
  SurrogateModel,
  type TableRows,
  tfjsFitter,
  trainSurrogate,
} from '@neuroprint/surrogate';
import { SURROGATES, TEMPLATES } from './machine.ts';
import { chosen, wholeNumber } from './options.ts';
import { ports } from './surrogate-ports.ts';
import { features, floor, simulate } from './surrogate-studies.ts';
import { table } from './table.ts';

const TECHNOLOGIES = ['egt', 'egt-date23'];
const ROWS = 7000;
const LEARNING_ROWS = [1000, 3000, 7000];
/** With `--full`. */
const FULL_LEARNING_ROWS = [1000, 3000, 7000, 20_000, 50_000];
/** Held-out designs that the second figure of an error leaves out. */
const WORST = 2;
const BATCHES = [1, 1000, 100_000];

/**
 * Error and training time of a surrogate of every cell and seed (`--rows 7000 --seeds 3`), TensorFlow.js where it is
 * installed (`--tfjs`), learning curves of the published cells (`--learning 1000,50000`, `--full`; 0 leaves them out), and
 * inference. One part alone: `--ports` port models and loaded networks, `--floor` the noise of the fitted η, `--features`
 * what features help, `--inference`. Samples by ngspice at the default sweep.
 */
export async function run(args: readonly string[]): Promise<void> {
  const alone = { type: 'boolean', default: false } as const;
  const { values } = parseArgs({
    args: [...args],
    options: {
      rows: { type: 'string', default: String(ROWS) },
      seeds: { type: 'string', default: '3' },
      learning: { type: 'string' },
      full: alone,
      technology: { type: 'string', default: TECHNOLOGIES.join() },
      tfjs: alone,
      ports: alone,
      floor: alone,
      features: alone,
      inference: alone,
    },
  });
  const rows = wholeNumber('rows', values.rows, 50);
  const seeds = Array.from({ length: wholeNumber('seeds', values.seeds) }, (_, seed) => seed);
  const learning = (values.learning ?? (values.full ? FULL_LEARNING_ROWS : LEARNING_ROWS).join())
    .split(',')
    .map((count) => wholeNumber('learning', count))
    .filter((count) => count > 0);
  const wanted = chosen('technology', values.technology.split(','), TECHNOLOGIES);
  const found = values.tfjs ? await tfjsFitter().catch((error: Error) => error) : undefined;
  if (found instanceof Error) process.stdout.write(`TensorFlow.js is left out: ${found.message}\n\n`);
  const tfjs = found instanceof Error ? undefined : found;
  if (values.ports) return ports(wanted);
  if (values.floor) return floor(wanted);
  if (values.features) return features(wanted);
  if (values.inference) return inference(wanted);
  const lines: string[][] = [];
  for (const name of wanted) {
    const technology = loadTechnology(TEMPLATES, name);
    for (const cell of Object.values(technology.cells)) {
      const samples = await simulate(technology, cell, Math.ceil(rows / 0.8));
      for (const seed of seeds) lines.push(measure(technology, cell, samples, seed));
      if (tfjs) lines.push(measure(technology, cell, samples, 0, tfjs));
    }
  }
  process.stdout.write(
    `${table(['cell, seed, engine', 'rows', 'error', `without the worst ${WORST}`, '1 − R² of η₁..η₄', 'train, s'], lines)}\n\n`,
  );
  if (learning.length > 0) await learningCurves(learning);
  await inference(wanted);
}

async function learningCurves(counts: readonly number[]): Promise<void> {
  const technology = loadTechnology(TEMPLATES, 'egt-date23');
  const lines: string[][] = [];
  for (const cell of Object.values(technology.cells)) {
    const samples = await simulate(technology, cell, Math.max(...counts));
    lines.push([cell.name, ...counts.map((count) => measure(technology, cell, firstRows(samples, count), 0)[2]!)]);
  }
  process.stdout.write(
    `Learning curves of egt-date23, held-out error\n\n${table(['samples', ...counts.map(String)], lines)}\n\n`,
  );
}

function firstRows(samples: SampleTable, count: number): SampleTable {
  const width = samples.parameters.length;
  return { ...samples, values: samples.values.slice(0, count * width), eta: samples.eta.slice(0, count * 4) };
}

function measure(
  technology: Technology,
  cell: Cell,
  samples: SampleTable,
  seed: number,
  engine?: { readonly name: string; readonly fit: Fitter },
): string[] {
  const topology = { elements: cell.elements, supplies: Object.keys(technology.supplies) };
  const began = process.cpuUsage();
  const { surrogate, test, testRows } = trainSurrogate(samples, { seed, topology, ...(engine && { fit: engine.fit }) });
  const used = process.cpuUsage(began);
  const seconds = (used.user + used.system) / 1e6;
  const title = `${technology.name} ${cell.name}, ${seed}, ${engine?.name ?? 'own'}`;
  const line = [
    title,
    String(surrogate.trainedOn.rows),
    test.mseNormalised.toExponential(1),
    withoutWorst(surrogate, testRows).toExponential(1),
    test.r2.map((r) => (1 - r).toExponential(0)).join(' '),
    seconds.toFixed(0),
  ];
  process.stderr.write(`${line.join(', ')}\n`);
  return line;
}

/** The error over held-out designs but the few worst, which a seed has or has not. */
function withoutWorst(surrogate: SurrogateContent, { values, eta }: TableRows): number {
  const predicted = SurrogateModel.of(surrogate).predict(values, eta.length / 4);
  const errors = Array.from({ length: eta.length / 4 }, (_, row) => {
    const one = (data: Float64Array) => data.subarray(4 * row, 4 * row + 4);
    return compareEta(one(predicted), one(eta), surrogate.etaMin, surrogate.etaMax).mseNormalised;
  }).sort((a, b) => a - b);
  const kept = errors.slice(0, -WORST);
  return kept.reduce((sum, error) => sum + error, 0) / kept.length;
}

/** Microseconds a row of the shipped surrogates. */
async function inference(technologies: readonly string[]): Promise<void> {
  const runtime = await import('onnxruntime-node').catch(() => undefined);
  const lines: string[][] = [];
  for (const name of technologies) {
    for (const cell of Object.keys(loadTechnology(TEMPLATES, name).cells)) {
      const folder = join(SURROGATES, name, cell);
      if (!existsSync(folder)) continue;
      const surrogate = readSurrogate(folder);
      const model = SurrogateModel.of(surrogate);
      const session = await runtime?.InferenceSession.create(encodeOnnx(surrogate), { intraOpNumThreads: 1 });
      const width = surrogate.parameters.length;
      const typical = surrogate.parameters.map(({ min, max }) => Math.sqrt(min * max));
      const own: string[] = [];
      const onnx: string[] = [];
      for (const rows of BATCHES) {
        const values = Float64Array.from({ length: rows * width }, (_, i) => typical[i % width]!);
        const logs = values.map(Math.log);
        own.push(await microseconds(rows, async () => void model.forward(logs, rows)));
        if (runtime === undefined || session === undefined) continue;
        const components = new runtime.Tensor('float32', Float32Array.from(values), [rows, width]);
        onnx.push(await microseconds(rows, async () => void (await session.run({ components }))));
      }
      lines.push([`${name} ${cell}, ours`, ...own]);
      if (onnx.length > 0) lines.push([`${name} ${cell}, onnxruntime-node`, ...onnx]);
    }
  }
  process.stdout.write(
    `Inference, microseconds a row on one thread, by rows in a batch\n\n${table(['surrogate', ...BATCHES.map(String)], lines)}\n`,
  );
}

/** The best of several repetitions of about the same work. */
async function microseconds(rows: number, work: () => Promise<void>): Promise<string> {
  const repeats = Math.max(1, Math.floor(2000 / rows));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < 5; round += 1) {
    const began = performance.now();
    for (let i = 0; i < repeats; i += 1) await work();
    best = Math.min(best, (1000 * (performance.now() - began)) / repeats / rows);
  }
  return best.toFixed(2);
}
