import { join } from 'node:path';
import { UsageError, writeFileAtomic } from '@neuroprint/core';
import {
  AMPERE_UNITS,
  conductanceRatios,
  FULL_LENGTH,
  readIvCurves,
  SMOOTHING_POINTS,
  type Usability,
  usabilityOf,
  VOLT_UNITS,
} from '@neuroprint/laboratory';
import { curvesPlot, type Plot } from '@neuroprint/report';
import { defineCommand, outcome } from '../command.ts';
import { choice, flag, given, number, required, text, texts } from '../options.ts';

/** Two pictures of a device: all cycles with the mean, its band and the monotone part; and the spread from cycle to cycle. */
async function plotsOf(device: Usability): Promise<Plot[]> {
  const x = Float64Array.from(device.points, (_, p) => p + 1);
  const { first, last } = device.run;
  const within = (values: Float64Array): Float64Array =>
    values.map((g, p) => (p >= first && p <= last ? g : Number.NaN));
  const shared = {
    x: { quantity: 'point of the first half-cycle', unit: 'number' },
    y: { quantity: 'conductance', unit: 'S', log: true },
  };
  const mean = {
    label: 'mean ± standard deviation',
    x,
    y: device.meanSiemens,
    low: device.meanSiemens.map((g, p) => g - device.stdSiemens[p]!),
    high: device.meanSiemens.map((g, p) => g + device.stdSiemens[p]!),
  };
  const name = device.name.replace(/[^a-z0-9]+/gi, '-').toLowerCase();
  return [
    await curvesPlot({
      name: `${name}-cycles`,
      title: `${device.name}: ${device.siemens.length} cycles`,
      description: `Conductance of every cycle of ${device.name} along the sweep, and its mean.`,
      ...shared,
      curves: [{ ...mean, label: 'mean over the cycles', low: device.meanSiemens, high: device.meanSiemens }],
      faint: device.siemens.map((y) => ({ x, y })),
    }),
    await curvesPlot({
      name: `${name}-monotone`,
      title: `${device.name}: ${device.run.length} points rise`,
      description: `Mean conductance of ${device.name} with its band, the moving mean, and the part where it increases.`,
      ...shared,
      curves: [
        mean,
        { label: `moving mean of ${SMOOTHING_POINTS} points`, x, y: device.smoothSiemens },
        { label: 'longest increase', x, y: within(device.smoothSiemens) },
      ],
    }),
  ];
}

function linesOf(device: Usability): string[] {
  const { run, excluded, publicCode } = device;
  const volts = (p: number): string => `${device.volts[p]!.toFixed(2)} V`;
  return [
    `${device.name}: ${device.siemens.length} cycles, ${device.points.length} points`,
    `  formula      usability ${device.usability.toFixed(4)} = min(1, ${run.length}/${FULL_LENGTH})·e^(−${device.sigma.toFixed(3)}), at least ${device.usabilityLower.toFixed(4)} (σ at most ${device.sigmaUpper.toFixed(3)} with 95 % confidence, ${device.ratios} ratios)`,
    `  monotone     ${run.length} points, from ${volts(run.first)} to ${volts(run.last)} (points ${run.first + 1} to ${run.last + 1})`,
    publicCode === undefined
      ? '  public code  fails on this table: it needs 101 rows without an empty cell'
      : `  public code  usability ${publicCode.usability.toFixed(4)} = min(1, ${publicCode.length}/${FULL_LENGTH})·e^(−${publicCode.sigma.toFixed(3)})`,
    `  left out     ${excluded.zeroVolts} rows at 0 V, ${excluded.empty} empty cells, ${excluded.nonPositive} cells with a conductance that is not above 0, ${excluded.atLimit} at a current limit`,
    ...device.notes.map((note) => `  note         ${note}`),
  ];
}

/** `neuroprint usability`: how well measured devices can hold analog weights. */
export const usabilityCommand = defineCommand({
  positionals: {
    files: required(texts('What an instrument wrote: voltages, and currents of every cycle')),
  },
  options: {
    voltage: text('Column of the volts, where the names do not say it'),
    current: text('Columns of the currents, apart by commas; * stands for any letters, as in "cycle*"'),
    cycle: text('Column that counts the cycles, which stand below each other'),
    'one-device': flag('The files are cycles of one device'),
    'volts-in': choice('Unit of voltages whose header has none', VOLT_UNITS),
    'amperes-in': choice('Unit of currents whose header has none', AMPERE_UNITS),
    limit: number('Compliance in amperes: currents that reach it are left out', { min: 1e-15, max: 1000 }),
    out: text('Folder for pictures, and for presets of --non-ideality made of these devices'),
  },
  examples: [
    ['$0 usability carbon.csv silver.csv --out usability', 'Compare two devices'],
    ['$0 usability --one-device run1.csv run2.csv run3.csv', 'One device, a file a cycle'],
    ['$0 usability sheet.csv --voltage AV --current AI --cycle Repeat', 'Columns of other names'],
  ],
  run: async (argv) => {
    const { voltage, cycle, voltsIn, amperesIn } = argv;
    const columns = given({ voltage, cycle, voltsIn, amperesIn, current: argv.current?.split(',') });
    const groups = argv.oneDevice ? [argv.files] : argv.files.map((file) => [file]);
    const devices = groups.map((files) => usabilityOf(readIvCurves(files, columns), argv.limit));
    const names = new Set(devices.map(({ name }) => name));
    if (names.size < devices.length) throw new UsageError('Two files have the same name, and so would their pictures.');
    const images: string[] = [];
    if (argv.out !== undefined) {
      for (const device of devices) {
        for (const { name, svg } of await plotsOf(device)) {
          images.push(join(argv.out, `${name}.svg`));
          writeFileAtomic(images.at(-1)!, svg);
        }
      }
      const presets = Object.fromEntries(
        devices.map((device) => [
          device.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
          [{ kind: 'mapping', ratios: conductanceRatios(device), sigma: device.sigma }],
        ]),
      );
      writeFileAtomic(join(argv.out, 'non-idealities.json'), `${JSON.stringify(presets, null, 1)}\n`);
    }
    const result = devices.map((device) => ({
      name: device.name,
      cycles: device.siemens.length,
      points: device.points.length,
      monotonePoints: device.run.length,
      sigma: device.sigma,
      sigmaUpper: device.sigmaUpper,
      ratios: device.ratios,
      usability: device.usability,
      usabilityLower: device.usabilityLower,
      publicCode: device.publicCode ?? null,
      excluded: device.excluded,
      notes: device.notes,
    }));
    return outcome({ devices: result, images }, [
      ...devices.flatMap(linesOf),
      ...(argv.out === undefined
        ? []
        : [`written        ${images.length} pictures and non-idealities.json in ${argv.out}`]),
    ]);
  },
});
