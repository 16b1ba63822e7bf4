import { rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { formatPercent, formatSeconds, formatWatts, readDataset } from '@neuroprint/core';
import type { Engine } from '@neuroprint/spice';
import { lvs, testCases } from '@neuroprint/verifier';
import { EXAMPLES, TEMPLATES } from '#host';
import { judged } from '../as-promised.ts';
import { defineCommand } from '../command.ts';
import { withEngine } from '../engine.ts';
import { wholeOf } from '../job-folder.ts';
import { runReport } from '../netlist-page.ts';
import { engineOr, seedOption } from '../options.ts';
import { log } from '../output.ts';
import { runCompile } from '../run-compile.ts';
import { runFaultTolerance } from '../run-fault-tolerance.ts';
import { layoutCase, layoutInShort, layoutLine } from '../run-layout.ts';
import { describeSampling, runSampling } from '../run-sampling.ts';
import { describeSurrogate, runSurrogateTraining } from '../run-surrogate.ts';
import { runTestPatterns } from '../run-test-patterns.ts';
import { runTraining, withTrainingCrew } from '../run-training.ts';
import { runVerify } from '../run-verify.ts';
import { readSampleTable } from '../sample-table.ts';

/** What the demo does smaller than the shipped surrogates and the default training. */
const DESIGNS = 1000;
const COPIES = 50;
const PATTERNS = 12;
const TECHNOLOGY = 'egt';

async function demo(engine: Engine, seed: number) {
  const technology = loadTechnology(TEMPLATES, TECHNOLOGY);
  const work = resolve('.neuroprint', 'demo');
  const surrogates = join(work, 'surrogates');
  log(`1 of 5  Sample ${DESIGNS} designs of each cell in ngspice and fit their transfer curves`);
  for (const cell of Object.keys(technology.cells)) {
    const out = join(work, `samples-${cell}-${engine.name}`);
    log(
      `        ${describeSampling(cell, await runSampling({ technology: TECHNOLOGY, cell, count: DESIGNS, out, engine, seed }))[0]}`,
    );
  }
  log('2 of 5  Train a surrogate of each cell: component values → transfer curve');
  for (const cell of Object.keys(technology.cells)) {
    // η is all that training needs; what the curve is beyond a ptanh is learnt by surrogate train
    const { curves: _, ...table } = readSampleTable(join(work, `samples-${cell}-${engine.name}`), TECHNOLOGY, cell);
    log(
      `        ${cell}: ${describeSurrogate(await runSurrogateTraining(table, join(surrogates, TECHNOLOGY, cell), seed))[0]}`,
    );
  }
  log('3 of 5  Train a 4-3-3 network on Iris under 10 % variation of every component');
  const data = join(EXAMPLES, 'iris.csv');
  const trained = await withTrainingCrew(data, {}, (crew) =>
    runTraining(crew, {
      data: readDataset(data, { seed }),
      technology: TECHNOLOGY,
      surrogates,
      out: join(work, 'network'),
      overwrite: true,
      seed,
    }),
  );
  log(`        ${trained.epochs} epochs in ${formatSeconds(trained.cpuSeconds)} of processor time`);
  log(
    '4 of 5  Compile it to a netlist, calibrated on the exact circuit, and to a layout that is read back as that netlist',
  );
  const out = resolve('netlists-out', 'demo-iris');
  rmSync(out, { recursive: true, force: true });
  const { manifest, layout } = await runCompile({
    network: join(work, 'network', 'network.json'),
    data,
    technology: TECHNOLOGY,
    out,
    overwrite: true,
    seed,
  });
  const faults = { rates: [0.01, 0.05], copies: COPIES, seed, simulated: 3 };
  const { result: tolerance } = wholeOf(await runFaultTolerance({ netlist: out, ...faults }, engine));
  const few = { mostPatterns: PATTERNS, goodCopies: 300, faultyCopies: 20, fittedCopies: 0, confirm: 3 };
  const limits = { meterVolts: 1e-3, innerNodes: false, falseAlarms: 0.01, foundShare: 0.95 };
  const patterns = await runTestPatterns({ netlist: out, seed, ...limits, ...few }, (work) => work(engine));
  const { result: tests } = wholeOf(patterns);
  log(`5 of 5  Simulate every test row and ${COPIES} printed copies in ngspice, and compare every node`);
  const { report, netlist } = await runVerify({ netlist: out, monteCarlo: COPIES, seed }, engine);
  const text = lvs(netlist, technology);
  const { html } = await runReport(out, engine);
  return { manifest, layout, tolerance, tests, report, lvs: text, html };
}

/** `neuroprint demo`: the whole job once, on Iris. */
export const demoCommand = defineCommand({
  options: { engine: engineOr('embedded'), seed: seedOption },
  examples: [['$0 demo', 'With the built-in simulator']],
  run: async ({ engine, seed }) => {
    const began = performance.now();
    const {
      manifest,
      layout,
      tolerance,
      tests,
      report,
      lvs: text,
      html,
    } = await withEngine(engine, (open) => demo(open, seed));
    const { monteCarlo, accuracy, worst } = report;
    const naive = manifest.ladder.find((rung) => rung.step === 'naive circuit');
    const { components } = manifest;
    return judged(
      { manifest, ...(layout && { layout: layoutInShort(layout) }), report, lvs: text, html },
      [
        `network   accuracy ${formatPercent(accuracy.network)} on ${report.cases} test rows, as trained`,
        `circuit   accuracy ${formatPercent(accuracy.circuit)} by the exact solver (${formatPercent(naive?.accuracy ?? null)} before calibration)`,
        `ngspice   accuracy ${formatPercent(accuracy.ngspice)}; printed with 10 % variation ${formatPercent(monteCarlo?.meanAccuracy ?? null)} ± ${formatPercent(monteCarlo?.stdAccuracy ?? null)}`,
        `voltages  largest difference ${report.maxErrorVolts.toExponential(1)} V (${worst.node}), over ${report.cases} rows × ${report.nodes} nodes; netlist ${text.matches ? 'is' : 'IS NOT'} the circuit`,
        `faults    accuracy ${formatPercent(tolerance.meanAccuracy)} under one of ${tolerance.faults.length} single faults, ${formatPercent(tolerance.leastAccuracy)} under the worst (${tolerance.faults[0]!.name}); with ${tolerance.rates.map(({ rate, meanAccuracy }) => `${formatPercent(rate)} of all parts broken ${formatPercent(meanAccuracy)}`).join(', ')}`,
        `tests     ${tests.patterns.length} test patterns, read at the outputs alone, find ${formatPercent(tests.coverage)} of these faults on printed copies`,
        `made of   ${components.resistors} resistors and ${components.transistors} transistors, ${formatWatts(manifest.watts)} (${formatSeconds((performance.now() - began) / 1000)})`,
        ...(layout === undefined ? [] : [layoutLine(layout, 10)]),
        '',
        `Open ${html}, and print ${join(dirname(html), 'layout.gds')}`,
      ],
      [...testCases(report), ...layoutCase(layout)],
    );
  },
});
