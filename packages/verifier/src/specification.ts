import { basename } from 'node:path';
import {
  InputFileError,
  readTextFile,
  type SpecificationResult,
  type Task,
  type VerificationReport,
} from '@neuroprint/core';
import { isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { accuracyLost, rmseRatio } from './promises.ts';

/** What limits are held against; a netlist from elsewhere has no area. */
type Facts = Pick<
  VerificationReport,
  'accuracy' | 'watts' | 'maxErrorVolts' | 'marginVolts' | 'stability' | 'monteCarlo' | 'corners'
> &
  Partial<Pick<VerificationReport, 'simulatedWatts' | 'printedSquareMetres' | 'inverters'>> &
  Partial<
    Pick<VerificationReport, 'areaSquareMetres' | 'decisionAgreement' | 'byClass' | 'modelAgreement' | 'faults'>
  > & {
    readonly blame?: Omit<NonNullable<VerificationReport['blame']>, 'steps'> | undefined;
    readonly regression?:
      | Pick<NonNullable<VerificationReport['regression']>, 'network' | 'ngspice' | 'monteCarlo'>
      | undefined;
  };

interface Line {
  readonly what: string;
  readonly sense: 'at least' | 'at most';
  /** The task that it belongs to; without it both. */
  readonly task?: Task['kind'];
  /** What verify has to be asked for, where it was not. */
  readonly needs?: string;
  readonly measure: (facts: Facts) => number | null | undefined;
  /** Whether what was measured rests on numbers that nobody has given. */
  readonly isAssumed?: (facts: Facts) => boolean;
}

/** The lines that a specification may have. SI base units; shares from 0 to 1. */
const LINES: Readonly<Record<string, Line>> = {
  minimumAccuracy: {
    what: 'accuracy in ngspice',
    sense: 'at least',
    task: 'classification',
    needs: 'cases with labels: --data',
    measure: ({ accuracy }) => accuracy.ngspice,
  },
  minimumDecisionsKept: {
    what: 'decisions as the network decides',
    sense: 'at least',
    task: 'classification',
    needs: 'a network: --network',
    measure: ({ decisionAgreement }) => decisionAgreement,
  },
  maximumAccuracyLost: {
    what: 'accuracy lost against the network',
    sense: 'at most',
    task: 'classification',
    needs: 'cases with labels, and a network: --data',
    measure: accuracyLost,
  },
  maximumRmseRatio: {
    what: 'root mean square error in ngspice, of the network’s',
    sense: 'at most',
    task: 'regression',
    needs: 'cases with targets: --data',
    measure: rmseRatio,
  },
  minimumBalancedAccuracy: {
    what: 'balanced accuracy in ngspice',
    sense: 'at least',
    task: 'classification',
    needs: 'cases with labels: --data',
    measure: ({ byClass }) => byClass?.balancedAccuracy.ngspice,
  },
  minimumRecall: {
    what: 'recall of the class that is recognised worst, in ngspice',
    sense: 'at least',
    task: 'classification',
    needs: 'cases with labels: --data',
    measure: ({ byClass }) => byClass && leastRecall(byClass),
  },
  maximumRmse: {
    what: 'root mean square error in ngspice, in units of the target',
    sense: 'at most',
    task: 'regression',
    needs: 'cases with targets: --data',
    measure: ({ regression }) => regression?.ngspice?.rmse,
  },
  minimumCorrelation: {
    what: 'correlation R in ngspice',
    sense: 'at least',
    task: 'regression',
    needs: 'cases with targets: --data',
    measure: ({ regression }) => regression?.ngspice?.r,
  },
  maximumMeanRmse: {
    what: 'mean error under variation, in units of the target',
    sense: 'at most',
    task: 'regression',
    needs: '--monte-carlo',
    measure: ({ regression }) => regression?.monteCarlo?.mean,
  },
  minimumYield: {
    what: 'yield (lower end of its 95 % interval)',
    sense: 'at least',
    needs: '--monte-carlo',
    measure: ({ monteCarlo, regression }) => (monteCarlo ?? regression?.monteCarlo)?.yieldInterval[0],
  },
  minimumMeanAccuracy: {
    what: 'mean accuracy under variation',
    sense: 'at least',
    task: 'classification',
    needs: '--monte-carlo',
    measure: ({ monteCarlo }) => monteCarlo?.meanAccuracy,
  },
  minimumModelAgreement: {
    what: 'decisions in ngspice as the model decides that the network was made from',
    sense: 'at least',
    task: 'classification',
    needs: 'a network that import made, and the table that it was made with',
    measure: ({ modelAgreement }) => modelAgreement?.ngspice,
  },
  minimumMeanModelAgreement: {
    what: 'decisions of printed copies as the model decides that the network was made from, on average',
    sense: 'at least',
    task: 'classification',
    needs: 'a network that import made, the table that it was made with, and --monte-carlo',
    measure: ({ modelAgreement }) => modelAgreement?.copies?.mean,
  },
  minimumMarginVolts: {
    what: 'margin at the 5th percentile, V',
    sense: 'at least',
    task: 'classification',
    measure: ({ marginVolts }) => marginVolts?.p5,
  },
  minimumSupplyTolerance: {
    what: 'supply tolerance',
    sense: 'at least',
    needs: '--corners',
    measure: ({ corners }) => toleranceOf(corners, 'supply'),
  },
  minimumDriftTolerance: {
    what: 'common drift of resistances',
    sense: 'at least',
    needs: '--corners',
    measure: ({ corners }) => toleranceOf(corners, 'resistance'),
  },
  minimumThresholdToleranceVolts: {
    what: 'threshold shift, V',
    sense: 'at least',
    needs: '--corners',
    measure: ({ corners }) => toleranceOf(corners, 'threshold'),
  },
  minimumWorstCornerAccuracy: {
    what: 'accuracy at the worst corner',
    sense: 'at least',
    needs: '--blame',
    measure: ({ blame }) => blame?.worstCorner.accuracy,
  },
  minimumFaultCoverage: {
    what: 'share of the single faults that the test patterns reveal',
    sense: 'at least',
    needs: 'test-patterns, run on this folder before',
    measure: ({ faults }) => faults?.coverage,
  },
  minimumAccuracyUnderAnySingleFault: {
    what: 'accuracy under the worst single fault',
    sense: 'at least',
    task: 'classification',
    needs: 'fault-tolerance, run on this folder before',
    measure: ({ faults }) => faults?.leastAccuracy,
  },
  minimumMeanAccuracyUnderSingleFaults: {
    what: 'accuracy under a single fault, mean over all faults',
    sense: 'at least',
    task: 'classification',
    needs: 'fault-tolerance, run on this folder before',
    measure: ({ faults }) => faults?.meanAccuracy,
  },
  maximumPowerWatts: {
    what: 'power in ngspice, W',
    sense: 'at most',
    measure: ({ simulatedWatts, watts }) => simulatedWatts ?? watts,
  },
  maximumCopyPowerWatts: {
    what: 'power of printed copies in ngspice at the 95th percentile, W',
    sense: 'at most',
    needs: '--monte-carlo',
    measure: ({ monteCarlo, regression }) => (monteCarlo ?? regression?.monteCarlo)?.power?.p95Watts,
  },
  maximumPrintedSquareMetres: {
    what: 'printed area of channels and resistors, m²',
    sense: 'at most',
    measure: ({ printedSquareMetres }) => printedSquareMetres,
  },
  maximumInverters: { what: 'falling stages', sense: 'at most', measure: ({ inverters }) => inverters },
  maximumAreaSquareMetres: {
    what: 'area of the transistor channels, m²',
    sense: 'at most',
    measure: ({ areaSquareMetres }) => areaSquareMetres,
  },
  maximumErrorVolts: {
    what: 'difference from what was promised, V',
    sense: 'at most',
    measure: ({ maxErrorVolts }) => maxErrorVolts,
  },
  maximumSettlingSeconds: {
    what: 'settling time to 1 %, s',
    sense: 'at most',
    needs: '--node-farads, or nodeFarads in the technology',
    measure: ({ stability }) => stability?.settlingSeconds,
    isAssumed: ({ stability }) => stability?.assumed === true,
  },
};

/** From which accuracy, or up to which error, a printed copy is good: no lines of their own, they say what `minimumYield` counts. */
const YIELD_LIMITS: Readonly<Record<string, Task['kind']>> = {
  yieldAccuracy: 'classification',
  yieldRmse: 'regression',
};

/** No limits of their own either: with them a netlist from elsewhere is compared with its table. */
const TOLERANCES = ['toleranceAbsolute', 'toleranceRelative'];

/** A specification as it was read: limits with the lines that they stand in. */
export interface Specification {
  readonly file: string;
  readonly limits: readonly { readonly name: string; readonly line: number; readonly limit: number }[];
  readonly yieldAccuracy: number | undefined;
  readonly yieldRmse: number | undefined;
  /** What voltages and currents of a netlist from elsewhere may be off; see `Tolerance` of its map. */
  readonly tolerance: { readonly absolute: number | undefined; readonly relative: number | undefined };
}

/** Of the classes that have rows. */
function leastRecall({ classes }: NonNullable<VerificationReport['byClass']>): number {
  return Math.min(...classes.flatMap(({ ngspice }) => (ngspice === null ? [] : [ngspice])));
}

/** How far from nominal a corner holds, to the nearer side; the end of the sweep where it never fails. */
function toleranceOf(corners: Facts['corners'], factor: string): number | undefined {
  const corner = corners?.find((c) => c.factor === factor);
  if (corner === undefined) return undefined;
  const { below, above } = corner.fails;
  const values = corner.points.map(({ value }) => value);
  return Math.min(Math.abs(below ?? Math.min(...values)), Math.abs(above ?? Math.max(...values)));
}

/** Reads a specification. Throws InputFileError with the line for what is no YAML, no known name or no number. */
export function readSpecification(file: string): Specification {
  const lines = new LineCounter();
  const text = readTextFile(file);
  const document = parseDocument(text, { lineCounter: lines, schema: 'core', uniqueKeys: true });
  const lineOf = (offset: number): number => lines.linePos(offset).line;
  const [error] = document.errors;
  if (error !== undefined)
    throw new InputFileError({ file, row: lineOf(error.pos[0]) }, `is not YAML: ${error.message.split('\n')[0]}`);
  const root = document.contents;
  if (!isMap(root))
    throw new InputFileError({ file }, 'holds no names and limits', 'Write lines like minimumAccuracy: 0.9.');
  const entries = root.items.map(({ key, value }) => {
    const name = isScalar(key) ? String(key.value) : '';
    const row = isScalar(key) && key.range ? lineOf(key.range[0]) : 1;
    if (!Object.hasOwn(LINES, name) && !Object.hasOwn(YIELD_LIMITS, name) && !TOLERANCES.includes(name)) {
      const known = [...Object.keys(LINES), ...Object.keys(YIELD_LIMITS), ...TOLERANCES].join(', ');
      throw new InputFileError({ file, row }, `there is no limit "${name}"`, `There are: ${known}.`);
    }
    const limit = isScalar(value) ? value.value : undefined;
    if (typeof limit !== 'number' || !Number.isFinite(limit) || limit < 0)
      throw new InputFileError({ file, row }, `${name} must be a number of 0 or more`);
    return { name, line: row, limit };
  });
  return {
    file,
    limits: entries.filter(({ name }) => Object.hasOwn(LINES, name)),
    yieldAccuracy: entries.find(({ name }) => name === 'yieldAccuracy')?.limit,
    yieldRmse: entries.find(({ name }) => name === 'yieldRmse')?.limit,
    tolerance: {
      absolute: entries.find(({ name }) => name === 'toleranceAbsolute')?.limit,
      relative: entries.find(({ name }) => name === 'toleranceRelative')?.limit,
    },
  };
}

/** Throws InputFileError, with the line, for a limit that a circuit for this task does not have. */
export function checkSpecificationFits(specification: Specification, task: Task['kind']): void {
  const { file, limits, yieldAccuracy, yieldRmse } = specification;
  for (const { name, line } of limits) {
    const wanted = LINES[name]!.task;
    if (wanted !== undefined && wanted !== task)
      throw new InputFileError({ file, row: line }, `${name} is for ${wanted}, and the circuit is for ${task}`);
  }
  const name =
    task === 'regression' ? yieldAccuracy !== undefined && 'yieldAccuracy' : yieldRmse !== undefined && 'yieldRmse';
  if (name !== false)
    throw new InputFileError({ file }, `${name} is for ${YIELD_LIMITS[name]}, and the circuit is for ${task}`);
}

/** The limits that somebody has set himself, beside those that hold anyway; one who says what a good copy is judges the yield himself. */
export function limitsSet(specification: Specification | undefined, isYieldChosen: boolean): ReadonlySet<string> {
  return new Set([
    ...(specification?.limits ?? []).map(({ name }) => name),
    ...(isYieldChosen ? ['minimumYield'] : []),
  ]);
}

/** Whether a specification asks for something that only this option measures. */
export function specificationNeeds(specification: Specification, option: '--corners' | '--blame'): boolean {
  return specification.limits.some(({ name }) => LINES[name]!.needs === option);
}

/** Holds a verification against a specification. What was not measured does not pass. */
export function checkSpecification(specification: Specification, facts: Facts): SpecificationResult {
  const lines = specification.limits.map(({ name, line, limit }) => {
    const { what, sense, needs, measure, isAssumed } = LINES[name]!;
    const measured = measure(facts) ?? null;
    const passes = measured !== null && (sense === 'at least' ? measured >= limit : measured <= limit);
    const message =
      measured === null
        ? `${what}: was not measured: it needs ${needs}`
        : `${what}: ${Number(measured.toPrecision(4))}, and must be ${sense} ${limit}${isAssumed?.(facts) ? ' (rests on assumed numbers)' : ''}`;
    return { name, line, limit, measured, passes, message };
  });
  return { file: basename(specification.file), passes: lines.every(({ passes }) => passes), lines };
}
