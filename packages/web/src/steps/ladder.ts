import { formatUnits } from '@neuroprint/core/words';
import { formatPercent, formatVolts } from '@neuroprint/report/format';
import { html, nothing, svg, type TemplateResult } from 'lit';

/** A rung of the error ladder as it is drawn; `pending` rungs are still to come. */
export interface DrawnRung {
  readonly step: string;
  readonly score: number | undefined;
  readonly copies: { readonly mean: number; readonly std: number } | undefined;
  readonly rmsVolts: number | undefined;
  readonly pending: boolean;
}

/** What each rung is, for those who have not seen one. */
const MEANINGS: Readonly<Record<string, string>> = {
  network: 'as trained, on the fast model',
  'ideal circuit': 'exact stages, none loads another',
  'loaded circuit': 'stages load each other',
  'pruned circuit': 'without what cannot be printed',
  'scaled circuit': 'resistances that can be printed',
  'naive circuit': 'inverters shared',
  'calibrated circuit': 'values tuned on the exact circuit',
  'snapped circuit': 'values on the grid of the printer',
  'as laid out': 'with the metal lines of the layout',
  ngspice: 'the netlist, simulated',
  'ngspice, as laid out': 'the netlist with its lines, simulated',
  'exact, as laid out': 'the netlist with its lines, by the exact solver alone',
};

/** The rungs that a compile goes through, before any is measured. */
export const COMPILE_RUNGS: readonly string[] = [
  'network',
  'ideal circuit',
  'loaded circuit',
  'pruned circuit',
  'scaled circuit',
  'naive circuit',
  'calibrated circuit',
  'snapped circuit',
];

/** From network to circuit: what every step costs, rung by rung. Accuracies are shares; in regression errors in the target's unit. */
export function ladderPart(rungs: readonly DrawnRung[], isRegression: boolean): TemplateResult {
  const ends = rungs.flatMap(({ score, copies }) =>
    [score ?? [], copies ? [copies.mean - copies.std, copies.mean + copies.std] : []].flat(),
  );
  const low = isRegression ? 0 : Math.max(0, Math.floor(10 * Math.min(0.9, ...ends)) / 10);
  const high = isRegression ? 1.05 * Math.max(1e-9, ...ends) : 1;
  const format = (value: number) => (isRegression ? formatUnits(value) : formatPercent(value));
  const at = (value: number) =>
    `${(2 + (96 * (Math.min(high, Math.max(low, value)) - low)) / (high - low)).toFixed(2)}%`;
  return html`<table class="ladder">
    <caption class="spoken">Error ladder: ${isRegression ? 'error' : 'accuracy'} on the test rows, step by step</caption>
    <thead>
      <tr>
        <th scope="col">Step</th>
        <th scope="col" class="strip"><span>${format(low)}</span><span>${format(high)}</span></th>
        <th scope="col" class="number">${isRegression ? 'RMSE' : 'Accuracy'}</th>
        <th scope="col" class="number copies">Copies</th>
        <th scope="col" class="number off">Off by, rms</th>
      </tr>
    </thead>
    <tbody>${rungs.map(
      ({ step, score, copies, rmsVolts, pending }) =>
        html`<tr class=${pending ? 'pending' : 'there'}>
          <th scope="row" class="step-name">${step}<small>${MEANINGS[step] ?? nothing}</small></th>
          <td class="strip" aria-hidden="true"><svg width="100%" height="28">
            <line class="track" x1="2%" x2="98%" y1="50%" y2="50%"></line>
            ${copies === undefined ? nothing : svg`<line class="spread" x1=${at(copies.mean - copies.std)} x2=${at(copies.mean + copies.std)} y1="50%" y2="50%"></line><rect class="copies" x=${at(copies.mean)} y="50%" width="8" height="8"></rect>`}
            ${score === undefined ? nothing : svg`<circle class="nominal" cx=${at(score)} cy="50%" r="5"></circle>`}
          </svg></td>
          <td class="number">${score === undefined ? nothing : format(score)}</td>
          <td class="number copies">${copies === undefined ? nothing : format(copies.mean)}</td>
          <td class="number off">${rmsVolts === undefined ? nothing : formatVolts(rmsVolts)}</td>
        </tr>`,
    )}</tbody>
  </table>`;
}
