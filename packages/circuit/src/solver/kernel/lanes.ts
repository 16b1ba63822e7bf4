import { addConductanceGradient, conductances, conductorCount, resistorComponents } from '../../ir/conductors.ts';
import type { FlatCircuit } from '../../ir/flatten.ts';
import { CURVE_LENGTH, type SeriesVolts } from '../../variation/series.ts';
import { type KernelExports, startKernel } from './kernel.ts';
import { BATCH_ROWS, type KernelLayout, layoutKernel } from './layout.ts';

/** One circuit in the kernel: batches of rows, solved two by two. */
export class LaneKernel {
  /** Rows of the batch [rows × inputs] and their states [rows × unknowns]; status 0 where no operating point was found. */
  readonly rowInputs: Float64Array;
  readonly rowState: Float64Array;
  readonly rowStatus: Int32Array;
  /** Volts in series with the stages at each row of the batch [rows × sources], beside the curves. */
  readonly rowVolts: Float64Array;
  readonly #curves: Float64Array;
  readonly #reach: Float64Array;
  readonly #converged: Float64Array;
  readonly #convergedVolts: number;
  readonly #siemens: Float64Array;
  /** Where each conductor stands, among those of the layout. */
  readonly #standing: Int32Array;
  readonly #resistors: Int32Array;
  readonly bytes: number;
  readonly #flat: FlatCircuit;
  readonly #layout: KernelLayout;
  readonly #kernel: KernelExports;
  readonly #conductances: Float64Array;
  readonly #deviceValues: Float64Array;
  readonly #iterations: Int32Array;
  readonly #seed: Float64Array;
  readonly #conductanceGradient: Float64Array;
  readonly #byConductance: Float64Array;
  readonly #components: Int32Array;
  readonly #outputGradient: Float64Array;
  /** What the gradient of each pair of rows needs. */
  readonly #kept: Float64Array;
  readonly #keptLength: number;
  #values: Float64Array = new Float64Array(0);

  constructor(flat: FlatCircuit) {
    const layout = layoutKernel(flat);
    const { arena, at } = layout;
    const { kernel, buffer } = startKernel(arena.bytes, layout.devices.module);
    arena.writeTo(buffer);
    const float64 = (address: number, count: number) => new Float64Array(buffer, address, count);
    this.#flat = flat;
    this.#layout = layout;
    this.#kernel = kernel;
    this.bytes = buffer.byteLength;
    this.rowInputs = float64(at.rowInputs, BATCH_ROWS * flat.inputs.length);
    this.rowState = float64(at.rowState, BATCH_ROWS * flat.unknowns.length);
    this.rowStatus = new Int32Array(buffer, at.rowStatus, BATCH_ROWS);
    this.rowVolts = float64(at.rowVolts, BATCH_ROWS * flat.sources.length);
    this.#curves = float64(at.sourceCurves, CURVE_LENGTH * flat.sources.length);
    this.#reach = float64(at.reach, 1);
    this.#converged = float64(at.converged, 1);
    this.#convergedVolts = this.#converged[0]!;
    this.#siemens = new Float64Array(conductorCount(flat));
    this.#byConductance = new Float64Array(conductorCount(flat));
    this.#components = resistorComponents(flat);
    this.#standing = new Int32Array(conductorCount(flat));
    this.#resistors = new Int32Array(buffer, at.resistors, 4 * conductorCount(flat));
    this.place(undefined);
    this.#conductances = float64(layout.conductances.at, layout.conductances.count);
    this.#deviceValues = float64(at.values, layout.devices.valueCount);
    this.#iterations = new Int32Array(buffer, at.iterations, 1);
    this.#seed = float64(at.seed, 2 * flat.unknowns.length);
    this.#conductanceGradient = float64(at.resistorGradient, 2 * conductorCount(flat));
    this.#outputGradient = float64(at.outputGradient, 2 * layout.devices.outputCount);
    this.#keptLength = at.keptBytes / 8;
    this.#kept = float64(at.kept, (BATCH_ROWS / 2) * this.#keptLength);
  }

  /** Newton steps of all rows so far, modulo 2³². */
  get iterations(): number {
    return this.#iterations[0]! >>> 0;
  }

  /** Has resistors that are marked stand at their other nodes, from the next values on. */
  place(elsewhere: Uint8Array | undefined): void {
    const { conductorEnds } = this.#layout;
    const count = this.#standing.length;
    for (let i = 0; i < count; i += 1) {
      const standing = elsewhere?.[i] === 1 ? count + i : i;
      this.#standing[i] = standing;
      for (let k = 0; k < 4; k += 1) this.#resistors[4 * i + k] = conductorEnds[4 * standing + k]!;
    }
  }

  /** False where the kernel's tables do not hold a device: its rows are ExactSolver's then. */
  setValues(values: Float64Array): boolean {
    const { flat, layout } = { flat: this.#flat, layout: this.#layout };
    this.#values = values;
    const merged = this.#conductances.fill(0);
    const { conductanceOf } = layout;
    const [siemens, standing] = [this.#siemens, this.#standing];
    conductances(flat, values, siemens);
    for (let i = 0; i < siemens.length; i += 1)
      for (let k = 0; k < 4; k += 1) {
        const at = conductanceOf[4 * standing[i]! + k]!;
        if (at >= 0) merged[at]! += k === 0 || k === 3 ? siemens[i]! : -siemens[i]!;
      }
    return layout.devices.setValues(values, this.#deviceValues);
  }

  setSeries(series: SeriesVolts | undefined): void {
    if (series === undefined) this.#curves.fill(0);
    else this.#curves.set(series.curves);
    this.#reach[0] = series?.reachVolts ?? 0;
    this.rowVolts.fill(0);
  }

  /** Newton is done where no voltage moves by more volts; undefined: as exactly as ever. */
  setTolerance(volts: number | undefined): void {
    this.#converged[0] = volts ?? this.#convergedVolts;
  }

  /** Solves the first `count` rows of the batch; `keep` what their gradients need. */
  solve(count: number, keep: boolean): void {
    this.rowStatus.fill(0);
    this.#kernel.solveRows(this.#layout.plan, count, keep ? 1 : 0);
  }

  clearGradient(): void {
    this.#kernel.clearGradient(this.#layout.plan);
  }

  /**
   * Adds the gradients of rows 2·pair and 2·pair + 1 of the batch to the sums of their lanes, given ∂L/∂v of every unknown; a
   * row without it adds nothing. At least one of the two must have been solved and kept.
   */
  addGradients(pair: number, even: Float64Array | undefined, odd: Float64Array | undefined): void {
    if (even === undefined || odd === undefined) this.#fillLane(pair, even === undefined ? 0 : 1);
    const { place } = this.#layout;
    for (let i = 0; i < this.#flat.unknowns.length; i += 1) {
      const at = 2 * place[i]!;
      this.#seed[at] = even?.[i] ?? 0;
      this.#seed[at + 1] = odd?.[i] ?? 0;
    }
    this.#kernel.adjoint(this.#layout.plan, pair);
  }

  /** Adds one lane's sums, as derivatives by the component values, to `gradient`. */
  addLane(lane: 0 | 1, gradient: Float64Array): void {
    const [by, own] = [this.#conductanceGradient, this.#byConductance];
    for (let i = 0; i < own.length; i += 1) own[i] = by[2 * i + lane]!;
    addConductanceGradient(this.#flat, this.#components, this.#values, own, gradient);
    this.#layout.devices.addGradient(this.#outputGradient, lane, gradient);
  }

  /** The same of both lanes. */
  addLanes(gradient: Float64Array): void {
    const [by, both] = [this.#conductanceGradient, this.#byConductance];
    for (let i = 0; i < both.length; i += 1) both[i] = by[2 * i]! + by[2 * i + 1]!;
    addConductanceGradient(this.#flat, this.#components, this.#values, both, gradient);
    for (const lane of [0, 1] as const) this.#layout.devices.addGradient(this.#outputGradient, lane, gradient);
  }

  /** A lane without a row takes what its neighbour has, so that zero seeds give zero and no NaN. */
  #fillLane(pair: number, lane: number): void {
    const kept = this.#kept.subarray(pair * this.#keptLength, (pair + 1) * this.#keptLength);
    for (let i = 0; i < kept.length; i += 2) kept[i + lane] = kept[i + 1 - lane]!;
  }
}
