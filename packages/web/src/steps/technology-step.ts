import { formatCount, formatNumber, formatRound } from '@neuroprint/report/format';
import { html, nothing, type TemplateResult } from 'lit';
import { customElement } from 'lit/decorators.js';
import type { TechnologyNumber, TechnologyView } from '../session/session.ts';
import { StepElement } from './step.ts';

/** The process that is printed with, and which of its numbers nobody has measured. */
@customElement('np-technology')
export class TechnologyStep extends StepElement {
  protected override render() {
    const { technologies, choices } = this.flow;
    const chosen = technologies.find(({ name }) => name === choices.technology);
    return html`
      <fieldset class="technologies" ?disabled=${this.flow.running !== undefined}>
        <legend class="spoken">Technology</legend>
        ${technologies.map((one) => this.#choice(one, one === chosen))}
      </fieldset>
      ${chosen === undefined ? nothing : numbersOf(chosen)}
    `;
  }

  #choice({ name, description, supplies, hasLayout, canTrain }: TechnologyView, checked: boolean): TemplateResult {
    const volts = Object.values(supplies).map((value) => formatRound(value, 'V'));
    return html`<label class="card">
      <input type="radio" name="technology" value=${name} .checked=${checked} ?disabled=${!canTrain}
        @change=${() => this.flow.choose({ technology: name })} />
      <span class="name">${name}</span>
      <span class="muted">${description}</span>
      <span class="small">
        Supply ${volts.join(' and ')}${hasLayout ? ' · layout is drawn' : ' · no layout'}${canTrain ? '' : ' · no surrogates: not trained here'}
      </span>
    </label>`;
  }
}

/** How many numbers are measured, published and assumed; the assumed ones with why they are so. */
function numbersOf({ name, numbers }: TechnologyView): TemplateResult {
  const of = (kind: TechnologyNumber['kind']) => numbers.filter((number) => number.kind === kind);
  const [measured, published, assumed] = [of('measured'), of('published'), of('assumed')];
  return html`<p class="rests">
      Of the numbers of ${name}, <strong>${measured.length} are measured</strong>,
      <strong>${published.length} published</strong> and <strong class="assumed">${assumed.length} assumed</strong>.
      ${assumed.length === 0 ? nothing : 'Figures below rest on these; that ngspice agrees with the prediction does not.'}
    </p>
    ${assumed.length === 0 ? nothing : list('Assumed', 'Why', assumed)}
    ${list('Measured and published', 'Where from', [...measured, ...published])}`;
}

function list(title: string, where: string, numbers: readonly TechnologyNumber[]): TemplateResult {
  return html`<details>
    <summary>${title}: ${formatCount(numbers.length)}</summary>
    <div class="scroll" role="region" aria-label=${title} tabindex="0">
      <table class="numbers">
        <thead><tr><th scope="col">Number</th><th scope="col" class="number">Value</th><th scope="col">${where}</th></tr></thead>
        <tbody>${numbers.map(
          ({ path, value, unit, text }) =>
            html`<tr><td><code>${path}</code></td>
              <td class="number">${value === undefined ? nothing : html`${formatNumber(value)} ${unit === undefined || unit === '1' ? nothing : unit}`}</td>
              <td>${text}</td></tr>`,
        )}</tbody>
      </table>
    </div>
  </details>`;
}
