import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Draws } from '@neuroprint/core';

/** What devices differ by: the standard deviations of ln kp, vth in volts and ln phi, their correlations, and the sheets' share. */
export const RULE = {
  names: ['kp', 'vth', 'phi'],
  deviations: [0.15, 0.6, 0.1],
  /** Lower triangle of the factor of the correlations: kp and vth by 0.5, phi and kp by −0.3. */
  factor: [[1], [0.5, Math.sqrt(0.75)], [-0.3, 0.2, Math.sqrt(1 - 0.09 - 0.04)]],
  sheetShare: 0.4,
} as const;

const NOMINAL = { kp: 4e-9, vth: 11, phi: 0.8, lambda: 0.003 };
const SIZE = { width: 1e-3, length: 1e-4 };

/** Made devices: their manifest, and what was drawn of each, in the order of the rule. */
export interface Population {
  readonly manifest: string;
  readonly drawn: readonly (readonly number[])[];
}

/** Writes curves of so many sheets of devices with relative noise, as text of five decimals; level 1 by hand. */
export function population(folder: string, sheets: number, each: number, noise: number, seed: number): Population {
  const draws = new Draws(seed, 'made transistors');
  const numbers = (major: number): number[] => {
    const own = [0, 1, 2].map((k) => draws.normal(major, k));
    return RULE.factor.map((row, k) => RULE.deviations[k]! * row.reduce((sum, f, j) => sum + f * own[j]!, 0));
  };
  const lines = ['polarity: p', `W: ${SIZE.width}`, `L: ${SIZE.length}`, 'transistor: made', 'devices:'];
  const drawn: number[][] = [];
  for (let sheet = 0; sheet < sheets; sheet += 1) {
    const common = numbers(1_000_000 + sheet);
    for (let d = 0; d < each; d += 1) {
      const device = sheet * each + d;
      const own = numbers(device);
      const off = own.map((x, k) => Math.sqrt(1 - RULE.sheetShare) * x + Math.sqrt(RULE.sheetShare) * common[k]!);
      drawn.push(off);
      const [kp, vth, phi] = [NOMINAL.kp * Math.exp(off[0]!), NOMINAL.vth + off[1]!, NOMINAL.phi * Math.exp(off[2]!)];
      lines.push(`  - name: d${device}`, `    sheet: s${sheet}`, '    curves:');
      const curves = [
        ['transfer', 5],
        ['transfer', 40],
        ['output', 20],
        ['output', 40],
      ] as const;
      curves.forEach(([kind, held], c) => {
        const file = `d${device}-${kind}-${held}.csv`;
        const rows = Array.from({ length: 41 }, (_, i) => {
          const amperes = kind === 'transfer' ? level1(kp, vth, phi, i, held) + 1e-12 : level1(kp, vth, phi, held, i);
          return `${-i},${(-amperes * (1 + noise * draws.normal(device, 100 + 41 * c + i))).toExponential(5)}`;
        });
        writeFileSync(join(folder, file), `${rows.join('\n')}\n`);
        lines.push(`      - { file: ${file}, kind: ${kind}, volts: ${-held} }`);
      });
    }
  }
  const manifest = join(folder, 'manifest.yaml');
  writeFileSync(manifest, `${lines.join('\n')}\n`);
  return { manifest, drawn };
}

function level1(kp: number, vth: number, phi: number, vg: number, vd: number): number {
  const over = (v: number): number => 2 * phi * Math.log1p(Math.exp((v - vth) / (2 * phi)));
  return 0.5 * kp * (SIZE.width / SIZE.length) * (over(vg) ** 2 - over(vg - vd) ** 2) * (1 + NOMINAL.lambda * vd);
}
