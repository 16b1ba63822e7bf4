import { resistanceInWords } from '@neuroprint/circuit';
import { E_SERIES, NEGATIVE_FORMS } from '@neuroprint/compiler';
import {
  formatPercent,
  formatSeconds,
  formatUnits,
  formatWatts,
  lineInWords,
  type Manifest,
  type Regression,
  type Rung,
} from '@neuroprint/core';
import { promiseCases } from '@neuroprint/verifier';
import { judged } from '../as-promised.ts';
import { defineCommand } from '../command.ts';
import { choice, done, flag, given, overwriteOption, ownSeedOption, required, text, whole } from '../options.ts';
import { promisesOf, runCompile } from '../run-compile.ts';
import { layoutCase, layoutInShort, layoutLine } from '../run-layout.ts';
import { networkTableOptions, readingOf } from '../table-options.ts';

/** `naive circuit        test 93.5 %, under variation 91.0 %, 12 mV from the network`, in regression with errors and R. */
function rungInWords({ step, accuracy, underVariation, regression, rmsVoltsFromNetwork, lines }: Rung): string {
  const varied = regression?.underVariation;
  const score =
    regression === undefined
      ? `test ${formatPercent(accuracy)}${underVariation === null ? '' : `, under variation ${formatPercent(underVariation.mean)}`}`
      : `test RMSE ${formatUnits(regression.rmse)}, R ${regression.r.toFixed(3)}${varied ? `, under variation RMSE ${formatUnits(varied.mean)}` : ''}`;
  return `${step.padEnd(20)} ${score}, ${(1000 * rmsVoltsFromNetwork).toFixed(0)} mV from the network${lines === undefined ? '' : `; lines move ${lines.node} by ${(1000 * lines.largestShiftVolts).toPrecision(2)} mV`}`;
}

/** `neuroprint compile`: a network in, a netlist that can be printed out. */
export const compileCommand = defineCommand({
  options: {
    network: required(text('network.json')),
    out: required(text('Folder for netlist, expected voltages, bill of materials and manifest')),
    data: text(
      'The table that the network was trained on: calibrates on its train and validation rows, predicts its test rows',
    ),
    ...networkTableOptions,
    technology: text('Folder of the process in spice-templates; default the one that the network was trained for'),
    'negative-form': choice(
      'Negative conductances by one op-amp a column (default), or by one for each entry',
      NEGATIVE_FORMS,
    ),
    seed: ownSeedOption,
    steps: whole('Calibration steps', { min: 0, max: 100_000 }),
    'e-series': choice("Resistances are preferred numbers of this series, instead of the technology's steps", E_SERIES),
    solver: choice('Who solves circuits while values are tuned; the manifest says which it was', [
      'simd',
      'typescript',
    ]),
    workers: whole('Threads; one per core unless given. The files do not depend on it', { min: 1, max: 256 }),
    layout: done('Write the routed layout too, where the technology has layers; --no-layout leaves it out'),
    'calibrate-layout': flag(
      'Calibrate with the resistance of the lines in the loop too, and lay out again until that gains nothing',
    ),
    overwrite: overwriteOption,
  },
  examples: [['$0 compile --network networks/iris/network.json --data examples/iris.csv --out netlists-out/iris', '']],
  run: async ({ steps, eSeries, ...argv }) => {
    const renamed = given({ calibrationSteps: steps, series: eSeries });
    const { manifest, out, layout, seconds } = await runCompile({ ...argv, ...renamed, reading: readingOf(argv) });
    const first = manifest.ladder[0]!;
    const laidOut = manifest.ladder.find(({ lines }) => lines !== undefined);
    const last = manifest.ladder.findLast((rung) => rung !== laidOut)!;
    const { components, areaSquareMetres, watts } = manifest;
    const promises = promisesOf(manifest);
    const isCalibrated = argv.data !== undefined;
    return judged(
      {
        promises,
        components,
        areaSquareMetres,
        watts,
        ...(manifest.task === undefined
          ? {
              accuracy: {
                network: first.accuracy,
                circuit: last.accuracy,
                ...(laidOut && { laidOut: laidOut.accuracy }),
              },
            }
          : {
              task: manifest.task,
              reading: manifest.reading,
              regression: {
                network: first.regression,
                circuit: last.regression,
                ...(laidOut && { laidOut: laidOut.regression }),
              },
            }),
        printedSquareMetres: manifest.printedSquareMetres,
        wattsByLayer: manifest.wattsByLayer,
        passes: manifest.passes.map((pass) => ({ ...pass, seconds: seconds[pass.name] })),
        ladderSeconds: seconds['error ladder'],
        ladder: manifest.ladder,
        marginVolts: manifest.marginVolts,
        ...(layout === undefined ? {} : { layout: layoutInShort(layout) }),
        out,
      },
      [
        ...(manifest.task?.kind === 'regression' ? readingLines(manifest.task, manifest.reading) : []),
        ...manifest.ladder.map(rungInWords),
        `components          ${components.resistors} resistors (${components.crossbarResistors} in crossbars), ${components.transistors} transistors; ${formatWatts(watts)}`,
        ...(!isCalibrated ? ['not calibrated      add --data to calibrate on the exact circuit'] : []),
        ...(layout === undefined ? [] : [layoutLine(layout)]),
        ...timeLines(seconds),
        `written             ${out}`,
      ],
      [...promiseCases(promises), ...layoutCase(layout)],
      isCalibrated
        ? 'The circuit is written, and is not what the network promised: train one that is easier to print (more hidden neurons, a larger --variation), or give compile more --steps.'
        : 'The circuit is written, and is not what the network promised: add --data, which calibrates it on the exact circuit.',
    );
  },
});

/** By what line the output is read, what it was fitted to, and what a meter makes of it. */
function readingLines(line: Regression, reading: Manifest['reading']): string[] {
  const { fittedRows = 0, fittedCopies = 0, outputOhms } = reading ?? {};
  const from =
    fittedRows === 0 ? 'the network’s own' : `fitted to ${fittedRows} training rows of ${fittedCopies} copies`;
  const seen = outputOhms && { minimumOhms: outputOhms.minimum, maximumOhms: outputOhms.maximum };
  return [
    `line                ${lineInWords(line)} volts, ${from}`,
    ...(seen === undefined ? [] : [`meter               output resistance ${resistanceInWords(seen)}`]),
  ];
}

/** What took a second or longer, the longest first. */
function timeLines(seconds: Readonly<Record<string, number>>): string[] {
  const long = Object.entries(seconds).filter(([, taken]) => taken >= 1);
  if (long.length === 0) return [];
  const parts = long.sort(([, a], [, b]) => b - a).map(([name, taken]) => `${name} ${formatSeconds(taken)}`);
  return [`time                ${parts.join(', ')}`];
}
