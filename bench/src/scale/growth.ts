import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { curvesPlot } from '@neuroprint/report';
import { openEngine } from '@neuroprint/spice';
import { openTable } from '../table.ts';
import type { Build } from './builds.ts';
import { plainSeconds, writeCrossbar } from './crossbar.ts';
import type { CrossbarMeasured } from './measure.ts';
import { measurement } from './process.ts';

/** The exponent is told from here on too: smaller ones are done before anything is compiled. */
const LARGE = 32;

interface Size {
  readonly n: number;
  readonly before: CrossbarMeasured | undefined;
  readonly after: CrossbarMeasured;
  readonly plain: number | undefined;
}

export interface CrossbarPlan {
  readonly sizes: readonly number[];
  /** Verified as a whole, and given to the ngspice program as they stand. */
  readonly verified: readonly number[];
  /** The largest that the older build gets. */
  readonly mostBefore: number;
  readonly seed: number;
  readonly plot: string;
}

/**
 * Crossbars of n × n resistors with the resistance of their wires: the exact solver alone, verify with the embedded ngspice, and the
 * ngspice program with the same devices. Prints them, and the power by which the solver's time grows, and draws it.
 */
export async function crossbars(folder: string, builds: readonly Build[], plan: CrossbarPlan): Promise<void> {
  const [before, after] = builds.length === 2 ? builds : [undefined, builds[0]];
  const program = await openEngine('ngspice').catch(() => undefined);
  if (program === undefined) process.stdout.write('The ngspice program is not on this machine and is left out.\n');
  const found: Size[] = [];
  const print = openSizes();
  try {
    for (const n of plan.sizes) {
      process.stderr.write(`crossbar ${n} × ${n}\n`);
      const crossbar = writeCrossbar(join(folder, `crossbar-${n}`), n, plan.seed);
      const isVerified = plan.verified.includes(n);
      const measure = (build: Build): CrossbarMeasured =>
        measurement(build, folder, 'crossbar', [crossbar.folder, ...(isVerified ? ['whole'] : [])]);
      const size = {
        n,
        before: before === undefined || n > plan.mostBefore ? undefined : measure(before),
        after: measure(after!),
        plain: isVerified && program !== undefined ? await plainSeconds(program, crossbar) : undefined,
      };
      found.push(size);
      print(size);
    }
  } finally {
    await program?.close();
  }
  growth(found);
  await draw(found, plan.plot);
}

const seconds = (value: number | undefined): string => value?.toFixed(3) ?? '';
const over = (value: number | undefined, other: number | undefined): string =>
  value === undefined || other === undefined || other === 0 ? '' : (value / other).toFixed(3);

/** Prints each size when it is measured. */
function openSizes(): (size: Size) => void {
  const head = ['crossbar', 'resistors', 'nodes', 'solver before', 'solver', 'verify before', 'verify'];
  const last = ['plain ngspice', 'solver / plain', 'verify / plain', 'largest difference, V'];
  const print = openTable(
    'Crossbars with wires, processor seconds. Goals: solver / plain ≤ 0.1; verify / plain ≤ 1.0 at 64 × 64, ≤ 0.4 at 96 × 96.',
    [...head, ...last],
  );
  return ({ n, before, after, plain }) =>
    print([
      `${n} × ${n}`,
      ...[after.resistors, after.nodes].map((count) => count.toLocaleString('en')),
      ...[before?.exact, after.exact, before?.verify, after.verify, plain].map(seconds),
      over(after.exact, plain),
      over(after.verify, plain),
      after.errorVolts?.toExponential(1) ?? '',
    ]);
}

function growth(found: readonly Size[]): void {
  process.stdout.write('\n');
  for (const [what, of] of [
    ['before', (size: Size) => size.before],
    ['after', (size: Size) => size.after],
  ] as const) {
    const points = found.flatMap((size) => of(size) ?? []);
    if (points.length < 2) continue;
    const large = found.filter(({ n }) => n >= LARGE).flatMap((size) => of(size) ?? []);
    const beyond = large.length < 2 ? '' : `, from ${LARGE} × ${LARGE} on by ${power(large).toFixed(2)}`;
    process.stdout.write(
      `The solver's time grows by the power ${power(points).toFixed(2)} of the resistors ${what}${beyond} (goal ≤ 1.3).\n`,
    );
  }
}

async function draw(found: readonly Size[], file: string): Promise<void> {
  const before = found.flatMap((size) => size.before ?? []);
  const after = found.map((size) => size.after);
  const curve = (label: string, points: readonly CrossbarMeasured[]) => ({
    label,
    x: points.map(({ resistors }) => resistors),
    y: points.map(({ exact }) => exact),
  });
  const first = after[0]!;
  const plot = await curvesPlot({
    name: 'growth',
    title: 'Exact solver on crossbars with wires',
    description: `Processor seconds of the exact solver on crossbars of ${after.map(({ resistors }) => resistors).join(', ')} resistors: ${after.map(({ exact }) => exact.toPrecision(2)).join(', ')}.`,
    x: { quantity: 'resistors', unit: 'count', log: true },
    y: { quantity: 'processor time', unit: 's', log: true },
    curves: [
      ...(before.length < 2 ? [] : [curve('before', before)]),
      curve('after', after),
      {
        label: 'power 1.3',
        x: after.map(({ resistors }) => resistors),
        y: after.map(({ resistors }) => first.exact * (resistors / first.resistors) ** 1.3),
      },
    ],
  });
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, plot.svg);
  process.stdout.write(`\nDrawn in ${file}.\n`);
}

/** The slope of log time by log resistors, least squares. */
function power(points: readonly CrossbarMeasured[]): number {
  const x = points.map(({ resistors }) => Math.log(resistors));
  const y = points.map(({ exact }) => Math.log(exact));
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [mx, my] = [mean(x), mean(y)];
  const covariance = x.reduce((sum, value, k) => sum + (value - mx) * (y[k]! - my), 0);
  return covariance / x.reduce((sum, value) => sum + (value - mx) ** 2, 0);
}
