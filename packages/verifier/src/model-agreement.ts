import type { CaseTable, Manifest, ModelAgreement, MonteCarlo, TrainedNetwork } from '@neuroprint/core';
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
  const table = model?.table;
  if (table === undefined || tableSha256 !== table.sha256) return undefined;
  const decided = Array.from(sourceRows, (row) => table.decisions[row - 1]);
  return decided.every((one) => one !== undefined) ? Int32Array.from(decided) : undefined;
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
