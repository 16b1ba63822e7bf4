import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { DATA, EXAMPLES } from '../machine.ts';
import type { Build } from './builds.ts';
import { command, measurement, type Taken } from './process.ts';

/** What both builds are measured by, and what the ratio of after to before shall be. */
export interface Measure {
  readonly name: string;
  readonly title: string;
  readonly goal: string;
  /** A small run leaves out what takes minutes before. */
  readonly isLongBefore?: boolean;
  readonly rounds?: number;
  readonly digits?: number;
  measure(build: Build, scene: Scene): Measured;
}

/** What is compared, and, where it is time on the clock, the processor's beside it: that says something on a busy machine too. */
export interface Measured {
  readonly value: number;
  readonly cpuSeconds?: number;
}

const onTheClock = ({ wallSeconds, cpuSeconds }: Taken): Measured => ({ value: wallSeconds, cpuSeconds });

const TABLES = {
  iris: { file: join(EXAMPLES, 'iris.csv'), options: ['--hidden', '3', '--epochs', '200', '--restarts', '2'] },
  pendigits: {
    file: join(DATA, 'kit13', 'pendigits.csv'),
    options: ['--hidden', '3', '--epochs', '60', '--restarts', '1'],
  },
  digits: { file: join(DATA, 'digits.csv'), options: ['--hidden', '32', '--epochs', '200', '--restarts', '1'] },
} as const;

/** Networks and netlists that both builds get: made once, by the older one, so that both can read them. */
export class Scene {
  readonly folder: string;
  readonly #maker: Build;
  readonly #made = new Map<string, string>();

  constructor(folder: string, maker: Build) {
    this.folder = folder;
    this.#maker = maker;
  }

  network(table: keyof typeof TABLES): string {
    const out = this.#once(`network-${table}`, (folder) => {
      const { file, options } = TABLES[table];
      command(this.#maker, this.folder, ['train', '--data', file, '--out', folder, ...options]);
    });
    return join(out, 'network.json');
  }

  /** A netlist of the network, in a folder of its own for each build. */
  netlist(table: keyof typeof TABLES, build: Build): string {
    const whole = this.#once(`netlist-${table}`, (folder) => {
      const given = ['--network', this.network(table), '--data', TABLES[table].file];
      command(this.#maker, this.folder, ['compile', ...given, '--out', folder]);
    });
    return this.#once(`netlist-${table}-${build.label}`, (folder) => cpSync(whole, folder, { recursive: true }));
  }

  /** Compiles the network of a table. */
  compile(build: Build, table: keyof typeof TABLES): Taken {
    const given = ['--network', this.network(table), '--data', TABLES[table].file];
    const out = join(this.folder, `compiled-${table}-${build.label}`);
    return command(build, this.folder, ['compile', ...given, '--out', out, '--overwrite']);
  }

  #once(name: string, make: (folder: string) => void): string {
    const folder = this.#made.get(name) ?? join(this.folder, name);
    if (!this.#made.has(name)) make(folder);
    this.#made.set(name, folder);
    return folder;
  }
}

export const MEASURES: readonly Measure[] = [
  {
    name: 'compile-digits',
    title: 'compile digits 61-32-10, wall s',
    goal: '≤ 0.2',
    isLongBefore: true,
    rounds: 1,
    measure: (build, scene) => onTheClock(scene.compile(build, 'digits')),
  },
  {
    name: 'compile-iris',
    title: 'compile Iris 4-3-3, processor s',
    goal: '≤ 1',
    measure: (build, scene) => ({ value: scene.compile(build, 'iris').cpuSeconds }),
  },
  {
    name: 'compile-pendigits',
    title: 'compile Pendigits 16-3-10, processor s',
    goal: '≤ 1',
    measure: (build, scene) => ({ value: scene.compile(build, 'pendigits').cpuSeconds }),
  },
  {
    name: 'epochs-iris',
    title: 'epochs a processor second, Iris',
    goal: '≥ 1.7',
    digits: 0,
    measure: (build, { folder }) => ({ value: measurement(build, folder, 'epochs', [TABLES.iris.file, '8000']) }),
  },
  {
    name: 'epochs-pendigits',
    title: 'epochs a processor second, Pendigits',
    goal: '≥ 1.4',
    digits: 1,
    measure: (build, { folder }) => ({ value: measurement(build, folder, 'epochs', [TABLES.pendigits.file, '80']) }),
  },
  {
    name: 'train',
    title: 'train Iris, wall s',
    goal: '≤ 0.35',
    measure: (build, { folder }) => {
      const out = ['--out', join(folder, `trained-${build.label}`), '--overwrite'];
      return onTheClock(command(build, folder, ['train', '--data', TABLES.iris.file, ...out]));
    },
  },
  {
    name: 'copies',
    title: 'verify Iris with 100,000 copies, wall s',
    goal: '≤ 0.7',
    measure: (build, scene) => {
      const given = ['--netlist', scene.netlist('iris', build), '--monte-carlo', '100000'];
      return onTheClock(command(build, scene.folder, ['verify', ...given]));
    },
  },
];
