import { formatUnits } from '@neuroprint/core/words';
import { formatCount, formatPercent, formatPlural, formatSpread, formatWatts } from '@neuroprint/report/format';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import { facts } from './parts.ts';
import './plots/curves.ts';
import { bestStart } from './progress.ts';
import type { TrainResult } from './results.ts';
import { type Asked, RunStepElement } from './run-step.ts';

/** Training: every start's loss, and how its printed copies do, while it runs. */
@customElement('np-train')
export class TrainStep extends RunStepElement {
  protected readonly step = 'train';
  protected readonly verb = 'Train';
  protected readonly options: readonly Asked[] = [
    {
      name: 'hidden',
      label: 'Hidden neurons',
      placeholder: '3',
      note: '3 do for a few classes; for ten begin with 6 to 12',
    },
    {
      name: 'variation',
      label: 'Variation',
      placeholder: '0.1',
      note: 'Every component of a copy is off by up to this share',
    },
    {
      name: 'maximum-power-watts',
      label: 'Power at most',
      placeholder: 'no limit',
      note: 'With its unit, such as 15uW',
    },
    { name: 'seed', label: 'Seed', placeholder: '0', note: 'The same seed gives the same circuit' },
  ];

  protected words(): string {
    const { training, work } = this.flow.steps.train.progress;
    if (training === undefined)
      return work === undefined ? 'Starting' : [work.note, this.left].filter(Boolean).join(' · ');
    const { restart, restarts, epoch, done, total } = training;
    return [
      `${formatCount(done)} of at most ${formatCount(total)} epochs`,
      `start ${restart + 1} of ${restarts}, epoch ${epoch}`,
      this.left,
    ]
      .filter(Boolean)
      .join(' · ');
  }

  protected result(): TemplateResult | typeof nothing {
    const { progress, outcome, status } = this.flow.steps.train;
    const { starts } = progress;
    const isRegression = this.flow.table?.task === 'regression';
    const best = bestStart(starts, isRegression);
    const last = best?.points.at(-1);
    const result = outcome?.result as TrainResult | undefined;
    return html`
      ${result === undefined ? nothing : trained(result)}
      ${
        starts.length === 0
          ? nothing
          : html`<div class="figures">
              <figure>
                <figcaption><strong>Loss</strong> on the validation rows, one line for each random start</figcaption>
                <np-curves .starts=${starts} .best=${best} .quantity=${'loss'}
                  .label=${`Validation loss of ${formatPlural(starts.length, 'start')}; the best is at ${last?.validLoss.toFixed(3)}.`}></np-curves>
              </figure>
              <figure>
                <figcaption><strong>${isRegression ? 'Error' : 'Accuracy'} of printed copies</strong> on the validation rows${last?.band === undefined ? '' : '; the band is from the worst to the best copy'}</figcaption>
                <np-curves .starts=${starts} .best=${best} .quantity=${'score'} .percent=${!isRegression}
                  .label=${`${isRegression ? 'Error' : 'Accuracy'} of printed copies; the best start is at ${last?.score === undefined ? 'none yet' : isRegression ? formatUnits(last.score) : formatPercent(last.score)}.`}></np-curves>
              </figure>
            </div>`
      }
      ${status === 'running' && starts.length === 0 ? html`<p class="muted">The first epochs are computed.</p>` : nothing}
    `;
  }
}

function trained({ accuracy, rmse, underVariation, cost, epochs }: TrainResult): TemplateResult {
  const copies = underVariation;
  return facts([
    ...(accuracy === undefined
      ? []
      : [
          {
            name: 'Test accuracy',
            value: formatPercent(accuracy.test),
            note: `validation ${formatPercent(accuracy.valid)}, training ${formatPercent(accuracy.train)}`,
          },
        ]),
    ...(rmse === undefined
      ? []
      : [
          {
            name: 'Test error (RMSE)',
            value: formatUnits(rmse.test),
            note: `validation ${formatUnits(rmse.valid)}, training ${formatUnits(rmse.train)}`,
          },
        ]),
    ...(copies === undefined
      ? []
      : [
          {
            name: 'Printed copies',
            value: rmse === undefined ? formatPercent(copies.mean) : formatUnits(copies.mean),
            note: `± ${rmse === undefined ? formatPercent(copies.std) : formatUnits(copies.std)}, ${copies.law ?? formatSpread(copies.relativeSpread)}, ${formatPlural(copies.draws, 'copy', 'copies')}`,
          },
        ]),
    ...(cost === undefined
      ? []
      : [
          {
            name: 'Power, as trained',
            value: formatWatts(cost.watts),
            note: `${formatPlural(cost.resistors, 'resistor')}, ${formatPlural(cost.fallingStages, 'inverter')}`,
          },
        ]),
    { name: 'Epochs', value: formatCount(epochs) },
  ]);
}
