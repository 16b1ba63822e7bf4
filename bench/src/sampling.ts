import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CellSolver, findCell, loadTechnology } from '@neuroprint/circuit';
import { DesignMap, Sobol, sample, sinhSweep, sweepOf } from '@neuroprint/sampler';
import { inspectEngines, renderCurveDeck } from '@neuroprint/spice';
import { faults } from './faults.ts';
import { TEMPLATES } from './machine.ts';
import { wholeNumber } from './options.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const technology = loadTechnology(TEMPLATES, 'egt-date23');
const cell = findCell(technology, 'negweight');
const ALONE = 200;
const EXACT = 2000;
const MANY = 100_000;

/**
 * The falling stage of egt-date23: processor time of a curve, memory of many curves, injected faults.
 * `--curves N` (default 100,000) and `--kills N` (default 50) make it shorter; no curves leave the first table out.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: { curves: { type: 'string', default: String(MANY) }, kills: { type: 'string', default: '50' } },
  });
  const curves = wholeNumber('curves', values.curves);
  const kills = wholeNumber('kills', values.kills);
  await inScratchFolder(async (folder) => {
    if (curves > 0) await throughput(folder, curves);
    await faults(join(folder, 'faults'), kills);
  });
}

async function throughput(folder: string, curves: number): Promise<void> {
  const rows: string[][] = [];
  const add = (what: string, count: number, milliseconds: number, alone?: number) =>
    rows.push([
      what,
      String(count),
      milliseconds.toFixed(3),
      alone === undefined ? '' : `${(alone / milliseconds).toFixed(1)} ×`,
    ]);
  const ngspice = (await inspectEngines()).find((engine) => engine.name === 'ngspice' && engine.usable);
  const alone = ngspice === undefined ? undefined : onePerCurve(join(folder, 'alone-'), ngspice.path!);
  if (alone !== undefined) add('one ngspice process per curve (simulation alone)', ALONE, alone);
  for (const [engine, count] of [
    ['ngspice', curves],
    ['embedded', Math.min(curves, 5000)],
  ] as const) {
    if (engine === 'ngspice' && ngspice === undefined) continue;
    const memory: [share: number, megabytes: number][] = [];
    const out = join(folder, engine);
    const summary = await sample({
      technology,
      cell,
      count,
      out,
      engine,
      onProgress: ({ done }) => {
        for (const share of [0.01, 0.1, 0.5, 1]) {
          if (done >= share * count && memory.every(([other]) => other < share))
            memory.push([share, process.memoryUsage.rss() / 2 ** 20]);
        }
      },
    });
    add(
      `chunked, ${engine} ${summary.simulatorVersion} (all: plan, simulate, audit, fit, write)`,
      count,
      1000 * summary.cpuSecondsPerCurve,
      alone,
    );
    process.stdout.write(
      `${engine}: ${summary.converged} of ${count} curves in ${summary.wallSeconds.toFixed(1)} s, resident ${memory.map(([share, megabytes]) => `${megabytes.toFixed(0)} MB at ${100 * share} %`).join(', ')}\n`,
    );
    rmSync(out, { recursive: true, force: true });
  }
  add('exact solver, the same points', EXACT, exact(), alone);
  process.stdout.write(
    `\n${table(['falling stage of egt-date23, adaptive sweep', 'curves', 'ms of processor time a curve', 'against one process'], rows)}\n\n`,
  );
}

function design(index: number, map: DesignMap, sobol: Sobol): Float64Array {
  const unit = new Float64Array(map.dimensions);
  const values = new Float64Array(map.dimensions);
  sobol.at(index, unit);
  map.map(unit, values);
  return values;
}

const shape = { centreVolts: 0.3, widthVolts: 0.05 };

/** Processor milliseconds of a process per curve; a shell adds up what its children took. */
function onePerCurve(prefix: string, path: string): number {
  const folder = mkdtempSync(prefix);
  const map = new DesignMap(cell);
  const sobol = new Sobol(map.dimensions, 0);
  const { points, startVolts, stopVolts } = sweepOf(technology);
  for (let i = 0; i < ALONE; i += 1) {
    const grid = {
      kind: 'sinh',
      points,
      startVolts,
      stopVolts,
      centreVolts: Float64Array.of(shape.centreVolts),
      widthVolts: Float64Array.of(shape.widthVolts),
    } as const;
    writeFileSync(
      join(folder, `${i}.cir`),
      renderCurveDeck({ technology, cell, designs: design(i, map, sobol), grid }),
    );
  }
  const script = `for deck in *.cir; do "$0" -n -b $deck >/dev/null 2>&1 || exit 1; done; times`;
  const children =
    execFileSync('/bin/sh', ['-c', script, path], { cwd: folder, encoding: 'utf8' }).split('\n')[1] ?? '';
  const seconds = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
    (sum, [, minutes, rest]) => sum + 60 * Number(minutes) + Number(rest),
    0,
  );
  return (1000 * seconds) / ALONE;
}

function exact(): number {
  const solver = new CellSolver(technology, cell);
  const map = new DesignMap(cell);
  const sobol = new Sobol(map.dimensions, 0);
  const { inputVolts } = sinhSweep(sweepOf(technology), shape);
  const began = process.cpuUsage();
  for (let i = 0; i < EXACT; i += 1) solver.curve(design(i, map, sobol), inputVolts);
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1000 / EXACT;
}
