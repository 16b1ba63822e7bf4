import type { LayoutCheck, Promises, VerificationReport } from '@neuroprint/core';

type Report = Omit<VerificationReport, 'kind' | 'version' | 'checksum'>;

export interface TestCase {
  readonly name: string;
  /** What is wrong; undefined where nothing is. */
  readonly failure: string | undefined;
  readonly output: string;
}

/** Reports of earlier versions, all of processes at 1 V, do not state it. */
const TOLERANCE_OF_OLD = 1e-5;

/** The largest difference in volts between ngspice and what was promised that is not a fault. */
export function toleranceOf({ toleranceVolts = TOLERANCE_OF_OLD }: Pick<Report, 'toleranceVolts'>): number {
  return toleranceVolts;
}

/** What a verification found at fault, one entry for every check that was made: the tests of the JUnit file. */
export function testCases(report: Report): TestCase[] {
  const within = withinOf(report);
  return [
    {
      name: 'the netlist is what was compiled',
      failure: report.netlistDifferences.length === 0 ? undefined : report.netlistDifferences.join('\n'),
      output: '',
    },
    {
      name: 'every node has the promised voltage',
      failure: within(report.maxErrorVolts),
      output: `${report.cases} cases × ${report.nodes} nodes, largest difference ${report.maxErrorVolts} V at ${report.worst.node} in case ${report.worst.case}`,
    },
    {
      name: 'a cold start finds the same operating points',
      failure: within(report.coldStart.maxDifferenceVolts),
      output: `${report.coldStart.rows} rows`,
    },
    ...commonCases(report),
  ];
}

/** What is wrong with a difference in volts. */
function withinOf(report: Pick<Report, 'toleranceVolts'>): (volts: number) => string | undefined {
  const most = toleranceOf(report);
  return (volts) => (volts <= most ? undefined : `${volts} V, and must be at most ${most} V`);
}

/** What the network promised, whoever simulated the circuit. */
export function promiseCases(promises: Promises | undefined): TestCase[] {
  return (promises?.lines ?? []).map(({ name, kept, message }) => ({
    name: `the circuit does as the network does: ${name}`,
    failure: kept ? undefined : message,
    output: message,
  }));
}

type Common = Pick<
  Report,
  | 'toleranceVolts'
  | 'secondSimulator'
  | 'stability'
  | 'monteCarlo'
  | 'corners'
  | 'ageing'
  | 'specification'
  | 'promises'
  | 'layout'
  | 'laidOut'
> & {
  readonly blame?: Pick<NonNullable<Report['blame']>, 'worstCorner'> | undefined;
  readonly regression?: Pick<NonNullable<Report['regression']>, 'monteCarlo'> | undefined;
};

/** The checks that circuits of our own and from elsewhere share. */
export function commonCases(report: Common): TestCase[] {
  const { stability } = report;
  return [
    ...(stability === undefined
      ? []
      : [
          {
            name: 'the circuit stays at its operating points',
            failure: stability.verdict === 'stable' ? undefined : `${stability.verdict}: ${stability.reason}`,
            output: stability.reason,
          },
        ]),
    ...furtherCases(report),
  ];
}

const NOT_SIMULATED =
  'ngspice was not asked about the circuit with the lines of its layout, which has too many nodes for one without KLU: verify with --engine embedded';

/** Those that follow from what the network promised and from what was asked for. */
export function furtherCases(report: Omit<Common, 'stability'>): TestCase[] {
  const { monteCarlo, regression, corners, ageing, blame, specification, promises } = report;
  const within = withinOf(report);
  return [
    ...promiseCases(promises),
    ...(report.layout === undefined ? [] : [layoutCase(report.layout)]),
    ...(report.laidOut === undefined
      ? []
      : [
          {
            name: 'the circuit with the lines of its layout has the same voltages in ngspice and the exact solver',
            failure: report.laidOut.maxErrorVolts === null ? NOT_SIMULATED : within(report.laidOut.maxErrorVolts),
            output: `${report.laidOut.resistors} resistors of lines, ${
              report.laidOut.maxErrorVolts === null
                ? 'by the exact solver alone'
                : `largest difference ${report.laidOut.maxErrorVolts} V`
            }; they move ${report.laidOut.node} by ${report.laidOut.largestShiftVolts} V and ${report.laidOut.decisionsMoved} decisions`,
          },
        ]),
    ...(report.secondSimulator === undefined
      ? []
      : [
          {
            name: 'the other simulator finds the same voltages',
            failure: within(report.secondSimulator.maxDifferenceVolts),
            output: `${report.secondSimulator.name} ${report.secondSimulator.version}`,
          },
        ]),
    ...(monteCarlo === undefined
      ? []
      : [
          {
            name: 'printed copies have the same voltages in ngspice and the exact solver',
            failure:
              within(monteCarlo.maxErrorVolts) ??
              (monteCarlo.decisionsDiffering === 0
                ? undefined
                : `${monteCarlo.decisionsDiffering} decisions differ that are no ties`),
            output: `${monteCarlo.draws} copies, ${monteCarlo.simulatedDraws} of them in ngspice; yield ${monteCarlo.yield} at ${monteCarlo.yieldAccuracy}`,
          },
        ]),
    ...(regression?.monteCarlo === undefined
      ? []
      : [
          {
            name: 'printed copies have the same voltages in ngspice and the exact solver',
            failure: within(regression.monteCarlo.maxErrorVolts),
            output: `${regression.monteCarlo.draws} copies, ${regression.monteCarlo.simulatedDraws} of them in ngspice; yield ${regression.monteCarlo.yield} at an error of ${regression.monteCarlo.yieldRmse}`,
          },
        ]),
    ...(corners ?? []).map((corner) => ({
      name: `the solvers agree at both ends of: ${corner.factor}`,
      failure: within(corner.maxErrorVolts),
      output: '',
    })),
    ...(ageing?.asked ?? []).map(({ days, draws, simulatedDraws, maxErrorVolts, decisionsDiffering }) => ({
      name: `copies ${days} days old have the same voltages in ngspice and the exact solver`,
      failure:
        within(maxErrorVolts) ??
        (decisionsDiffering === 0 ? undefined : `${decisionsDiffering} decisions differ that are no ties`),
      output: `${draws} copies, ${simulatedDraws} of them in ngspice`,
    })),
    ...(blame === undefined
      ? []
      : [
          {
            name: 'the solvers agree at the worst corners',
            failure: within(blame.worstCorner.maxErrorVolts),
            output: '',
          },
        ]),
    ...(specification?.lines ?? []).map((line) => ({
      name: `${specification!.file}, line ${line.line}: ${line.name}`,
      failure: line.passes ? undefined : line.message,
      output: line.message,
    })),
  ];
}

function layoutCase({ file, matches, differences, nets, resistors, transistors, changed }: LayoutCheck): TestCase {
  const name = 'the layout is the netlist';
  const output = [
    ...(matches ? [`${nets} nets, ${resistors} resistors, ${transistors} transistors`] : []),
    ...changed.map((one) => `${one.file}: ${one.how}`),
  ].join('\n');
  if (matches) return { name, failure: undefined, output };
  // nothing was read where there are no nets, and the only difference says why
  const [first, ...more] = differences;
  const head = nets === 0 ? first! : `${file} is not the netlist: ${first}`;
  return {
    name,
    failure: [more.length === 0 ? head : `${head} (and ${more.length} more)`, ...more].join('\n'),
    output,
  };
}

/** JUnit XML of a verification, as continuous integration reads it: one test for every check. */
export function junitXml(report: Report): string {
  return junitSuite(report.netlist, testCases(report));
}

/** The same of checks that were made already. */
export function junitSuite(netlist: string, cases: readonly TestCase[]): string {
  const failures = cases.filter(({ failure }) => failure !== undefined).length;
  const suite = escapeXml(`verify ${netlist}`);
  const lines = cases.map(({ name, failure, output }) => {
    const inner =
      (failure === undefined
        ? ''
        : `<failure message="${escapeXml(failure.split('\n')[0]!)}">${escapeXml(failure)}</failure>`) +
      (output === '' ? '' : `<system-out>${escapeXml(output)}</system-out>`);
    return `    <testcase classname="${suite}" name="${escapeXml(name)}">${inner}</testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}">`,
    `  <testsuite name="${suite}" tests="${cases.length}" failures="${failures}" errors="0" skipped="0">`,
    ...lines,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function escapeXml(text: string): string {
  // control characters cannot stand in XML at all
  return text.replace(/[^\n\t\P{Cc}]/gu, '').replace(/[&<>"]/g, (c) => `&#${c.charCodeAt(0)};`);
}
