import { type SolverKind, type Technology, withoutFaults } from '@neuroprint/circuit';
import {
  type CaseTable,
  type Circuit,
  Draws,
  inputVolts,
  type Labels,
  type Rung,
  type TrainedNetwork,
  UsageError,
  type VoltageRows,
} from '@neuroprint/core';
import { BudgetGauge } from './budget/gauge.ts';
import { Ladder, type Metal } from './ladder.ts';
import type { NegativeForm } from './layered.ts';
import { type ESeries, PrintGrid } from './passes/snap/grid.ts';

/** The text, or the bytes, of every file of a compile, by name. */
export type Files = Readonly<Record<string, string | Uint8Array>>;

/** What a layout has drawn of an element that is printed. */
export interface DrawnElement {
  /** Ink layer of a resistor; empty for a transistor. */
  readonly ink: string;
  readonly widthMetres: number;
  readonly lengthMetres: number;
  /** Of the ink's polygons, or of the semiconductor's. */
  readonly areaSquareMetres: number;
  /** Of the smallest upright box around all that belongs to it. */
  readonly boxSquareMetres: number;
}

/** The cases that a netlist is verified on. */
type Cases = Pick<CaseTable, 'rows' | 'inputVolts' | 'labels' | 'sourceRows'>;

/** What drawings and sheets are made from. */
interface FinishedCircuit {
  readonly circuit: Circuit;
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  /** The cases with the volts of every node. */
  readonly expected: CaseTable;
  /** The text of circuit.json and of netlist.cir. */
  readonly circuitText: string;
  readonly netlistText: string;
}

/** What is made beside the compiler's own files: drawings, sheets, a layout and what it drew of every element, by the element's name. */
interface Drawn {
  readonly files: Files;
  readonly elements?: ReadonlyMap<string, DrawnElement> | undefined;
  /** Puts the metal of that layout between the devices of the circuit. */
  readonly metal?: Metal | undefined;
}

type Drawing = (finished: FinishedCircuit) => Drawn;

export interface PassOptions {
  /** For messages; default network.json. */
  readonly networkFile?: string;
  /** Rows to calibrate on; without them the calibration is left out. */
  readonly rows?: { readonly train: VoltageRows<Labels>; readonly valid: VoltageRows<Labels> };
  /** Default: made up by the seed. */
  readonly cases?: Cases;
  /** Default: the one that the network was trained with, or 0. */
  readonly seed?: number;
  /** Who serves the negative entries of layers with op-amps; default one op-amp a column. */
  readonly negativeForm?: NegativeForm;
  readonly calibrationSteps?: number;
  /** Who solves while values are tuned; default: the kernel, where this machine has SIMD. Either gives the same bytes everywhere. */
  readonly solver?: SolverKind;
  /** Resistances are preferred numbers of this E series instead of the technology's steps. */
  readonly series?: ESeries;
  readonly inputHashes?: Readonly<Record<string, string>>;
  /** Files beside the compiler's own, made from the finished circuit. */
  readonly drawings?: Drawing;
  /** Lays a circuit out and gives its metal, undefined where that cannot be: calibration then has the lines in the loop. */
  readonly metalOf?: (circuit: Circuit) => Metal | undefined;
  readonly onProgress?: (done: number, total: number, note: string) => void;
  /** Called with every rung of the error ladder as it is measured. */
  readonly onRung?: ((rung: Rung) => void) | undefined;
}

/** What passes know beside what they are given. */
export interface PassContext extends PassOptions {
  readonly network: TrainedNetwork;
  readonly technology: Technology;
  readonly networkFile: string;
  readonly cases: Cases;
  readonly seed: number;
  readonly grid: PrintGrid;
  readonly ladder: Ladder;
  /** Of a network with a budget. */
  readonly gauge: BudgetGauge | undefined;
}

export function passContext(network: TrainedNetwork, technology: Technology, options: PassOptions = {}): PassContext {
  const seed = options.seed ?? network.training?.seed ?? 0;
  const cases = options.cases ?? generatedCases(network, seed);
  return {
    networkFile: 'network.json',
    ...options,
    network,
    technology,
    cases,
    seed,
    grid: new PrintGrid(technology, options.series),
    ladder: new Ladder({ network, technology, cases, seed, inputHashes: options.inputHashes }),
    gauge: gaugeOf(network, technology, cases, seed, options.rows?.train.volts),
  };
}

/** Throws UsageError for a budget of a network that has none in training. */
function gaugeOf(
  { budget, layers, variation, inputs }: TrainedNetwork,
  technology: Technology,
  cases: Cases,
  seed: number,
  tableVolts: Float64Array | undefined,
): BudgetGauge | undefined {
  if (budget === undefined) return undefined;
  if (layers.some(({ nodeRule }) => nodeRule !== 'inverter'))
    throw new UsageError(
      'The network has a budget and op-amps, and budgets are for networks with inverters.',
      'Take the budget out of the network file, and hold the circuit against a specification in verify.',
    );
  return new BudgetGauge(budget, {
    ...{ technology, variation: withoutFaults(variation), seed, tableVolts },
    ...{ caseVolts: cases.inputVolts, inputs: inputs.length },
  });
}

const GENERATED_CASES = 64;

/** Where there is no table: inputs spread over their volts by the seed, so that the netlist can be verified all the same. */
function generatedCases({ inputs }: TrainedNetwork, seed: number): Cases {
  const shares = new Float64Array(GENERATED_CASES * inputs.length);
  new Draws(seed, 'generated cases').fillUniform(0, shares);
  return {
    rows: GENERATED_CASES,
    inputVolts: shares.map((share, at) => {
      const { minimum, maximum } = inputVolts(inputs[at % inputs.length]!);
      return minimum + (maximum - minimum) * share;
    }),
    labels: undefined,
    sourceRows: Int32Array.from({ length: GENERATED_CASES }, (_, i) => i + 1),
  };
}
