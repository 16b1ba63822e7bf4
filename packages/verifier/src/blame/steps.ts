import { idealVoltages, type Technology, unloadedVoltages } from '@neuroprint/circuit';
import { type Blame, type CaseTable, type Manifest, selectVolts, type TrainedNetwork } from '@neuroprint/core';
import { accuracy, decisions } from '@neuroprint/numeric';

/** What the step of a compile to a rung is the cause of. */
const CAUSES: Readonly<Record<string, string>> = {
  'ideal circuit': 'surrogate: a stage is no four-parameter curve',
  'loaded circuit': 'loading: stages and crossbars draw current from each other',
  'pruned circuit': 'conductances left out that cannot be printed',
  'scaled circuit': 'columns scaled into the printable range',
  'naive circuit': 'falling stages shared by all columns',
  'calibrated circuit': 'calibration on the exact circuit',
  'snapped circuit': 'values moved to printable ones',
  'as laid out': 'metal lines that resist',
  'tuned after print': 'stages as measured, crossbars tuned to them',
  // a pass of earlier compilers
  'recalibrated circuit': 'printable values tuned again',
};

/** The same of networks with op-amps, where it is another. */
const CAUSES_WITH_OPAMPS: Readonly<Record<string, string>> = {
  'ideal circuit': 'stages as circuits in place of tables of their curves',
  'loaded circuit': 'op-amps of finite gain',
  'naive circuit': 'nothing: there are no falling stages to share',
};

interface StepInput {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** The rungs that compile recorded, where they are of these cases. */
  readonly ladder: Manifest['ladder'] | undefined;
  readonly expected: CaseTable;
  readonly simulated: CaseTable;
  readonly outputs: readonly string[];
  readonly meanAccuracy: number | undefined;
}

/**
 * From the trained network to print, one cause at a time: surrogate (the stages' exact curves instead of the four-parameter
 * ones, nothing loaded), loading, calibration and rounding as compile recorded them, the netlist in ngspice, variation.
 */
export function stepsToPrint(input: StepInput): Blame['steps'] {
  const { network, technology, ladder, expected, simulated, outputs, meanAccuracy } = input;
  const classes = outputs.length;
  const { labels, rows } = expected;
  const promised = idealVoltages(network, expected.inputVolts, rows, technology).outputs.at(-1)!;
  const measured = (step: string, cause: string, volts: Float64Array): Blame['steps'][number] => ({
    step,
    cause,
    accuracy: labels === undefined ? null : accuracy(decisions(volts, classes), labels),
    rmsVoltsFromNetwork: Math.sqrt(volts.reduce((sum, v, i) => sum + (v - promised[i]!) ** 2, 0) / volts.length),
  });
  const inverter = network.layers.every(({ nodeRule }) => nodeRule === 'inverter');
  const causes = inverter ? CAUSES : { ...CAUSES, ...CAUSES_WITH_OPAMPS };
  const recorded = (ladder ?? [])
    .filter(({ step }) => step !== 'network')
    .map((rung) => ({
      step: rung.step,
      cause: causes[rung.step] ?? rung.step,
      accuracy: rung.accuracy,
      rmsVoltsFromNetwork: rung.rmsVoltsFromNetwork,
    }));
  return [
    measured('network', 'as it was trained', promised),
    // what compile recorded begins with it
    ...(inverter && recorded.length === 0
      ? [
          measured(
            'ideal circuit',
            CAUSES['ideal circuit']!,
            unloadedVoltages(network, technology, expected.inputVolts, rows),
          ),
        ]
      : []),
    ...(recorded.length > 0
      ? recorded
      : [measured('circuit', 'loading, calibration and rounding', selectVolts(expected, outputs))]),
    measured('ngspice', 'the netlist as it is written', selectVolts(simulated, outputs)),
    ...(meanAccuracy === undefined
      ? []
      : [
          {
            step: 'printed copies',
            cause: 'variation of every component (mean)',
            accuracy: meanAccuracy,
            rmsVoltsFromNetwork: null,
          },
        ]),
  ];
}
