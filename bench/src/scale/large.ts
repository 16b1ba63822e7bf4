import { join } from 'node:path';
import { openTable } from '../table.ts';
import type { Build } from './builds.ts';
import { command, type Taken } from './process.ts';
import { writeSegmentDigits } from './segments.ts';

const HIDDEN = 64;

/** A network of the size of MNIST at 14 × 14 pixels: trains, compiles and verifies it, and prints what each step takes. */
export function large(folder: string, build: Build, rows: number): void {
  const data = join(folder, 'segments.csv');
  writeSegmentDigits(data, rows, 0);
  const [network, netlist] = [join(folder, 'segments'), join(folder, 'segments-netlist')];
  const steps: [string, readonly string[]][] = [
    ['train', ['--data', data, '--out', network, '--hidden', `${HIDDEN}`, '--epochs', '150', '--restarts', '1']],
    ['compile', ['--network', join(network, 'network.json'), '--data', data, '--out', netlist]],
    // its layout has 52,000 nodes, which an ngspice without KLU is not asked about
    ['verify', ['--netlist', netlist, '--engine', 'embedded']],
  ];
  const print = openTable(`196-${HIDDEN}-10 on ${rows} pictures of digits made by rule, 14 × 14 pixels of 8 bits`, [
    'step',
    'wall, s',
    'processor, s',
    'largest resident size, MB',
    '',
  ]);
  for (const [name, options] of steps) {
    process.stderr.write(`${name} 196-${HIDDEN}-10\n`);
    const taken = command(build, folder, [name, ...options]);
    print([name, ...[taken.wallSeconds, taken.cpuSeconds, taken.megabytes].map((x) => x.toFixed(0)), told(taken)]);
  }
  process.stdout.write('\n');
}

/** What a command said that it came to: its lines about accuracy and voltages. */
function told({ printed }: Taken): string {
  const lines = printed
    .split('\n')
    .filter((line) => /^(accuracy|voltages|simulator|as laid out|components) /.test(line));
  return lines.map((line) => line.replace(/ {2,}/g, ' ')).join('; ');
}
