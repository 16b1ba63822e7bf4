import { type CaseTable, type Circuit, regressionOf, scoreClasses, type VerificationReport } from '@neuroprint/core';
import { decisions } from '@neuroprint/numeric';

/**
 * Recall by class of the three models, whose outputs are row-major [rows × classes]; undefined in regression and where the cases have no
 * labels.
 */
export function classReport(
  circuit: Pick<Circuit, 'classes' | 'task'>,
  labels: CaseTable['labels'],
  outputs: Readonly<Record<'network' | 'circuit' | 'ngspice', Float64Array>>,
): VerificationReport['byClass'] {
  if (labels === undefined || regressionOf(circuit) !== undefined) return undefined;
  const { classes } = circuit;
  const score = (volts: Float64Array) => scoreClasses(decisions(volts, classes.length), labels, classes);
  const [network, solved, ngspice] = [score(outputs.network), score(outputs.circuit), score(outputs.ngspice)];
  return {
    balancedAccuracy: {
      network: network.balancedAccuracy,
      circuit: solved.balancedAccuracy,
      ngspice: ngspice.balancedAccuracy,
    },
    classes: ngspice.classes.map((one, c) => ({
      class: one.class,
      rows: one.rows,
      network: network.classes[c]!.recall,
      circuit: solved.classes[c]!.recall,
      ngspice: one.recall,
    })),
  };
}
