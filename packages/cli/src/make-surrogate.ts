import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findCell, type Technology } from '@neuroprint/circuit';
import { type Surrogate, sha256 } from '@neuroprint/core';
import { readSamples } from '@neuroprint/sampler';
import type { EngineChoice } from '@neuroprint/spice';
import { hasPortModel, LEAST_ROWS, readSurrogate } from '@neuroprint/surrogate';
import type { FoundByCell, FoundSamples } from './found-samples.ts';
import { describePort, describeUnloaded, runPortTraining } from './port.ts';
import { describeSampling, runSampling } from './run-sampling.ts';
import { describeSurrogate, runSurrogateTraining } from './run-surrogate.ts';
import { readSampleTable } from './sample-table.ts';

/** Designs of the port models are so many times fewer, and of the next seed: other designs than the surrogate is tested on. */
const PORT_SHARE = 12;

export interface SurrogateRequest {
  readonly count: number;
  readonly seed: number;
  readonly engine: EngineChoice;
  /** Folder of the surrogates, and that of new samples. */
  readonly surrogates: string;
  readonly samples: string;
  /** What was asked for, for the report: make or regenerate. */
  readonly command: string;
  readonly found: FoundByCell;
}

/** Samples a cell, or takes the samples that there are, and trains and writes its surrogate and its port model. */
export async function makeSurrogate(technology: Technology, cell: string, request: SurrogateRequest) {
  const { count, seed, engine, command } = request;
  const found = request.found.get(cell);
  const folder = join(request.samples, `${technology.name}-${cell}-${count}-${seed}-${engine}`);
  const sampling =
    found?.curves === undefined
      ? await runSampling({ technology: technology.name, cell, count, out: folder, seed, engine })
      : undefined;
  const from = sampling === undefined ? takenOf(found!.curves!) : { ...sampling, taken: false };
  const port = await portOf(technology, cell, request, `${folder}-port`);
  const out = join(request.surrogates, technology.name, cell);
  const before = existsSync(join(out, 'surrogate.json')) ? readSurrogate(out) : undefined;
  const portBefore = hashOf(join(out, 'port.json'));
  const again = [...(found?.curves ? [found.curves.folder] : []), ...(found?.ports ? [found.ports.folder] : [])];
  const surrogate = await runSurrogateTraining(
    readSampleTable(from.out, technology.name, cell),
    out,
    seed,
    {
      samples: from,
      simulator: { name: from.engine, version: from.simulatorVersion },
      command: `npx neuroprint surrogates ${command} --technology ${technology.name} --count ${count} --seed ${seed}${again.length > 0 ? ` --from ${again.join(' ')}` : ''}`,
    },
    'own',
    port?.model,
    engine,
  );
  const portNow = hashOf(join(out, 'port.json'));
  const change = `${changeOf(before, readSurrogate(out))}${port ? `; port model ${portChange(portBefore, portNow)}` : ''}`;
  return {
    cell,
    sample: from,
    surrogate,
    ...(port && { port: port.training }),
    change,
    errorBefore: before?.test.mseNormalised,
    report: [
      ...(sampling === undefined
        ? [`${cell}: ${from.converged} designs of ${from.out}, which were there`]
        : describeSampling(cell, sampling)),
      ...describeSurrogate(surrogate),
      ...(port ? [describePort(port.training.test)] : []),
      ...(surrogate.unloaded ? describeUnloaded(surrogate.unloaded) : []),
      `${cell}: ${change}`,
    ],
  };
}

/** What is to be said of samples that were there. */
function takenOf({ folder, samples }: FoundSamples) {
  const { failures } = readSamples(folder);
  return {
    requested: samples.count,
    converged: samples.count - failures.length,
    failed: failures.length,
    simulated: 0,
    engine: samples.simulator.name,
    simulatorVersion: samples.simulator.version,
    out: folder,
    taken: true,
  };
}

/** The port model of a cell, from designs that the surrogate is not tested on; undefined where the cell can have none. */
async function portOf(
  technology: Technology,
  cell: string,
  { count, seed, engine, found }: SurrogateRequest,
  folder: string,
) {
  const { elements } = findCell(technology, cell);
  if (!hasPortModel({ elements, supplyVolts: technology.supplies })) return undefined;
  const ports = found.get(cell)?.ports;
  if (ports !== undefined) return runPortTraining(ports.folder, seed);
  const { out } = await runSampling({
    technology: technology.name,
    cell,
    count: Math.max(LEAST_ROWS, Math.round(count / PORT_SHARE)),
    out: folder,
    seed: seed + 1,
    engine,
    port: true,
  });
  return runPortTraining(out, seed);
}

/** SHA-256 of a file, undefined where there is none. */
function hashOf(path: string): string | undefined {
  return existsSync(path) ? sha256(readFileSync(path)) : undefined;
}

function portChange(before: string | undefined, now: string | undefined): string {
  if (before === undefined) return 'new';
  return before === now ? 'the same bytes as before' : 'changed';
}

/** What differs between the surrogate that was there and the new one, in words. */
function changeOf(before: Surrogate | undefined, after: Surrogate): string {
  if (before === undefined) return 'new';
  if (before.checksum === after.checksum) return 'the same bytes as before';
  const inputs = Object.keys(after.inputHashes).filter((name) => before.inputHashes[name] !== after.inputHashes[name]);
  const fields = (['parameters', 'constraints', 'features', 'trainedOn'] as const).filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  );
  const what = [...inputs, ...fields];
  const [from, to] = [before, after].map(({ test }) => test.mseNormalised.toExponential(1));
  return `changed${what.length > 0 ? ` (${what.join(', ')})` : ' (weights)'}; held-out error ${from} before, ${to} now`;
}
