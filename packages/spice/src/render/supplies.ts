import type { Technology } from '@neuroprint/circuit';
import { checkNode, formatNumber } from './templates.ts';

/** A stage's output may pass its supplies by rounding only, by this share of the bias. */
const RAIL_SLACK = 1e-6;

/** The range that no output may leave: ground and all supplies, those of op-amps too. */
export function railsOf(technology: Technology): { readonly low: number; readonly high: number } {
  const { opamp } = technology;
  const volts = [
    0,
    ...Object.values(technology.supplies),
    ...(opamp === undefined ? [] : [opamp.lowVolts, opamp.highVolts]),
  ];
  const slack = RAIL_SLACK * technology.bias.volts;
  return { low: Math.min(...volts) - slack, high: Math.max(...volts) + slack };
}

/** One ideal source `v_<supply>` for every supply node. */
export function supplySources(technology: Technology): string[] {
  return Object.entries(technology.supplies).map(
    ([node, volts]) => `v_${checkNode(node)} ${node} 0 ${formatNumber(volts)}`,
  );
}

/** Supplies that rise from 0 V at row 0 to their voltage at row `rows`, and stay there. */
export function rampedSources(technology: Technology, rows: number): string[] {
  return Object.entries(technology.supplies).map(
    ([node, volts]) =>
      `b_${checkNode(node)} ${node} 0 v=pwl(v(_row), 0,0, ${rows},${formatNumber(volts)}, ${rows + 1},${formatNumber(volts)})`,
  );
}
