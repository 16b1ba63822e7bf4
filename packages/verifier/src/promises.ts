import {
  type Budget,
  formatEngineering,
  formatPercent,
  formatUnits,
  type Promises,
  type VerificationReport,
} from '@neuroprint/core';

/** What a circuit may lose against its network where nobody has said it; measured losses are in docs/manual/verification.md. */
const LIMITS = {
  minimumDecisionsKept: 0.85,
  maximumAccuracyLost: 0.05,
  maximumRmseRatio: 1.5,
  minimumYield: 0.5,
} as const;

/** So many rows are no alarm: of 30 rows one is 3.3 points, and chance. */
const ROWS = 2;
const ROUNDING = 1e-9;

/** A circuit beside its network, on the same cases; a compiled circuit that is not simulated yet has the exact solver's figures. */
export interface Kept {
  readonly cases: number;
  readonly decisionAgreement?: number | null | undefined;
  readonly accuracy: Pick<VerificationReport['accuracy'], 'network' | 'ngspice'>;
  readonly regression?:
    | Pick<NonNullable<VerificationReport['regression']>, 'network' | 'ngspice' | 'monteCarlo'>
    | undefined;
  readonly monteCarlo?: VerificationReport['monteCarlo'] | undefined;
  /** Of a network with a budget, and what its circuit takes. */
  readonly budget?: Budget | undefined;
  readonly taken?: TakenByCircuit | undefined;
}

/** `copyWatts`: what 95 % of the printed copies keep to; undefined where it was not measured. */
interface TakenByCircuit {
  readonly watts: number;
  readonly copyWatts?: number | undefined;
  readonly printedSquareMetres: number;
  readonly inverters: number;
}

/** The accuracy from which a copy counts as good where none is named: what the network may lose, and no more. */
export function defaultYieldAccuracy(network: number): number {
  return Math.max(0, network - LIMITS.maximumAccuracyLost);
}

/** In regression: the root mean square error up to which it does. */
export function defaultYieldRmse(network: number): number {
  return LIMITS.maximumRmseRatio * network;
}

/** Accuracy of the network less that of the circuit; undefined where there are no labels. */
export function accuracyLost({ accuracy: { network, ngspice } }: Pick<Kept, 'accuracy'>): number | undefined {
  return network === null || ngspice === null ? undefined : network - ngspice;
}

/** Error of the circuit over that of the network; undefined where there are no targets. */
export function rmseRatio({ regression }: Pick<Kept, 'regression'>): number | undefined {
  const { network, ngspice } = regression ?? {};
  return network && ngspice ? ngspice.rmse / network.rmse : undefined;
}

/**
 * Whether a circuit does what its network promised: decisions kept, accuracy or error beside the network's, and most of the printed copies
 * within the same limits. `named` are limits that somebody has set himself, by their names in a specification; they are judged there.
 * What was not measured has no line.
 */
export function promises(facts: Kept, named: ReadonlySet<string> = new Set()): Promises {
  const lines = [decisionsLine(facts), accuracyLine(facts), errorLine(facts), yieldLine(facts), ...budgetLines(facts)]
    .filter((line) => line !== undefined)
    .filter(({ name }) => !named.has(name));
  return { kept: lines.every(({ kept }) => kept), lines };
}

type Line = Promises['lines'][number];

function decisionsLine({ decisionAgreement, cases }: Kept): Line | undefined {
  if (decisionAgreement === null || decisionAgreement === undefined) return undefined;
  const name = 'minimumDecisionsKept';
  const limit = Math.max(0, Math.min(LIMITS[name], 1 - ROWS / cases));
  const message = `${formatPercent(decisionAgreement)} of the decisions are those of the network, and at least ${formatPercent(limit)} must be`;
  return { name, limit, measured: decisionAgreement, kept: decisionAgreement >= limit - ROUNDING, message };
}

function accuracyLine(facts: Kept): Line | undefined {
  const measured = accuracyLost(facts);
  if (measured === undefined) return undefined;
  const name = 'maximumAccuracyLost';
  const limit = Math.min(1, Math.max(LIMITS[name], ROWS / facts.cases));
  const { network, ngspice } = facts.accuracy;
  const message = `the network has an accuracy of ${formatPercent(network)} and the circuit ${formatPercent(ngspice)}, and at most ${Number((100 * limit).toFixed(1))} points may be lost`;
  return { name, limit, measured, kept: measured <= limit + ROUNDING, message };
}

function errorLine(facts: Kept): Line | undefined {
  const measured = rmseRatio(facts);
  if (measured === undefined) return undefined;
  const name = 'maximumRmseRatio';
  const limit = LIMITS[name];
  const { network, ngspice } = facts.regression!;
  const message = `the network has an RMSE of ${formatUnits(network!.rmse)} and the circuit ${formatUnits(ngspice!.rmse)}, ${measured.toFixed(2)} times as much, and at most ${limit} times may be`;
  return { name, limit, measured, kept: measured <= limit, message };
}

/** A line for every limit of a budget, of power one for the circuit and one for its copies. */
function budgetLines({ budget, taken }: Kept): (Line | undefined)[] {
  if (budget === undefined || taken === undefined) return [];
  const line = (
    name: string,
    limit: number | undefined,
    measured: number | undefined,
    inWords: (value: number) => string,
    what: string,
  ): Line | undefined => {
    if (limit === undefined || measured === undefined) return undefined;
    const message = `${what} ${inWords(measured)}, and at most ${inWords(limit)} may be`;
    return { name, limit, measured, kept: measured <= limit * (1 + ROUNDING), message };
  };
  const area = (squareMetres: number) => `${Number((1e6 * squareMetres).toPrecision(4))} mm²`;
  const { maximumPowerWatts, maximumPrintedSquareMetres, maximumInverters } = budget;
  const { watts, copyWatts, printedSquareMetres, inverters } = taken;
  return [
    line('maximumPowerWatts', maximumPowerWatts, watts, exactWatts, 'the circuit takes'),
    line('maximumCopyPowerWatts', maximumPowerWatts, copyWatts, exactWatts, '95 % of the printed copies take up to'),
    line('maximumPrintedSquareMetres', maximumPrintedSquareMetres, printedSquareMetres, area, 'its parts take'),
    line('maximumInverters', maximumInverters, inverters, String, 'its falling stages are'),
  ];
}

/** With four digits, so that what is just beyond its limit does not read like it. */
function exactWatts(watts: number): string {
  return formatEngineering(watts, 'W', 4).replace('\u00a0', ' ');
}

/** Few copies say little: the alarm needs an interval that lies below the limit. */
function yieldLine({ monteCarlo, regression }: Kept): Line | undefined {
  const copies = monteCarlo ?? regression?.monteCarlo;
  if (copies === undefined) return undefined;
  const name = 'minimumYield';
  const limit = LIMITS[name];
  const good =
    'yieldAccuracy' in copies
      ? `reach ${formatPercent(copies.yieldAccuracy)}, ${Number((100 * LIMITS.maximumAccuracyLost).toFixed(1))} points below the network`
      : `have an RMSE of ${formatUnits(copies.yieldRmse)} or less, ${LIMITS.maximumRmseRatio} times the network’s`;
  const message = `${formatPercent(copies.yield)} of the printed copies ${good}, and at least ${formatPercent(limit)} must`;
  return { name, limit, measured: copies.yield, kept: copies.yieldInterval[1] >= limit, message };
}
