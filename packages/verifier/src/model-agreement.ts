import {
  type CaseTable,
  type Manifest,
  type ModelAgreement,
  type ModelDistance,
  type MonteCarlo,
  type Regression,
  regressionOf,
  scoreTarget,
  type TrainedNetwork,
  unitsOf,
} from '@neuroprint/core';
import { accuracy } from '@neuroprint/numeric';

/**
 * What the model that a network was made from decides in each case; undefined where there is no such model, or the cases are of
 * another table than the one that it was asked.
 */
export function modelDecisions(
  { model }: TrainedNetwork,
  { sourceRows }: Pick<CaseTable, 'sourceRows'>,
  tableSha256: string | undefined,
): Int32Array | undefined {
  const decided = ofRows(model?.table, model?.table?.decisions, sourceRows, tableSha256);
  return decided && Int32Array.from(decided);
}

/** In regression: what it predicts, in units of the target. */
function modelPredictions(
  { model }: TrainedNetwork,
  { sourceRows }: Pick<CaseTable, 'sourceRows'>,
  tableSha256: string | undefined,
): Float64Array | undefined {
  const predicted = ofRows(model?.table, model?.table?.predictions, sourceRows, tableSha256);
  return predicted && Float64Array.from(predicted);
}

/** What a model says of some rows of its table (from 1); undefined of another table, and where it says nothing of one. */
function ofRows(
  table: { readonly sha256: string } | undefined,
  said: readonly number[] | undefined,
  rows: Int32Array,
  tableSha256: string | undefined,
): number[] | undefined {
  if (table === undefined || said === undefined || tableSha256 !== table.sha256) return undefined;
  const found = Array.from(rows, (row) => said[row - 1]);
  return found.every((one) => one !== undefined) ? (found as number[]) : undefined;
}

/** The hash of the table whose test rows are the cases of a compiled circuit. */
export function tableOfCases({ inputHashes }: Manifest, { model }: TrainedNetwork): string | undefined {
  return model?.table && inputHashes[`${model.table.name}.csv`];
}

/** How often network, circuit and ngspice decide as the model, and printed copies where there are any. */
export function modelAgreement(
  { model }: TrainedNetwork,
  decided: Int32Array | undefined,
  decisions: { readonly network: Int32Array; readonly circuit: Int32Array; readonly ngspice: Int32Array },
  copies: MonteCarlo['asModel'],
): ModelAgreement | undefined {
  if (model === undefined || decided === undefined) return undefined;
  return {
    file: model.file,
    network: accuracy(decisions.network, decided),
    circuit: accuracy(decisions.circuit, decided),
    ngspice: accuracy(decisions.ngspice, decided),
    ...(copies === undefined ? {} : { copies }),
  };
}

/**
 * How far network, circuit and ngspice are from what the model predicts, by their output volts: root mean square, in units of the target. The network is
 * read by its own line, the others by the circuit's. Undefined without a line, and as above.
 */
export function modelDistance(
  network: TrainedNetwork,
  line: Regression | undefined,
  cases: Pick<CaseTable, 'sourceRows'>,
  tableSha256: string | undefined,
  volts: { readonly network: Float64Array; readonly circuit: Float64Array; readonly ngspice: Float64Array },
): ModelDistance | undefined {
  const [own, predicted] = [regressionOf(network), modelPredictions(network, cases, tableSha256)];
  if (line === undefined || own === undefined || predicted === undefined) return undefined;
  const off = (by: Regression, outputs: Float64Array): number => scoreTarget(unitsOf(by, outputs), predicted).rmse;
  return {
    file: network.model!.file,
    network: off(own, volts.network),
    circuit: off(line, volts.circuit),
    ngspice: off(line, volts.ngspice),
  };
}
