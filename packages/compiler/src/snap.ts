import { DesignPolytope, findCell, type Technology } from '@neuroprint/circuit';
import type { Draft, StageRow } from './draft.ts';

/** Moves every value to one that can be printed: resistances on a logarithmic grid, widths and lengths on the layout grid. */
export function snap(draft: Draft, technology: Technology): Draft {
  const { minOhms, maxOhms } = technology.crossbar;
  const { resistanceStep } = technology.printing;
  return {
    layers: draft.layers.map((layer) => ({
      ...layer,
      siemens: layer.siemens.map((siemens) =>
        siemens === 0 ? 0 : Math.sign(siemens) / nearestOhms(1 / Math.abs(siemens), minOhms, maxOhms, resistanceStep),
      ),
      falling: snapStages(layer.falling, technology),
      activation: snapStages(layer.activation, technology),
    })),
  };
}

/** The resistance min·(1 + step)^k next to `ohms`, on a logarithmic scale, that lies in the range. */
export function nearestOhms(ohms: number, min: number, max: number, step: number): number {
  const last = Math.floor(Math.log(max / min) / Math.log1p(step) + 1e-9);
  const k = Math.round(Math.log(ohms / min) / Math.log1p(step));
  return roundDigits(min * (1 + step) ** Math.min(last, Math.max(0, k)));
}

/** A printable value is written with six digits, far finer than it can be printed. */
function roundDigits(value: number): number {
  return Number(value.toPrecision(6));
}

function snapStages(stages: StageRow, technology: Technology): StageRow {
  const cell = findCell(technology, stages.cell);
  const space = new DesignPolytope(cell);
  const { resistanceStep, gridMetres } = technology.printing;
  const snapOne = (values: Float64Array): Float64Array => {
    const choices = cell.parameters.map(({ unit, min, max }, k) => {
      const value = values[k]!;
      const around =
        unit === 'ohms'
          ? [value, value * (1 + resistanceStep), value / (1 + resistanceStep)].map((ohms) =>
              nearestOhms(ohms, min, max, resistanceStep),
            )
          : [Math.round, Math.ceil, Math.floor].map((rounded) => roundDigits(rounded(value / gridMetres) * gridMetres));
      return [...new Set(around.filter((candidate) => candidate >= min && candidate <= max))];
    });
    return nearestInside(values, choices, space);
  };
  return { ...stages, values: stages.values.map(snapOne) };
}

/**
 * Of all combinations of printable neighbours that keep the constraints the one that changes the values least (in log). The
 * first choices are the nearest ones, so this is plain rounding wherever rounding is allowed.
 */
function nearestInside(
  values: Float64Array,
  choices: readonly (readonly number[])[],
  space: DesignPolytope,
): Float64Array {
  const rounded = Float64Array.from(choices, (list) => list[0]!);
  if (space.contains(rounded)) return rounded;
  let best = rounded;
  let bestDistance = Number.POSITIVE_INFINITY;
  const total = choices.reduce((count, list) => count * list.length, 1);
  for (let n = 0; n < total; n += 1) {
    let rest = n;
    let distance = 0;
    const candidate = Float64Array.from(choices, (list, k) => {
      const value = list[rest % list.length]!;
      rest = Math.floor(rest / list.length);
      distance += Math.log(value / values[k]!) ** 2;
      return value;
    });
    if (distance < bestDistance && space.contains(candidate)) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
