import { type CaseTable, type Circuit, regressionOf, scoreClasses, type VerificationReport } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';

/**
 * Recall by class of the three models, whose outputs are row-major [rows × classes]; undefined in regression and where the cases have no
 * labels. A netlist from elsewhere may have no network.
 */
export function classReport(
  circuit: { readonly classes: readonly string[] } & Partial<Pick<Circuit, 'task'>>,
  labels: CaseTable['labels'],
  outputs: Readonly<Record<'circuit' | 'ngspice', Float64Array>> & { readonly network: Float64Array | undefined },
): VerificationReport['byClass'] {
  if (labels === undefined || circuit.classes.length < 2 || regressionOf(circuit) !== undefined) return undefined;
  const { classes } = circuit;
  const score = (volts: Float64Array) => scoreClasses(decisions(volts, classes.length), labels, classes);
  const network = outputs.network && score(outputs.network);
  const [solved, ngspice] = [score(outputs.circuit), score(outputs.ngspice)];
  return {
    balancedAccuracy: {
      network: network?.balancedAccuracy ?? null,
      circuit: solved.balancedAccuracy,
      ngspice: ngspice.balancedAccuracy,
    },
    classes: ngspice.classes.map((one, c) => ({
      class: one.class,
      rows: one.rows,
      network: network?.classes[c]?.recall ?? null,
      circuit: solved.classes[c]!.recall,
      ngspice: one.recall,
    })),
  };
}
