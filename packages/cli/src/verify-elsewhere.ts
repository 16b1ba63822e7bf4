import { formatPercent, formatWatts } from '@neuroprint/core';
import { differenceInWords, type ForeignReport } from '@neuroprint/verifier';
import { byClassLines } from './verification-lines.ts';

const SHOWN_LEFT_OUT = 20;
const SHOWN_CASES = 5;

/** What a netlist from elsewhere is and does, in lines for a person; `shared` are those that our own have too. */
export function elsewhereLines(report: ForeignReport, shared: readonly string[]): string[] {
  const { components, simulator, judgement, text, supplies, leftOut, accuracy } = report;
  const volts = (value: number): string => `${value.toExponential(1)} V`;
  const counts = [
    `${components.resistors} resistors`,
    `${components.transistors} transistors`,
    `${components.opamps} op-amps`,
    `${report.nodes} nodes`,
  ];
  return [
    `simulator    ${simulator.name} ${simulator.version}`,
    ...(report.secondSimulator === undefined
      ? []
      : [
          `the other    ${report.secondSimulator.name} ${report.secondSimulator.version}: within ${volts(report.secondSimulator.maxDifferenceVolts)}`,
        ]),
    `read         ${counts.join(', ')}; ${formatWatts(report.watts)}`,
    `supplies     ${supplies.map((supply) => `${supply.name} = ${supply.node} at ${supply.volts} V`).join(', ') || 'none'}`,
    ...leftOut.slice(0, SHOWN_LEFT_OUT).map((one) => `left out     ${one.file}, line ${one.line}: ${one.text}`),
    ...(leftOut.length > SHOWN_LEFT_OUT ? [`left out     and ${leftOut.length - SHOWN_LEFT_OUT} more`] : []),
    text.cases === 0
      ? 'text         ngspice found no operating point of the text itself from a cold start: not compared'
      : `text         ngspice reads it as neuroprint does: ${text.cases} cases within ${volts(text.maxErrorVolts)}`,
    ...(judgement === undefined
      ? [`voltages     ${report.cases} cases, ngspice and the exact solver within ${volts(report.solverErrorVolts)}`]
      : [
          `voltages     ${report.cases} cases, largest difference from the ${report.comparedWith} ${judgement.maxErrorVolts.toExponential(1)} V${judgement.maxErrorAmperes > 0 ? ` and ${judgement.maxErrorAmperes.toExponential(1)} A` : ''} (case ${judgement.worst.case}, ${judgement.worst.node}; largest relative ${formatPercent(judgement.largestRelative)})`,
          `tolerance    ${judgement.toleranceInWords}: ${judgement.exceeding === 0 ? 'all within' : differenceInWords(judgement)}`,
        ]),
    ...(judgement === undefined && accuracy.ngspice === null
      ? report.outputValues.slice(0, SHOWN_CASES).map((values, row) => {
          const shown = report.outputs.map(({ name, unit }, k) => `${name} ${values[k]!.toPrecision(6)} ${unit}`);
          return `case ${String(row).padEnd(8)}${shown.join(', ')}`;
        })
      : []),
    ...(accuracy.ngspice === null
      ? []
      : [
          `accuracy     ${accuracy.network === null ? '' : `network ${formatPercent(accuracy.network)}, `}circuit ${formatPercent(accuracy.circuit)}, ngspice ${formatPercent(accuracy.ngspice)}`,
        ]),
    ...(report.byClass === undefined ? [] : byClassLines(report.byClass)),
    ...(report.decisionAgreement === null
      ? []
      : [`decisions    ${formatPercent(report.decisionAgreement)} as the network decides, ${report.ties} ties`]),
    ...shared,
  ];
}
