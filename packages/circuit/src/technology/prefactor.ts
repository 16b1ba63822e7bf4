import { compileLaw } from '../law/evaluate.ts';
import { covarianceRoot } from './covariance.ts';
import { type Cell, type Technology, transistorOf } from './technology.ts';
import { NOMINAL_CELSIUS, type TransistorKind } from './transistor.ts';

/** How the strength of a transistor differs where only its width can say it: ln of a factor of W, normal. */
export interface WidthSpread {
  /** Place of the kind among the technology's: what a sheet has in common is drawn by kind. */
  readonly kind: number;
  readonly deviation: number;
  readonly sheetShare: number;
}

/** Voltages, in units of the technology's supply range, and sizes at which a law is asked whether it is proportional. */
const PLACES = [
  [0.9, 0.7, 0],
  [0.5, 0.9, 0.1],
  [0.2, 0.3, 0],
  [1, 0.1, 0.4],
] as const;
const SAME = 1e-12;

/**
 * Of every parameter of a cell: the spread of a width that stands for a measured prefactor, to which the current is proportional as it is
 * to W. Only its part that goes with no other measured parameter, whose own draws a width cannot say: the deviation under the others
 * at their values. Undefined for all else: no such prefactor, gates or contacts that conduct, a width of two transistors.
 */
export function widthSpreads(technology: Technology, cell: Cell): (WidthSpread | undefined)[] {
  const kinds = Object.keys(technology.transistors);
  const span = Math.max(...Object.values(technology.supplies).map(Math.abs), technology.bias.volts);
  return cell.parameters.map(({ name }) => {
    const users = cell.elements.filter((one) => one.kind === 'transistor' && one.width === name);
    const [user] = users;
    if (users.length !== 1 || user?.kind !== 'transistor') return undefined;
    const kind = transistorOf(technology, user);
    const { spread } = kind;
    const at = spread?.parameters.findIndex(
      (parameter, i) => spread.scale[i] === 'log' && isPrefactor(kind, parameter, span),
    );
    if (spread === undefined || at === undefined || at < 0) return undefined;
    return {
      kind: kinds.indexOf(kind.name),
      deviation: deviationAlone(spread.covariance, at),
      sheetShare: spread.sheetShare,
    };
  });
}

/** Standard deviation of entry `at` where the others are known. */
function deviationAlone(covariance: readonly (readonly number[])[], at: number): number {
  const order = [...covariance.keys()].filter((i) => i !== at).concat(at);
  return covarianceRoot(order.map((i) => order.map((j) => covariance[i]![j]!)))!
    .at(-1)!
    .at(-1)!;
}

/** Whether the current is proportional to the parameter and to W alike, so that one stands for the other. */
function isPrefactor(kind: TransistorKind, parameter: string, span: number): boolean {
  const { law, parameters, gateSiemens, contactOhmMetres } = kind;
  if (gateSiemens > 0 || contactOhmMetres > 0) return false;
  const place = law.parameterNames.indexOf(parameter);
  const current = compileLaw(law, []);
  const out = new Float64Array(1);
  return PLACES.every(([vg, vd, vs]) => {
    const at = (width: number, factor: number): number => {
      const values = parameters.with(place, parameters[place]! * factor);
      // a law is written for n-type voltages
      current(span * vg, span * vd, span * vs, width, 3e-5, NOMINAL_CELSIUS, values, out);
      return out[0]!;
    };
    const one = at(1e-4, 1);
    return [1.3, 2].every(
      (f) =>
        Math.abs(at(1e-4, f) - f * one) <= SAME * f * Math.abs(one) &&
        Math.abs(at(f * 1e-4, 1) - f * one) <= SAME * f * Math.abs(one),
    );
  });
}
