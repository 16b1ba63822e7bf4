import { mkdtempSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadTechnology } from '@neuroprint/circuit';
import { type Engine, NetlistError, openEngine } from '@neuroprint/spice';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readForeignCircuit } from '../src/foreign/circuit.ts';
import { readPortMap, technologyOfMap } from '../src/foreign/map.ts';
import { verifyForeign } from '../src/index.ts';

const SHAPES = fileURLToPath(new URL('../../../test/foreign', import.meta.url));
const TEMPLATES = fileURLToPath(new URL('../../../spice-templates', import.meta.url));
const names = readdirSync(SHAPES).flatMap((name) => (name.endsWith('.cir') ? [name.replace('.cir', '')] : []));
const folder = mkdtempSync(join(tmpdir(), 'neuroprint-shapes-'));

let engine: Engine;
beforeAll(async () => {
  engine = await openEngine('auto');
});
afterAll(() => engine.close());

/** What was understood of a netlist, a line for every device and for everything that was left out. */
async function readingOf(name: string): Promise<string> {
  const [netlist, file] = [join(SHAPES, `${name}.cir`), join(SHAPES, `${name}.json`)];
  const technology = loadTechnology(TEMPLATES, technologyOfMap(file));
  try {
    const map = readPortMap(file, technology);
    const { flat, leftOut } = readForeignCircuit(netlist, map, technology);
    const node = (i: number): string => [...flat.unknowns, ...flat.driven][i]!;
    const expected = join(folder, `${name}.csv`);
    writeFileSync(
      expected,
      `${map.inputs.map((input) => input.name).join(',')}\n${map.inputs.map((_, i) => 0.2 + 0.1 * i).join(',')}\n`,
    );
    const report = await verifyForeign({ netlist, map: file, technology, expected }, engine);
    // simulated beside the text itself, which throws where the two differ
    expect(report.text.cases).toBe(1);
    return [
      ...flat.resistors.map(
        ({ nodes, component }) =>
          `resistor ${flat.components[component]!.name} from ${node(nodes[0])} to ${node(nodes[1])}: ${Number(flat.components[component]!.value.toPrecision(12))}`,
      ),
      ...flat.opamps.map(
        (opamp) =>
          `op-amp ${opamp.name} plus ${node(opamp.plus)} minus ${node(opamp.minus)} out ${node(opamp.output)}: gain ${opamp.gain}`,
      ),
      ...report.supplies.map((supply) => `supply ${supply.name} at ${supply.node}: ${supply.volts} V`),
      ...leftOut.map(({ file: at, line, text }) => `left out ${basename(at)}, line ${line}: ${text}`),
      ...report.outputs.map(
        ({ name: output, unit }, k) => `output ${output}: ${report.outputValues[0]![k]!.toPrecision(9)} ${unit}`,
      ),
      '',
    ].join('\n');
  } catch (error) {
    if (!(error instanceof NetlistError)) throw error;
    const hint = error.hint === undefined ? '' : `\n${error.hint}`;
    return `refused\n${error.message.replaceAll(`${SHAPES}/`, '')}${hint}\n`;
  }
}

describe('netlists as tools write them (a case is three files in test/foreign)', () => {
  it.each(names)('%s is read or refused as its golden file says', async (name) => {
    await expect(await readingOf(name)).toMatchFileSnapshot(join(SHAPES, `${name}.reading`));
  });
});
