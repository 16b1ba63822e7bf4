import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import { TEMPLATES } from './machine.ts';

/** What is changed in the technology.json and the cells' templates of `egt`; everything else stays. */
const CHANGES: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>> = {
  egt: [],
  'egt-vpos': [['vdd', 'vpos']],
  'egt-low': [['"value": 1,', '"value": 0.8,']],
};

/** An oxide transistor at 5 V: level 1 with kp 6.61 µA/V² and a threshold of 0.6 V, as its users give it; below the threshold 230 mV a decade. */
const IGZO = {
  polarity: 'n',
  description: 'n-type IGZO transistor, level 1.',
  law: {
    source: 'SPICE level 1 (Shichman and Hodges 1968) with a subthreshold current',
    let: { u: '(vg - vs - vth) / (2 * phi)', w: '(vg - vd - vth) / (2 * phi)' },
    drainAmperes:
      '2 * kp * phi^2 * (W / L) * (ln(1 + exp(u))^2 - ln(1 + exp(w))^2) * (1 + lambda * sqrt((vd - vs)^2 + eps))',
  },
  parameters: {
    kp: { unit: 'amperes/volts^2', value: 6.61e-6, source: 'the card of a user' },
    vth: { unit: 'volts', value: 0.6, source: 'the card of a user' },
    phi: { unit: 'volts', value: 0.1, assumed: true, why: 'level 1 has no current below the threshold' },
    lambda: { unit: '1/volts', value: 0.01, assumed: true, why: 'of this order' },
    eps: { unit: 'volts^2', value: 1e-6, source: 'numerical' },
  },
};
/** V/I of a transistor at its supply is 1.6 times that of `egt`: so are its loads. */
const LOADS = 1.6;

export const PROCESSES = [...Object.keys(CHANGES), 'igzo', 'otft'];

/** The process as a folder of its own in `root`, and loaded: `otft` as it is shipped, the others made from `egt`. */
export function makeProcess(root: string, name: string): Technology {
  const folder = join(root, name);
  for (const from of ['common', name === 'otft' ? 'otft' : 'egt'])
    cpSync(join(TEMPLATES, from), folder, { recursive: true });
  const change = (edit: (text: string, entry: string) => string): void => {
    for (const entry of readdirSync(folder)) {
      const file = join(folder, entry);
      writeFileSync(file, edit(readFileSync(file, 'utf8'), entry));
    }
  };
  const changes = CHANGES[name];
  if (changes !== undefined)
    change((text) =>
      [['"name": "egt"', `"name": "${name}"`] as const, ...changes].reduce(
        (now, [from, to]) => now.replaceAll(from, to),
        text,
      ),
    );
  if (name === 'igzo')
    change((text, entry) => (entry === 'technology.json' ? igzo(text) : text.replaceAll(' egt ', ' igzo ')));
  return loadTechnology(root, name);
}

function igzo(text: string): string {
  const { unflattened: _, ...file } = JSON.parse(text);
  file.name = 'igzo';
  file.supplies.vdd.value = 5;
  file.transistors = { igzo: IGZO };
  for (const cell of Object.values<{ constraints: string[] }>(file.cells))
    cell.constraints = cell.constraints.map((one) =>
      one.replace('20000', String(LOADS * 20_000)).replace('500000', String(LOADS * 500_000)),
    );
  return JSON.stringify(file, undefined, 2);
}
