import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileLaw, LAW_LIBRARY, parseLaw } from '@neuroprint/circuit';
import { Draws } from '@neuroprint/core';

const EKV = LAW_LIBRARY.ekv;
const NAMES = EKV.parameters.map(({ name }) => name);
const current = compileLaw(parseLaw(EKV.text, NAMES), []);

/** What a made device is: the numbers of the law `ekv`, its size in metres, and leakage in amperes. */
export interface MadeDevice {
  readonly i0: number;
  readonly vth: number;
  readonly phi: number;
  readonly gamma: number;
  readonly lambda: number;
  readonly floor?: number;
  /** Ohms in series with source and with drain. */
  readonly contactOhms?: number;
  /** Volts by which the gate of output curves is off. */
  readonly shift?: number;
}

export const MADE: MadeDevice = { i0: 2e-9, vth: 5, phi: 0.8, gamma: 2.2, lambda: 0.004 };
export const WIDTH = 1e-3;
export const LENGTH = 1e-4;

/** Amperes of a made device with its contacts, by halving an interval: no derivative, no Newton. */
export function amperes(device: MadeDevice, vg: number, vd: number): number {
  const { contactOhms = 0, i0, vth, phi, gamma, lambda } = device;
  const values = [i0, vth, phi, gamma, lambda, 1e-6];
  const out = new Float64Array(1);
  const through = (i: number): number => {
    current(vg, vd - i * contactOhms, i * contactOhms, WIDTH, LENGTH, 27, values, out);
    return out[0]!;
  };
  let [low, high] = [0, through(0)];
  if (contactOhms === 0) return high;
  for (let k = 0; k < 200; k += 1) {
    const middle = (low + high) / 2;
    if (through(middle) > middle) low = middle;
    else high = middle;
  }
  return low;
}

/** Writes two transfer and three output curves of a p-type device as its author might, and gives the lines of its manifest. */
export function writeDevice(
  folder: string,
  name: string,
  device: MadeDevice,
  options: {
    readonly noise?: number;
    readonly seed?: number;
    readonly sheet?: string;
    readonly transistor?: string;
  } = {},
): string {
  const { noise = 0, seed = 0, sheet, transistor = 'made' } = options;
  mkdirSync(folder, { recursive: true });
  const draws = new Draws(seed, `made ${name}`);
  const lines = [
    `  - name: ${name}`,
    `    transistor: ${transistor}`,
    ...(sheet === undefined ? [] : [`    sheet: ${sheet}`]),
    '    curves:',
  ];
  const write = (kind: 'transfer' | 'output', held: number, k: number): void => {
    const file = `${name}-${kind}-v${kind === 'transfer' ? 'd' : 'g'}${held}.csv`;
    const rows = Array.from({ length: 41 }, (_, i) => {
      const swept = i;
      const [vg, vd] = kind === 'transfer' ? [swept, held] : [held + (device.shift ?? 0), swept];
      const exact = amperes(device, vg, vd) + (kind === 'transfer' ? (device.floor ?? 1e-12) : 0);
      return `${-swept},${-exact * (1 + noise * draws.normal(k, i))}`;
    });
    writeFileSync(join(folder, file), `${rows.join('\n')}\n`);
    lines.push(`      - { file: ${file}, kind: ${kind}, volts: ${-held} }`);
  };
  for (const [k, held] of [5, 40].entries()) write('transfer', held, k);
  for (const [k, held] of [15, 25, 40].entries()) write('output', held, 2 + k);
  return lines.join('\n');
}

/** A manifest of such devices. */
export function writeManifest(
  folder: string,
  devices: readonly string[],
  head = `polarity: p\nW: ${WIDTH}\nL: ${LENGTH}`,
): string {
  const path = join(folder, 'manifest.yaml');
  writeFileSync(path, `${head}\ndevices:\n${devices.join('\n')}\n`);
  return path;
}
