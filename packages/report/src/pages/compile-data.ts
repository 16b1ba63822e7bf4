import type { Technology } from '@neuroprint/circuit';
import type { Circuit, Manifest, TrainedNetwork, VerificationReport } from '@neuroprint/core';
import type { ComparedVoltages } from '../plots/errors.ts';
import type { LadderStep } from '../plots/ladder.ts';
import type { TransferCurves } from '../plots/transfer.ts';

/** What a circuit is made of and what it costs to run. */
interface CircuitTotals {
  readonly resistors: number;
  readonly transistors: number;
  readonly opamps: number;
  /** Sum of width times length of the transistor channels. */
  readonly channelAreaSquareMetres: number;
  /** Ink of the resistors, by their geometry. */
  readonly resistorAreaSquareMetres?: number | undefined;
  /** Supply power, mean over the test rows. */
  readonly watts: number;
}

/** The rows that ngspice simulated; the report draws voltages, margins and decisions from them. */
interface SimulatedRows extends ComparedVoltages {
  /** Which rows, in words: `test`. */
  readonly split: string;
  /** True class of each row, an index into the network's classes; in regression its target. */
  readonly labels?: ArrayLike<number> | undefined;
  /** Class that the trained network (fast model) decides for each row. */
  readonly networkDecisions?: ArrayLike<number> | undefined;
  /** Output volts of the trained network, row-major [rows × outputs]. */
  readonly promised?: Float64Array | undefined;
}

/** What the Monte Carlo of a verification found. */
export type MonteCarloResult = NonNullable<VerificationReport['monteCarlo']>;

/** Result of comparing the netlist's text with network.json and circuit.json. */
interface NetlistComparison {
  readonly matches: boolean;
  readonly differences: readonly string[];
}

/** A step of the calibration on the exact circuit. */
interface CalibrationStep {
  readonly step: number;
  readonly loss?: number | undefined;
  /** Accuracy on the validation rows, mean over the fixed draws. */
  readonly validationAccuracy?: number | undefined;
  /** In regression: the error on the validation rows, in units of the target. */
  readonly validationRmse?: number | undefined;
}

/** A file of the folder that the report lies in. What the usual names are for is known. */
interface ReportFile {
  readonly name: string;
  readonly purpose?: string | undefined;
  readonly sha256?: string | undefined;
}

/**
 * Everything `renderCompileReport` puts on the page. What is absent leaves no gap: its section is not there, or says
 * which command makes it.
 */
export interface CompileReportData {
  readonly name: string;
  readonly technology: Pick<
    Technology,
    'name' | 'description' | 'supplies' | 'marks' | 'assumed' | 'cells' | 'bias' | 'inputVolts'
  >;
  readonly network: TrainedNetwork;
  readonly circuit: Circuit;
  readonly totals: CircuitTotals;
  readonly files: readonly ReportFile[];
  /** Rows of the data set, where the report is made with one. */
  readonly dataset?:
    | {
        readonly name: string;
        readonly rows: { readonly train: number; readonly valid: number; readonly test: number };
      }
    | undefined;
  readonly verification?: VerificationReport | undefined;
  /** Files that are not those of the verification that there was, which is then left out. */
  readonly stale?: readonly string[] | undefined;
  /** What is not as it was promised or asked for, one sentence each, beside voltages, stability and the netlist's text. */
  readonly failures?: readonly string[] | undefined;
  readonly netlistComparison?: NetlistComparison | undefined;
  /** From the network to ngspice, in this order. */
  readonly ladder?: readonly LadderStep[] | undefined;
  /** What every pass of the compiler did, in words. */
  readonly passes?:
    | readonly { readonly name: string; readonly note: string; readonly changed?: number | undefined }[]
    | undefined;
  /** Static watts of every layer by block, mean over the cases. */
  readonly wattsByLayer?: Manifest['wattsByLayer'] | undefined;
  /** The schematic as SVG, and the routed layout where the folder has one. */
  readonly drawings?: { readonly schematic: string; readonly layout?: string | undefined } | undefined;
  readonly stageCurves?: readonly TransferCurves[] | undefined;
  readonly rows?: SimulatedRows | undefined;
  readonly calibration?: readonly CalibrationStep[] | undefined;
  /** The calibration step that was kept. */
  readonly calibrationKept?: number | undefined;
  /** Seeds beside those of the training and of the Monte Carlo, by what they are for. */
  readonly seeds?: Readonly<Record<string, number>> | undefined;
  /** SHA-256 by what it is of, beside the input hashes of network, circuit and verification. */
  readonly hashes?: Readonly<Record<string, string>> | undefined;
}
