import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Draws } from '@neuroprint/core';
import { buildDeck, type Engine } from '@neuroprint/spice';

const TIMEOUT = { timeoutMilliseconds: 3_600_000 };

/** A crossbar of n × n resistors with the resistance of its wires, as a foreign netlist in a folder: crossbar.cir, map.json, inputs.csv. */
export interface Crossbar {
  readonly folder: string;
  readonly lines: readonly string[];
  readonly volts: readonly number[];
}

/** Rows driven from the left, columns read at the bottom through 1 kΩ, 5 Ω from cell to cell. */
export function writeCrossbar(folder: string, n: number, seed: number): Crossbar {
  const draws = new Draws(seed, 'crossbar');
  const all = Array.from({ length: n }, (_, i) => i);
  const lines = [
    ...all.flatMap((i) =>
      all.flatMap((j) => [
        `Rw_${i}_${j} ${j === 0 ? `in${i}` : `a_${i}_${j - 1}`} a_${i}_${j} 5`,
        `Rx_${i}_${j} a_${i}_${j} b_${i}_${j} ${(1e5 * 10 ** draws.uniform(i, j)).toFixed(1)}`,
        `Rv_${i}_${j} b_${i}_${j} ${i === n - 1 ? `out${j}` : `b_${i + 1}_${j}`} 5`,
      ]),
    ),
    ...all.map((j) => `Rt_${j} out${j} 0 1000`),
  ];
  const inputs = new Draws(seed, 'inputs');
  const volts = all.map((i) => inputs.uniform(0, i));
  const named = (letter: string, node: string): Record<string, string> =>
    Object.fromEntries(all.map((i) => [`${letter}${i}`, `${node}${i}`]));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'crossbar.cir'), `* crossbar\n${lines.join('\n')}\n`);
  writeFileSync(
    join(folder, 'map.json'),
    JSON.stringify({ technology: 'egt', inputs: named('x', 'in'), outputs: named('y', 'out') }),
  );
  writeFileSync(join(folder, 'inputs.csv'), `${Object.keys(named('x', 'in')).join(',')}\n${volts.join(',')}\n`);
  return { folder, lines, volts };
}

/** Processor seconds of the ngspice program for the same devices as they stand. */
export async function plainSeconds(program: Engine, { lines, volts }: Crossbar): Promise<number> {
  const sources = volts.map((v, i) => `vin${i} in${i} 0 ${v}`);
  const started = program.cpuSeconds();
  await program.run(buildDeck([...lines, ...sources].join('\n'), ['op', 'write result.raw'], ''), TIMEOUT);
  return program.cpuSeconds() - started;
}
