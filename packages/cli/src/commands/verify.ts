import { join } from 'node:path';
import { loadTechnology } from '@neuroprint/circuit';
import { formatCaseTable, VerificationReportKind, writeArtifact, writeFileAtomic } from '@neuroprint/core';
import type { Engine, EngineChoice } from '@neuroprint/spice';
import { type NetlistFolder, readNetlistFolder, type VerifyResult, verify } from '@neuroprint/verifier';
import type { CommandModule } from 'yargs';
import { withEngine } from '../engine.ts';
import { engineOption, jsonOption, numberOption, seedOption, textOption } from '../options.ts';
import { formatPercent, Progress, printResult } from '../output.ts';
import { TEMPLATES } from '../paths.ts';
import { readDatasetFor } from './compile.ts';
import { given } from './train.ts';

export interface VerifyRequest {
  readonly netlist: string;
  readonly data?: string | undefined;
  readonly label?: string | undefined;
  readonly monteCarlo?: number | undefined;
  readonly variation?: number | undefined;
  readonly seed?: number | undefined;
}

/** The largest difference between ngspice and the exact solver that is not a fault. */
export const TOLERANCE_VOLTS = 1e-5;

/** Verifies a netlist folder, and writes report.json and simulated.csv into it. */
export async function runVerify(
  request: VerifyRequest,
  engine: Engine,
): Promise<VerifyResult & { readonly netlist: NetlistFolder }> {
  const netlist = readNetlistFolder(request.netlist);
  const technology = loadTechnology(TEMPLATES, netlist.circuit.technology);
  const data = request.data === undefined ? undefined : readDatasetFor(netlist.network, request.data, request.label);
  const progress = new Progress(`verify ${netlist.circuit.name}`);
  try {
    const result = await verify(netlist, technology, engine, {
      ...given({
        data,
        monteCarlo:
          request.monteCarlo === undefined
            ? undefined
            : {
                draws: request.monteCarlo,
                relativeSpread: request.variation ?? netlist.network.variation.relativeSpread,
                seed: request.seed ?? 0,
              },
      }),
      onProgress: (what, done, total) => progress.update(done, total, what),
    });
    writeArtifact(join(netlist.folder, 'report.json'), VerificationReportKind, result.report);
    writeFileAtomic(join(netlist.folder, 'simulated.csv'), formatCaseTable(result.simulated, netlist.circuit));
    return { ...result, netlist };
  } finally {
    progress.done();
  }
}

interface Arguments {
  netlist: string;
  data: string | undefined;
  label: string | undefined;
  monteCarlo: number | undefined;
  variation: number | undefined;
  seed: number | undefined;
  engine: EngineChoice;
  json: boolean;
}

/** `neuroprint verify`: does the circuit do what the network promised? */
export const verifyCommand: CommandModule<object, Arguments> = {
  command: 'verify',
  describe: 'Simulate a netlist on every case in ngspice and compare every node with what was promised',
  builder: (yargs) =>
    yargs
      .options({
        netlist: { ...textOption('netlist', 'Folder that compile wrote, or a netlist in it'), demandOption: true },
        data: textOption('data', 'Verify on the test rows of this table instead of expected.csv'),
        label: textOption('label', 'Column with the class; as in training unless given'),
        'monte-carlo': numberOption('monte-carlo', { min: 1, max: 1e6, describe: 'Printed copies to simulate' }, true),
        variation: numberOption(
          'variation',
          { min: 0, max: 0.99, describe: 'Every component varies by this share; as in training unless given' },
          false,
        ),
        seed: seedOption(0),
        engine: engineOption,
        json: jsonOption,
      })
      .example(
        '$0 verify --netlist netlists-out/iris --monte-carlo 100',
        'Compare every node, and 100 printed copies',
      ) as never,
  handler: async (argv) => {
    const { report } = await withEngine(argv.engine, (engine) => runVerify(argv, engine));
    const { monteCarlo } = report;
    printResult(argv.json, report, [
      `simulator    ${report.simulator.name} ${report.simulator.version}`,
      `voltages     ${report.cases} cases × ${report.nodes} nodes, largest difference ${report.maxErrorVolts.toExponential(1)} V (case ${report.worst.case}, ${report.worst.node}), 99th percentile ${report.p99ErrorVolts.toExponential(1)} V`,
      `accuracy     network ${formatPercent(report.accuracy.network)}, circuit ${formatPercent(report.accuracy.circuit)}, ngspice ${formatPercent(report.accuracy.ngspice)}`,
      `decisions    ${formatPercent(report.decisionAgreement)} as the network decides, ${report.ties} ties`,
      ...(monteCarlo === undefined
        ? []
        : [
            `printed      ${formatPercent(monteCarlo.meanAccuracy)} ± ${formatPercent(monteCarlo.stdAccuracy)} over ${monteCarlo.draws} copies at ${formatPercent(monteCarlo.relativeSpread)} variation; largest difference ${monteCarlo.maxErrorVolts.toExponential(1)} V`,
            `yield        ${formatPercent(monteCarlo.yield)} reach ${formatPercent(monteCarlo.yieldAccuracy)} (95 % interval ${formatPercent(monteCarlo.yieldInterval[0])} to ${formatPercent(monteCarlo.yieldInterval[1])})`,
          ]),
    ]);
    if (report.maxErrorVolts > TOLERANCE_VOLTS || (monteCarlo?.maxErrorVolts ?? 0) > TOLERANCE_VOLTS) {
      process.stderr.write(
        `The voltages differ by more than ${TOLERANCE_VOLTS} V: the circuit is not what was promised. Run lvs to see what was changed.\n`,
      );
      process.exitCode = 3;
    }
  },
};
