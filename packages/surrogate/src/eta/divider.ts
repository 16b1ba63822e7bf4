import type { Divider } from '../port/port-structure.ts';

/** A divider's volts per row, what it burns, and their derivatives; ω by ln ω. */
export interface DividerRows {
  readonly volts: Float64Array;
  readonly byInput: Float64Array;
  /** [rows × parameters] */
  readonly byLog: Float64Array;
  /** 1/Σ g, what a current out of it meets; 0 where the volts are given. */
  readonly ohms: Float64Array;
  readonly ohmsByLog: Float64Array;
  /** Σ g·(v − V)², nothing drawn from it. */
  readonly watts: Float64Array;
  readonly wattsByInput: Float64Array;
  readonly wattsByLog: Float64Array;
}

/** v = Σ g_k·V_k / Σ g_k of every row; `logs` [rows × names] in ln ohms. */
export function dividerRows(
  { terminal, branches }: Divider,
  names: readonly string[],
  logs: Float64Array,
  inputVolts: Float64Array,
): DividerRows {
  const rows = inputVolts.length;
  const width = names.length;
  const result = {
    volts: new Float64Array(rows),
    byInput: new Float64Array(rows),
    byLog: new Float64Array(rows * width),
    ohms: new Float64Array(rows),
    ohmsByLog: new Float64Array(rows * width),
    watts: new Float64Array(rows),
    wattsByInput: new Float64Array(rows),
    wattsByLog: new Float64Array(rows * width),
  };
  if (terminal !== undefined) {
    if (terminal === 'in') result.byInput.fill(1);
    return { ...result, volts: terminal === 'in' ? inputVolts.slice() : result.volts.fill(terminal) };
  }
  const places = branches.map(({ ohms }) => names.indexOf(ohms));
  for (let row = 0; row < rows; row += 1) {
    const siemens = places.map((place) => Math.exp(-logs[row * width + place]!));
    const ends = branches.map(({ terminal: end }) => (end === 'in' ? inputVolts[row]! : end));
    const total = siemens.reduce((sum, g) => sum + g, 0);
    const volts = siemens.reduce((sum, g, k) => sum + g * ends[k]!, 0) / total;
    result.volts[row] = volts;
    result.ohms[row] = 1 / total;
    branches.forEach((branch, k) => {
      const g = siemens[k]!;
      const over = volts - ends[k]!;
      const at = row * width + places[k]!;
      result.byLog[at] = (g * over) / total;
      result.ohmsByLog[at] = g / total / total;
      // v is where the watts are least, so only g itself and V count
      result.watts[row]! += g * over * over;
      result.wattsByLog[at] = -g * over * over;
      if (branch.terminal !== 'in') return;
      result.byInput[row]! += g / total;
      result.wattsByInput[row]! -= 2 * g * over;
    });
  }
  return result;
}
