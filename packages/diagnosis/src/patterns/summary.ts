import type { Fault } from '../faults/fault.ts';
import type { Found } from './judge.ts';
import type { FaultFinding, PatternRequest } from './search.ts';
import type { TestPatterns } from './test-patterns.ts';

/** What can be found by voltages at all: what does nothing to them, or nothing that a meter sees, cannot. */
const UNDETECTABLE: ReadonlySet<string> = new Set([
  'between driven nodes',
  'no path to what is measured',
  'masked by a saturated stage',
]);

/** How much one test finds. */
interface Coverage {
  readonly found: number;
  readonly coverage: number;
  readonly coverageOfDetectable: number;
  readonly falseAlarms: number;
  readonly goodCopies: number;
  readonly goodCopiesOutside: number;
}

/** What test-patterns.json says, in plain lists. */
export function summaryOf(
  request: PatternRequest,
  tested: Omit<TestPatterns, 'summary' | 'isFound' | 'isCalledBroken'>,
) {
  const { faults, flat, observed } = request;
  const { patterns, expected, limits, fit, findings, groups } = tested;
  const inputs = flat.inputs.length;
  const width = observed.length;
  const detectable = findings.filter(({ missed }) => !UNDETECTABLE.has(missed?.reason ?? '')).length;
  const coverageBy = (
    of: (finding: FaultFinding) => Found | undefined,
    falseAlarms: number,
    set: { readonly copies: number; readonly outside: number },
  ): Coverage => {
    const found = findings.filter((finding) => of(finding)?.isFound).length;
    return {
      found,
      coverage: found / Math.max(1, faults.length),
      coverageOfDetectable: found / Math.max(1, detectable),
      falseAlarms,
      goodCopies: set.copies,
      goodCopiesOutside: set.outside,
    };
  };
  const byLimits = coverageBy(({ limits: own }) => own, request.falseAlarms * (fit === undefined ? 1 : 0.5), limits);
  const byFit = fit && coverageBy(({ fit: own }) => own, request.falseAlarms, fit);
  const row = (of: Float64Array, at: number, length: number): number[] => [
    ...of.subarray(at * length, (at + 1) * length),
  ];
  return {
    patterns: Array.from({ length: patterns.rows }, (_, p) => ({
      inputVolts: row(patterns.inputVolts, p, inputs),
      expectedVolts: row(expected, p, width),
      lowVolts: row(limits.low, p, width),
      highVolts: row(limits.high, p, width),
    })),
    faults: findings.map((finding, f) => ({ ...nameOf(faults[f]!), ...plain(finding) })),
    groups: groups.length,
    detectable,
    limits: byLimits,
    ...(byFit === undefined ? {} : { fit: { ...byFit, mostChiSquare: fit!.most } }),
    coverage: (byFit ?? byLimits).coverage,
  };
}

function nameOf({ name, kind, components, nodes }: Fault) {
  return { name, kind, components: [...components], nodes: [...nodes] };
}

function plain({ group, mostVolts, limits, fit, missed }: FaultFinding) {
  return {
    group,
    mostVolts: mostVolts ?? null,
    limits: { ...limits },
    ...(fit === undefined ? {} : { fit: { ...fit } }),
    ...(missed === undefined ? {} : { reason: missed.reason, ...(missed.stages && { stages: [...missed.stages] }) }),
  };
}
