/** What the page shows of a compiled circuit, and what it asks of it while somebody plays with it. */

/** A value that is printed, and that one can change: a resistance in ohms, a width or a length in metres. */
export interface ValueView {
  /** `r_l0_i1_c2`, `act_l0_c1.W1`: the name by which changes and sensitivities call it. */
  readonly component: string;
  /** `ohms` of a crossbar resistor, else the parameter of the cell. */
  readonly parameter: string;
  readonly unit: 'ohms' | 'metres';
  readonly value: number;
  /** Between which values the technology prints it. */
  readonly printable: readonly [low: number, high: number];
}

/** A device of circuit.json: what one points at in a drawing. */
export interface DeviceView {
  readonly name: string;
  readonly kind: 'resistor' | 'stage' | 'opamp';
  /** What it was made for, in the names of the table: `Layer 0: petal length (cm) → neuron 2`. */
  readonly origin: string;
  /** `in0 – z_l0_c1`, `z_l0_c1 → y_l0_c1`. */
  readonly nodes: string;
  readonly nodeNames: readonly string[];
  /** Empty of an op-amp, which is bought. */
  readonly values: readonly ValueView[];
  /** Of a resistor that is a weight: its share of its column, as trained and as printed. */
  readonly weight: { readonly trained: number; readonly printed: number } | undefined;
}

export interface InputView {
  readonly name: string;
  readonly node: string;
  readonly unit: string | undefined;
  /** What is applied at the ends of the input's range, in the units of the table and in volts. */
  readonly minimum: number;
  readonly maximum: number;
  readonly minimumVolts: number;
  readonly maximumVolts: number;
}

export interface CircuitView {
  readonly name: string;
  readonly technology: string;
  readonly devices: readonly DeviceView[];
  /** Nodes whose volts are solved for, in the order of SolvedRow.volts. */
  readonly nodes: readonly string[];
  readonly inputs: readonly InputView[];
  readonly outputs: readonly { readonly name: string; readonly node: string }[];
  /** The target that the output means; undefined in classification. */
  readonly target: string | undefined;
  /** Rows of expected.csv, and whether it says what they are. */
  readonly rows: number;
  readonly labelled: boolean;
  /** The lowest and the highest output over these rows. */
  readonly outputVolts: readonly [low: number, high: number];
  /** Of all rows, as the circuit is. */
  readonly score: Score;
  /** What the exact solver takes for a row, from the one before. */
  readonly microsecondsPerRow: number;
}

/** How the circuit does on the rows of expected.csv. */
export interface Score {
  readonly rows: number;
  /** Rows decided as labelled; undefined in regression and where there are no labels. */
  readonly right: number | undefined;
  /** In regression, in units of the target. */
  readonly rmse: number | undefined;
  /** Rows that are decided otherwise than by the circuit as it is; undefined in regression. */
  readonly moved: number | undefined;
  /** Rows at which the circuit has no operating point. */
  readonly unsolved: number;
}

/** Other values of components, by their names; SI base units. */
export type Changes = Readonly<Record<string, number>>;

/** A row of expected.csv. */
export interface CaseView {
  /** In the units of the table. */
  readonly values: readonly number[];
  /** Its row of the table, from 1. */
  readonly sourceRow: number;
  /** The class, or the target. */
  readonly label: string | undefined;
}

export interface SolvedRow {
  readonly inputVolts: readonly number[];
  /** Inputs with their units, as `23.45 °C`. */
  readonly inputWords: readonly string[];
  /** By CircuitView.nodes. */
  readonly volts: Float64Array;
  readonly outputVolts: readonly number[];
  /** Place of the class among the outputs; undefined in regression. */
  readonly decision: number | undefined;
  /** Volts between the largest output and the second. */
  readonly marginVolts: number | undefined;
  /** What the output means, in the unit of the target. */
  readonly prediction: number | undefined;
}

/** How the circuit answers to one component. */
export interface SensitivityView {
  readonly component: string;
  /** Volts by which each output moves where the value grows by 1 %, at the present inputs. */
  readonly outputVoltsPerPercent: readonly number[];
  /**
   * Between which values the decision at the present inputs stays as it is, all else the same; an end is undefined where a hundredth or a
   * hundred times the value change nothing, both are in regression.
   */
  readonly holds: readonly [low: number | undefined, high: number | undefined];
  /** Volts by which the margins of the test rows move where it changes by 1 %: mean and largest; undefined in regression. */
  readonly margins: { readonly mean: number; readonly largest: number; readonly rows: number } | undefined;
}

/** What happens where a part of a device breaks. */
export interface FaultView {
  /** `open`, `drive gate open`, `R1 short`. */
  readonly name: string;
  readonly score: Score;
  /** At the present inputs; undefined where there is no operating point. */
  readonly decision: number | undefined;
  readonly prediction: number | undefined;
}

/** What ngspice finds of a row. */
export interface CheckedRow {
  /** `ngspice 45.2`. */
  readonly engine: string;
  readonly nodes: number;
  /** Largest difference of a node from the exact solver. */
  readonly maxErrorVolts: number;
  readonly worstNode: string;
  /** Whether that is as little as verify asks for. */
  readonly agrees: boolean;
}

/** What components are shaded by: nothing, or how far the margins move with them. */
export type Shade = 'none' | 'sensitivity';

/** A drawing whose parts have the attribute `data-device`, or why there is none. */
export type Drawing = { readonly svg: string } | { readonly none: string };

/** What one asks of the circuit that is open. Errors have the sentences of the command line. */
export interface CircuitSession {
  /** Opens a folder that compile wrote; the circuit is the one of its netlist. */
  circuit(folder: string): Promise<CircuitView>;
  drawing(which: 'schematic' | 'layout', shade: Shade, changes: Changes): Promise<Drawing>;
  /** Row k of expected.csv, from 0. */
  caseRow(k: number): Promise<CaseView>;
  /** One row by the exact solver; `values` in the units of the table. */
  solve(values: readonly number[], changes: Changes): Promise<SolvedRow>;
  /** The same row in ngspice, against the exact solver. */
  check(values: readonly number[], changes: Changes): Promise<CheckedRow>;
  /** All rows of expected.csv. */
  judge(changes: Changes): Promise<Score>;
  sensitivity(device: string, values: readonly number[], changes: Changes): Promise<readonly SensitivityView[]>;
  /** Worst first. */
  faults(device: string, values: readonly number[], changes: Changes): Promise<readonly FaultView[]>;
  /** The netlist with these values. */
  netlist(changes: Changes): Promise<string>;
}
