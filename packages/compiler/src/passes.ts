import { checkCircuit, type SolverKind, type Technology } from '@neuroprint/circuit';
import type { Calibration, Circuit, Labels, Rung, TrainedNetwork, Variation, VoltageRows } from '@neuroprint/core';
import { calibrate } from './calibrate/calibrate.ts';
import { checkDriven, checkGrid, checkInverters, checkRange, checkShape, checkText } from './checks.ts';
import { circuitOf, type Draft, lower, type NegativeForm } from './draft.ts';
import { type Cases, type Drawing, emit, type Files } from './emit.ts';
import { circuitRung, idealRung, type LadderContext, networkRung } from './ladder.ts';
import { checkOpamps, fitSupplies } from './opamps.ts';
import type { PrintGrid } from './print/grid.ts';
import { prune } from './prune.ts';
import { fitColumns, scaleColumns } from './scale.ts';
import { shareInverters } from './share.ts';
import { snap } from './snap.ts';

/** What passes take and give: the trained network, its values on the way to print, the circuit with every device named, its files. */
export interface Forms {
  readonly network: TrainedNetwork;
  readonly draft: Draft;
  readonly circuit: Circuit;
  readonly files: Files;
}
type Form = keyof Forms;

export interface PassContext {
  readonly network: TrainedNetwork;
  readonly networkFile: string;
  readonly technology: Technology;
  readonly grid: PrintGrid;
  /** Rows to calibrate on; without them the calibration is left out. */
  readonly rows: { readonly train: VoltageRows<Labels>; readonly valid: VoltageRows<Labels> } | undefined;
  readonly cases: Cases;
  readonly seed: number;
  /** Who serves the negative entries of a layer with signed conductances; default one op-amp a column. */
  readonly negativeForm?: NegativeForm | undefined;
  readonly variation: number | Variation;
  readonly steps: number | undefined;
  /** Who solves while values are tuned; undefined: the kernel, where this machine has SIMD. */
  readonly solver: SolverKind | undefined;
  readonly inputHashes: Readonly<Record<string, string>>;
  readonly drawings: Drawing | undefined;
  readonly ladder: LadderContext;
  readonly onProgress: ((pass: string, done: number, total: number, note: string) => void) | undefined;
}

interface Result<T> {
  readonly output: T;
  /** What the pass did, in words. */
  readonly note: string;
  readonly calibration?: Calibration;
}

/** One step from the network to print. */
export interface Pass<From extends Form = Form, To extends Form = Form> {
  readonly name: string;
  readonly from: From;
  readonly to: To;
  /** Undefined where the pass does not apply; what it was given then goes on as it is. */
  run(input: Forms[From], context: PassContext): Result<Forms[To]> | undefined;
  /** Throws, with layer, row and column, where the output is not what the next pass needs. */
  check(output: Forms[To], context: PassContext, input: Forms[From]): void;
  /** The rungs of the error ladder that the output stands for. */
  rungs(output: Forms[To], context: PassContext): Rung[];
}

/** Any pass, its forms kept together. */
type AnyPass = { [F in Form]: { [T in Form]: Pass<F, T> }[Form] }[Form];

/** All passes, in the order in which they run. */
export const PASSES: readonly AnyPass[] = [
  pass({
    name: 'lower',
    from: 'network',
    to: 'draft',
    run: (network, { technology, networkFile, negativeForm }) => ({
      output: lower(network, technology, networkFile, negativeForm),
      note: 'each negative weight takes its input through a falling stage of its own',
    }),
    check: (draft, context) => {
      checkShape(draft);
      // what cannot be printed is refused before anything is measured
      const printable = scaleColumns(prune(draft, context.technology).draft, context.technology);
      checkCircuit(measured(printable, context), context.technology);
    },
    // an ideal column does not know its scale: what it loads is measured at the one that it is printed at
    rungs: (draft, context) => [
      networkRung(context.ladder),
      idealRung('ideal circuit', context.ladder, measured(draft, context)),
      rung('loaded circuit', fitColumns(draft, context.technology), context),
    ],
  }),
  pass({
    name: 'prune',
    from: 'draft',
    to: 'draft',
    run: (draft, { technology }) => {
      const { draft: output, removed } = prune(draft, technology);
      return { output, note: `${removed} conductances left out that no scale can print` };
    },
    check: checkDriven,
    rungs: (draft, context) => [rung('pruned circuit', fitColumns(draft, context.technology), context)],
  }),
  pass({
    name: 'scale columns',
    from: 'draft',
    to: 'draft',
    run: (draft, { technology, cases }) => ({
      output: fitSupplies(scaleColumns(draft, technology), technology, cases.inputVolts),
      note: `columns towards ${technology.crossbar.maxOhms} ohms`,
    }),
    check: (draft, context) => {
      checkRange(draft, context.technology);
      checkColumns(measured(draft, context), context);
    },
    rungs: (draft, context) => [rung('scaled circuit', draft, context)],
  }),
  pass({
    name: 'share inverters',
    from: 'draft',
    to: 'draft',
    run: (draft) => ({ output: shareInverters(draft), note: 'one falling stage an input and layer, for all columns' }),
    check: (draft, { technology }) => checkInverters(draft, technology),
    rungs: (draft, context) => [rung('naive circuit', draft, context, true)],
  }),
  pass({
    name: 'calibrate',
    from: 'draft',
    to: 'draft',
    run: (draft, { network, technology, rows, seed, variation, steps, solver, onProgress }) => {
      if (rows === undefined) return undefined;
      const { draft: output, calibration } = calibrate(draft, network, technology, rows, {
        seed,
        variation,
        solver,
        ...(steps === undefined ? {} : { steps }),
        onProgress: ({ step, validAccuracy, validRmse }, total) =>
          onProgress?.(
            'calibrate',
            step,
            total,
            `calibrate, validation ${validRmse === undefined ? `accuracy ${validAccuracy!.toFixed(3)}` : `RMSE ${validRmse.toPrecision(4)}`}`,
          ),
      });
      return { output, calibration, note: `step ${calibration.bestStep} of ${calibration.steps} kept` };
    },
    check: (draft, { technology }) => {
      checkShape(draft);
      checkRange(draft, technology);
    },
    rungs: (draft, context) => [rung('calibrated circuit', draft, context, true)],
  }),
  pass({
    name: 'snap',
    from: 'draft',
    to: 'draft',
    run: (draft, { technology, grid, rows, cases }) => {
      const snapped = snap(draft, technology, { grid, inputVolts: rows?.train.volts ?? cases.inputVolts });
      const millivolts = (volts: number): string => `${(1000 * volts).toPrecision(3)} mV rms`;
      return {
        output: snapped.draft,
        note: `outputs move by ${millivolts(snapped.rmsVolts)}; each value to its nearest: ${millivolts(snapped.nearestRmsVolts)}`,
      };
    },
    check: (draft, { technology, grid }) => checkGrid(draft, technology, grid),
    rungs: (draft, context) => [rung('snapped circuit', draft, context, true)],
  }),
  pass({
    name: 'place names',
    from: 'draft',
    to: 'circuit',
    run: (draft, { network, technology, inputHashes }) => {
      const output = circuitOf(draft, network, technology, inputHashes);
      return { output, note: `${output.devices.length} devices, each with layer, row and column` };
    },
    check: (circuit, context) => {
      checkCircuit(circuit, context.technology);
      checkColumns(circuit, context);
    },
    rungs: () => [],
  }),
  pass({
    name: 'emit',
    from: 'circuit',
    to: 'files',
    run: (circuit, context) => {
      const output = emit(circuit, context);
      return { output, note: Object.keys(output).join(', ') };
    },
    check: (files, _, circuit) => checkText(files['netlist.cir']!, circuit),
    rungs: () => [],
  }),
];

/** Keeps a pass's own forms while its functions are typed. */
function pass<From extends Form, To extends Form>(one: Pass<From, To>): AnyPass {
  return one as unknown as AnyPass;
}

/** The columns with op-amps settle, within their supplies. */
function checkColumns(circuit: Circuit, { technology, cases, variation }: PassContext): void {
  checkOpamps(circuit, technology, cases.inputVolts, variation);
}

function measured(draft: Draft, { network, technology }: PassContext): Circuit {
  return circuitOf(draft, network, technology, {});
}

function rung(step: string, draft: Draft, context: PassContext, underVariation = false): Rung {
  return circuitRung(step, measured(draft, context), context.ladder, underVariation);
}

export interface Passed {
  readonly circuit: Circuit;
  readonly files: Files;
  readonly ladder: readonly Rung[];
  /** What every pass did; a pass that does not apply says so. */
  readonly passes: readonly { readonly name: string; readonly note: string }[];
  readonly calibration: Calibration | undefined;
}

/** Runs the passes; after each its output is checked and its rungs measured. */
export function runPasses(network: TrainedNetwork, context: PassContext): Passed {
  const ladder: Rung[] = [];
  const passes: { name: string; note: string }[] = [];
  const made: Partial<{ -readonly [F in Form]: Forms[F] }> = { network };
  let calibration: Calibration | undefined;
  for (const one of PASSES as readonly Pass[]) {
    const result = one.run(made[one.from]!, context);
    passes.push({ name: one.name, note: result?.note ?? 'left out: there are no rows to tune on' });
    if (result === undefined) continue;
    one.check(result.output, context, made[one.from]!);
    Object.assign(made, { [one.to]: result.output });
    calibration ??= result.calibration;
    ladder.push(...one.rungs(result.output, context));
  }
  return { circuit: made.circuit!, files: made.files!, ladder, passes, calibration };
}
