import { commonCases, junitSuite, type TestCase, toleranceOf } from '../junit.ts';
import type { ForeignReport } from './verify-foreign.ts';

/** What a verification of a netlist from elsewhere found at fault, one entry for every check that was made. */
export function foreignTestCases(report: ForeignReport): TestCase[] {
  const { judgement, text, solverErrorVolts } = report;
  const largest = toleranceOf(report);
  return [
    {
      name: 'ngspice reads the text as neuroprint does',
      failure: undefined,
      output: `${text.cases} cases, largest difference ${text.maxErrorVolts} V`,
    },
    ...(judgement === undefined
      ? [
          {
            name: 'ngspice and the exact solver find the same voltages',
            failure:
              solverErrorVolts <= largest ? undefined : `${solverErrorVolts} V, and must be at most ${largest} V`,
            output: `${report.cases} cases × ${report.nodes} nodes`,
          },
        ]
      : [
          {
            name: 'every voltage and current is the expected one',
            failure: judgement.exceeding === 0 ? undefined : differenceInWords(judgement),
            output: `${report.cases} cases; may be off by ${judgement.toleranceInWords}`,
          },
        ]),
    ...commonCases({ ...report, regression: undefined }),
  ];
}

/** The difference that is largest beside what it may be. */
export function differenceInWords({
  worst,
  exceeding,
  toleranceInWords,
}: NonNullable<ForeignReport['judgement']>): string {
  const { node, unit, expected, simulated } = worst;
  const number = (value: number): string => String(Number(value.toPrecision(6)));
  const share = expected === 0 ? '' : ` (${number((100 * Math.abs(simulated - expected)) / Math.abs(expected))} %)`;
  return `${exceeding} values are off by more than ${toleranceInWords}: ${node} in case ${worst.case} is ${number(simulated)} ${unit}, and ${number(expected)} ${unit} is expected${share}`;
}

/** JUnit XML, one test for every check. */
export function foreignJunitXml(report: ForeignReport): string {
  return junitSuite(report.netlist, foreignTestCases(report));
}
