import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantile } from '@neuroprint/core';
import { chosen, wholeNumber } from './options.ts';
import { type Build, buildOf, presentBuild } from './scale/builds.ts';
import { crossbars } from './scale/growth.ts';
import { large } from './scale/large.ts';
import { MEASURES, type Measure, type Measured, Scene } from './scale/measures.ts';
import { memory } from './scale/memory.ts';
import { inScratchFolder } from './scratch.ts';
import { openTable } from './table.ts';

const PARTS = [...MEASURES.map(({ name }) => name), 'crossbars', 'large', 'memory'];

/**
 * How this build and another one scale, in one run: `npm run bench -- scale --against REV`. The other commit is cloned and built; both
 * builds do the same things by turns, each time in a process of its own. `--small` leaves out what takes minutes before; without
 * `--against` there is no before.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      against: { type: 'string' },
      parts: { type: 'string', default: PARTS.join(',') },
      small: { type: 'boolean', default: false },
      rounds: { type: 'string', default: '3' },
      sizes: { type: 'string', default: '8,16,32,64,96,128' },
      verified: { type: 'string', default: '64,96' },
      many: { type: 'string', default: '1000000' },
      pictures: { type: 'string', default: '1000' },
      plot: { type: 'string', default: join('bench', 'results', 'scale', 'growth.svg') },
      seed: { type: 'string', default: '1' },
    },
  });
  const parts = chosen('part', values.parts.split(','), PARTS);
  const rounds = wholeNumber('rounds', values.rounds, 1);
  const seed = wholeNumber('seed', values.seed);
  const many = wholeNumber('many', values.many, 10_500);
  const pictures = wholeNumber('pictures', values.pictures, 50);
  const [sizes, verified] = (['sizes', 'verified'] as const).map((option) =>
    values[option].split(',').map((size) => wholeNumber(option, size, 2)),
  );
  const after = presentBuild();
  const builds = values.against === undefined ? [after] : [buildOf(values.against), after];
  process.stdout.write(`${builds.map(({ label, commit }) => `${label}: ${commit}`).join('; ')}\n\n`);
  await inScratchFolder(async (folder) => {
    const scene = new Scene(folder, builds[0]!);
    const measures = MEASURES.filter(({ name }) => parts.includes(name));
    if (measures.length > 0) {
      const head = ['what', 'before', 'after', 'after / before', 'goal', 'processor s', 'after / before'];
      const print = openTable(`Medians of up to ${rounds} rounds`, head);
      for (const measure of measures) print(compared(measure, builds, scene, rounds, values.small));
      process.stdout.write('\n');
    }
    const mostBefore = values.small ? 32 : Number.POSITIVE_INFINITY;
    if (parts.includes('crossbars'))
      await crossbars(folder, builds, { sizes: sizes!, verified: verified!, mostBefore, seed, plot: values.plot });
    if (parts.includes('memory')) memory(folder, after, scene, many);
    if (parts.includes('large')) large(folder, after, pictures);
  });
}

/** A row of the table: both builds by turns, so that what else the machine does falls on both. */
function compared(
  measure: Measure,
  builds: readonly Build[],
  scene: Scene,
  rounds: number,
  isSmall: boolean,
): string[] {
  const { title, goal, digits = 2, isLongBefore = false } = measure;
  const found = new Map<Build['label'], Measured[]>();
  for (let round = 0; round < Math.min(rounds, measure.rounds ?? rounds); round += 1)
    for (const build of builds) {
      if (build.label === 'before' && isLongBefore && isSmall) continue;
      process.stderr.write(`${title}: ${build.label}, round ${round + 1}\n`);
      found.set(build.label, [...(found.get(build.label) ?? []), measure.measure(build, scene)]);
    }
  const medians = (of: (one: Measured) => number | undefined): (number | undefined)[] =>
    (['before', 'after'] as const).map((label) => {
      const all = (found.get(label) ?? []).flatMap((one) => of(one) ?? []);
      return all.length === 0 ? undefined : quantile(all, 0.5);
    });
  const [before, after] = medians(({ value }) => value);
  const [cpuBefore, cpuAfter] = medians(({ cpuSeconds }) => cpuSeconds);
  const shown = (value: number | undefined): string => value?.toFixed(digits) ?? '';
  const over = (a: number | undefined, b: number | undefined): string =>
    a === undefined || b === undefined ? '' : (a / b).toFixed(2);
  return [
    ...[title, shown(before), shown(after), over(after, before), before === undefined ? '' : goal],
    cpuBefore === undefined ? shown(cpuAfter) : `${shown(cpuBefore)} → ${shown(cpuAfter)}`,
    over(cpuAfter, cpuBefore),
  ];
}
