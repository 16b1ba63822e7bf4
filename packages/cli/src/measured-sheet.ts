import { basename, join } from 'node:path';
import { compileRetuned, PrintGrid } from '@neuroprint/compiler';
import {
  type Dataset,
  formatPercent,
  inLockedFolder,
  prepareOutputFolder,
  readTextFile,
  sha256OfFile,
} from '@neuroprint/core';
import { readMeasuredCurves, type TunedSheet, type TuningSetup, testAccuracy, tuneSheet } from '@neuroprint/laboratory';
import { type NetlistFolder, promiseCases } from '@neuroprint/verifier';
import { VERSION } from '#host';
import { judged } from './as-promised.ts';
import type { Outcome } from './command.ts';
import { runReport } from './netlist-page.ts';
import { draughtsman, promisesOf } from './run-compile.ts';
import { layoutCase, layoutLine } from './run-layout.ts';

/**
 * A fit that misses its curve by more than this share of the bias (rms) says that the curve belongs to another stage, or was measured
 * otherwise; sweeps that differ by more say that the stage remembers.
 */
const EXPLAINED = 0.02;
/** Stages that are nearer to the design than this share of the bias, rms, are as designed. */
const AS_DESIGNED = 0.005;

export interface MeasuredSheet {
  /** File of the measured curves. */
  readonly measured: string;
  readonly out: string;
  readonly overwrite: boolean;
  readonly netlist: NetlistFolder;
  readonly data: Dataset;
}

const millivolts = (volts: number): string => `${(1e3 * volts).toFixed(1)} mV`;

/** Tunes the crossbars of a sheet to its measured stages, and writes a folder as compile does: lvs, verify and report take it. */
export async function measuredSheet(sheet: MeasuredSheet, setup: TuningSetup): Promise<Outcome> {
  const { measured, out, overwrite, netlist, data } = sheet;
  const { circuit, technology } = setup;
  const stages = circuit.devices.flatMap((device) => (device.kind === 'stage' ? [device.name] : []));
  const { minimum, maximum } = technology.inputVolts;
  const mostVolts = Math.max(...[minimum, maximum, ...Object.values(technology.supplies)].map(Math.abs));
  const { curves, hysteresis, notes } = readMeasuredCurves(measured, { stages, mostVolts });
  return inLockedFolder(out, async () => {
    prepareOutputFolder(out, overwrite);
    const grid = new PrintGrid(technology, netlist.manifest.series ?? undefined);
    const { minOhms, maxOhms } = technology.crossbar;
    const range = { unit: 'ohms', min: minOhms, max: maxOhms } as const;
    const printable = (ohms: number): number => grid.values(range)[grid.nearest(range, ohms)]!;
    const tuning = await tuneSheet({ ...setup, printable }, curves);
    const ideal = await testAccuracy(setup, circuit);
    const { fits, tuned, moved, behavioural } = tuning;
    const unchanged = moved > 0 ? undefined : whyUnchanged(tuning, AS_DESIGNED * technology.bias.volts);
    const drawn = draughtsman();
    const { manifest } = compileRetuned(
      {
        network: netlist.network,
        networkText: readTextFile(join(netlist.folder, 'network.json')),
        networkFile: join(netlist.folder, 'network.json'),
        technology,
        data,
        out,
        overwrite: true,
        version: VERSION,
        seed: setup.seed,
        drawings: drawn.drawings,
        ...(netlist.manifest.series === null ? {} : { series: netlist.manifest.series }),
      },
      {
        manifest: netlist.manifest,
        circuit: tuned,
        pass: 'after print',
        rung: 'tuned after print',
        note: `${fits.length} stages are as measured (${basename(measured)}); ${unchanged ?? `${moved} resistors of crossbars tuned to them`}`,
        changed: moved,
        calibration: tuning.calibration,
        inputHashes: { [basename(measured)]: sha256OfFile(measured) },
      },
    );
    const { html } = await runReport(out, setup.engine);
    const most = EXPLAINED * technology.bias.volts;
    const unexplained = fits.filter(({ residualVolts }) => residualVolts > most).map(({ stage }) => stage);
    const uncertain = hysteresis.filter(({ volts }) => volts > most).map(({ stage }) => stage);
    const accuracy = { designed: ideal, ...behavioural };
    return judged(
      { stages: fits, hysteresis, unexplained, uncertain, resistorsMoved: moved, unchanged, accuracy, notes, out },
      [
        `stages     ${fits.map(({ stage, designedVolts, residualVolts }) => `${stage} off by ${(1e3 * designedVolts).toFixed(0)} mV, fitted to ${millivolts(residualVolts)}`).join('; ')}`,
        ...(hysteresis.length === 0
          ? []
          : [
              `hysteresis ${hysteresis.map(({ stage, sweeps, volts }) => `${stage} up to ${millivolts(volts)} in ${sweeps} sweep${sweeps > 1 ? 's' : ''}`).join('; ')}; tuned to their mean`,
            ]),
        ...notes.map((note) => `note       ${note}`),
        `crossbars  ${unchanged ?? `${moved} resistors changed, each to a printable value`}`,
        `accuracy   as designed ${formatPercent(ideal)}, with the measured curves ${formatPercent(behavioural.before)}, tuned to them ${formatPercent(behavioural.after)} (ngspice, behavioural stages)`,
        ...[drawn.layout()].flatMap((layout) => (layout === undefined ? [] : [layoutLine(layout, 11)])),
        `written    ${html}, and in ${out} what compile writes: neuroprint verify --netlist ${out}`,
      ],
      [
        {
          name: 'curves explained',
          output: '',
          failure:
            unexplained.length === 0
              ? undefined
              : `no values of the cell make the curves of ${unexplained.join(', ')}: were they measured unloaded, and is each named as its stage?`,
        },
        {
          name: 'hysteresis',
          output: '',
          failure:
            uncertain.length === 0
              ? undefined
              : `the sweeps of ${uncertain.join(', ')} differ by more than ${millivolts(most)}: what was tuned holds for their mean`,
        },
        ...promiseCases(promisesOf(manifest)),
        ...layoutCase(drawn.layout()),
      ],
    );
  });
}

/** Why no resistor changed, in words. `asDesigned`: volts, rms, within which a stage is as designed. */
export function whyUnchanged(
  { fits, validAccuracy, calibration }: Pick<TunedSheet, 'fits' | 'validAccuracy' | 'calibration'>,
  asDesigned: number,
): string {
  const off = Math.max(...fits.map(({ designedVolts }) => designedVolts));
  const { steps, bestStep, validRows, history } = calibration;
  if (bestStep > 0) return 'no resistor changed: what the tuning moved is less than a printable step';
  const best = Math.max(...history.map(({ validAccuracy: share }) => share ?? 0));
  return [
    `no resistor changed: with the measured stages ${formatPercent(validAccuracy[0])} of ${validRows} validation rows are right, and none of ${steps} steps did better (best ${formatPercent(best)}, or as many with less margin)`,
    ...(off < asDesigned ? [`the stages are within ${millivolts(off)} of the design`] : []),
  ].join('; ');
}
