import { spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadTechnology, type Technology } from '@neuroprint/circuit';
import type { Circuit } from '@neuroprint/core';
import {
  checkLayout,
  checkRules,
  hasKlayout,
  type Layout,
  layOut,
  layoutFiles,
  readGds,
  referenceOf,
  writeGds,
} from '@neuroprint/layout';
import { renderNetlist } from '@neuroprint/spice';
import { trainNetwork } from '@neuroprint/training';
import { klayoutSays } from './klayout-many.ts';
import { ruleBreaks } from './layout-breaks.ts';
import { plantFaults } from './layout-faults.ts';
import { calibration, lines, linesSpeed } from './layout-lines.ts';
import { printFiles } from './layout-print.ts';
import { DATA, TEMPLATES } from './machine.ts';
import { compileNetwork } from './netlist.ts';
import { chosen, wholeNumber } from './options.ts';
import { KIT13, kitProblem } from './problem.ts';
import { randomCircuit } from './random-circuit.ts';
import { inScratchFolder } from './scratch.ts';
import { table } from './table.ts';

const RULES = ['inkjet', 'otft'];
const PARTS = ['tables', 'faults', 'breaks', 'print', 'speed', 'lines', 'calibration'];
/** Inputs and columns of one layer, from 64 resistors to 4,096, bias and pull-down included. */
const SIZES = [
  [14, 4],
  [30, 8],
  [62, 16],
  [126, 32],
];

/**
 * Layouts: `npm run bench -- layout [table …] [--faults 200] [--parts tables,faults,breaks,print,speed,lines,calibration] [--sheets 0.2,2]`. Every kit13 table under both rule sets, by our checks, KLayout's
 * and gdspy's reader; faults and broken rules planted one by one, and who finds them; bitmaps and Gerber against the polygons; processor time by the number of resistors.
 */
export async function run(args: readonly string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      faults: { type: 'string', default: '200' },
      parts: { type: 'string', default: 'tables,faults,breaks,print,speed,lines' },
      sheets: { type: 'string', default: '0.2,2,10' },
    },
  });
  const parts = chosen('part', values.parts.split(','), PARTS);
  const technology = loadTechnology(TEMPLATES, 'egt');
  if (!hasKlayout()) process.stdout.write('There is no klayout, whose columns stay empty.\n\n');
  if (parts.includes('speed')) speed(technology);
  if (parts.includes('tables')) await tables(technology, chosen('table', positionals, KIT13));
  if (parts.includes('lines')) linesSpeed(technology);
  if (parts.includes('lines') && existsSync(DATA)) await lines(technology, chosen('table', positionals, KIT13), RULES);
  if (parts.includes('calibration') && existsSync(DATA))
    await calibration(technology, chosen('table', positionals, KIT13), values.sheets.split(',').map(Number));
  if (parts.includes('breaks')) await ruleBreaks(technology, RULES);
  if (parts.includes('print')) await printFiles(technology, RULES);
  if (parts.includes('faults')) await faults(technology, wholeNumber('faults', values.faults, 1));
}

function seconds(began: NodeJS.CpuUsage): number {
  const used = process.cpuUsage(began);
  return (used.user + used.system) / 1e6;
}

function netlistOf(circuit: Circuit, technology: Technology): { text: string; file: string } {
  return { text: renderNetlist(circuit, technology), file: 'netlist.cir' };
}

function speed(technology: Technology): void {
  const rows = [[4, 3, 3], [16, 3, 10], [61, 32, 10], ...SIZES].flatMap((sizes) =>
    RULES.map((rules) => {
      const circuit = randomCircuit(sizes, 1, technology);
      const netlist = netlistOf(circuit, technology);
      let began = process.cpuUsage();
      const lap = (): string => {
        const used = seconds(began);
        began = process.cpuUsage();
        return used.toFixed(2);
      };
      const layout = layOut(circuit, technology, { rules });
      const drawn = lap();
      const violations = checkRules(layout).length;
      const checked = lap();
      const compared = checkLayout('layout.gds', writeGds(layout), netlist, technology, rules);
      const crossbar = circuit.devices.filter(({ kind }) => kind === 'resistor').length;
      const size = `${(layout.outline.x2 / 1e6).toFixed(1)} × ${(layout.outline.y2 / 1e6).toFixed(1)}`;
      const memory = (process.resourceUsage().maxRSS / 1024).toFixed(0);
      return [
        sizes.join('-'),
        rules,
        String(crossbar),
        size,
        drawn,
        checked,
        lap(),
        String(violations),
        compared.matches ? 'yes' : 'NO',
        memory,
      ];
    }),
  );
  const header = [
    'network',
    'rules',
    'crossbar resistors',
    'mm',
    'layout, s',
    'rule check, s',
    'extraction, s',
    'violations',
    'is the netlist',
    'most memory so far, MB',
  ];
  process.stdout.write(`${table(header, rows)}\n\n`);
}

async function tables(technology: Technology, names: readonly string[]): Promise<void> {
  if (!existsSync(DATA)) {
    process.stdout.write('The kit13 tables are not here, so their layouts are left out.\n\n');
    return;
  }
  const rows: string[][] = [];
  for (const name of names) {
    const { data, problem } = kitProblem(name, technology);
    const { network } = trainNetwork(problem, { seed: 0 });
    await inScratchFolder(async (folder) => {
      const { netlist } = compileNetwork(network, data, technology, join(folder, 'out'));
      const text = { text: netlist.netlistText, file: 'netlist.cir' };
      for (const rules of RULES) {
        const layout = layOut(netlist.circuit, technology, { rules });
        const violations = checkRules(layout);
        const bytes = writeGds(layout);
        const compared = checkLayout('layout.gds', bytes, text, technology, rules);
        writeAll(folder, layout, text, technology);
        const input = join(folder, 'layout.gds');
        const klayout = hasKlayout()
          ? klayoutSays(
              folder,
              ['layout.lvs', 'layout.drc'].map((script) => ({ script: join(folder, script), input })),
            )
          : ['', ''];
        rows.push([
          name,
          rules,
          `${(layout.outline.x2 / 1e6).toFixed(1)} × ${(layout.outline.y2 / 1e6).toFixed(1)}`,
          String(compared.resistors),
          String(compared.transistors),
          String(compared.nets),
          String(violations.length),
          compared.matches ? 'yes' : `NO: ${compared.differences[0]}`,
          `${(100 * compared.worstOhms).toFixed(2)} %`,
          `${(100 * compared.worstMetres).toFixed(2)} %`,
          ...klayout,
          sameForGdspy(join(folder, 'layout.gds'), bytes),
        ]);
        process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
      }
    });
  }
  const header = [
    'table',
    'rules',
    'mm',
    'resistors',
    'transistors',
    'nets',
    'violations',
    'is the netlist',
    'worst R',
    'worst W, L',
    'KLayout',
    'KLayout',
    'gdspy reads the same',
  ];
  process.stdout.write(`${table(header, rows)}\n\n`);
}

function writeAll(
  folder: string,
  layout: Layout,
  netlist: { text: string; file: string },
  technology: Technology,
): void {
  const reference = referenceOf(netlist.text, netlist.file, technology);
  const files = layoutFiles({ layout, violations: [] }, reference, ['gds']);
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
}

/** Polygons and area of every layer, as another reader has them. */
const GDSPY = `
import gdspy, sys
library = gdspy.GdsLibrary(infile=sys.argv[1])
for (layer, datatype), polygons in sorted(library.top_level()[0].get_polygons(by_spec=True).items()):
    area = sum(abs(sum(p[k - 1][0] * p[k][1] - p[k][0] * p[k - 1][1] for k in range(len(p)))) / 2 for p in polygons)
    print(f"{layer}/{datatype} {len(polygons)} {area:.3f}")
`;

function sameForGdspy(file: string, bytes: Uint8Array): string {
  const { status, stdout } = spawnSync('/usr/bin/python3', ['-c', GDSPY, file], { encoding: 'utf8' });
  if (status !== 0) return '';
  const own = [...readGds('layout.gds', bytes).polygons]
    .map(([layer, polygons]) => {
      const area = polygons.reduce((sum, points) => {
        const twice = points.reduce(
          (total, { x, y }, k) => total + points.at(k - 1)!.x * y - x * points.at(k - 1)!.y,
          0,
        );
        return sum + Math.abs(twice) / 2;
      }, 0);
      return `${layer} ${polygons.length} ${(area / 1e6).toFixed(3)}`;
    })
    .sort();
  return own.join('\n') === stdout.trim().split('\n').sort().join('\n') ? 'yes' : 'NO';
}

async function faults(technology: Technology, count: number): Promise<void> {
  const circuit = randomCircuit([4, 3, 3], 1, technology);
  const netlist = netlistOf(circuit, technology);
  const found = new Map<string, { planted: number; ours: number; klayout: number }>();
  const lines: string[] = [];
  await inScratchFolder(async (folder) => {
    for (const rules of RULES) {
      const layout = layOut(circuit, technology, { rules });
      writeAll(folder, layout, netlist, technology);
      const planted = plantFaults(layout, Math.ceil(count / RULES.length), 1);
      const ours = planted.map((fault, k) => {
        const bytes = writeGds(fault.layout);
        writeFileSync(join(folder, `fault${k}.gds`), bytes);
        return !checkLayout('layout.gds', bytes, netlist, technology, rules).matches;
      });
      const script = join(folder, 'layout.lvs');
      const says = hasKlayout()
        ? klayoutSays(
            folder,
            planted.map((_, k) => ({ script, input: join(folder, `fault${k}.gds`) })),
          )
        : [];
      planted.forEach(({ kind, what }, k) => {
        const old = found.get(kind) ?? { planted: 0, ours: 0, klayout: 0 };
        const klayout = says[k] === 'LVS differs';
        found.set(kind, {
          planted: old.planted + 1,
          ours: old.ours + Number(ours[k]),
          klayout: old.klayout + Number(klayout),
        });
        lines.push([rules, kind, what, ours[k] ? 'found' : 'MISSED', klayout ? 'found' : (says[k] ?? '')].join(' | '));
      });
    }
  });
  const total = [...found.values()].reduce((sum, one) => ({
    planted: sum.planted + one.planted,
    ours: sum.ours + one.ours,
    klayout: sum.klayout + one.klayout,
  }));
  const rows = [...found, ['all', total] as const].map(([kind, one]) => [
    kind,
    String(one.planted),
    String(one.ours),
    String(one.klayout),
  ]);
  process.stdout.write(
    `${lines.join('\n')}\n\n${table(['fault', 'planted', 'found by neuroprint', 'found by KLayout'], rows)}\n\n`,
  );
}
