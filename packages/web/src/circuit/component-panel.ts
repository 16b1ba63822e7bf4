import { formatEngineering, formatPercent, formatUnits, withMinus } from '@neuroprint/core/words';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { repeat } from 'lit/directives/repeat.js';
import type {
  Changes,
  CircuitView,
  DeviceView,
  FaultView,
  SensitivityView,
  SolvedRow,
  ValueView,
} from '../session/circuit-view.ts';
import type { Answers } from './conversation.ts';
import { scoreInWords } from './score-in-words.ts';
import { common } from './style.ts';
import { inWords } from './value-editor.ts';

/** One component: its values, where it comes from, how the circuit answers to it, and what happens if it fails. */
@customElement('component-panel')
export class ComponentPanel extends LitElement {
  @property({ attribute: false }) circuit: CircuitView | undefined;
  @property({ attribute: false }) device: DeviceView | undefined;
  @property({ attribute: false }) row: SolvedRow | undefined;
  @property({ attribute: false }) changes: Changes = {};
  @property({ attribute: false }) answers: Answers | undefined;

  static override readonly styles = [
    common,
    css`
      value-editor {
        margin-block: 0.35rem;
      }
      h3 code {
        font-size: 1.05em;
      }
    `,
  ];

  override render() {
    const { circuit, device, answers } = this;
    if (circuit === undefined || device === undefined)
      return html`<p class="quiet">Click a part of the drawing, or find one by its name: its value, where it comes from, and what happens if it fails.</p>`;
    return html`
      <div aria-live="polite">
        <h3><code>${device.name}</code></h3>
        <p>${device.origin}</p>
        ${this.#weight(device)}
      </div>
      <p class="quiet">${this.#volts(circuit, device)}</p>
      ${
        device.kind === 'opamp'
          ? html`<p class="quiet">An op-amp is bought, not printed: there is no value to change.</p>`
          : repeat(
              device.values,
              ({ component }) => component,
              (value) => html`<value-editor .value=${value} .tried=${this.changes[value.component]}></value-editor>`,
            )
      }
      ${
        answers === undefined
          ? html`<p class="quiet" role="status">Asking the circuit …</p>`
          : html`${this.#sensitivity(circuit, device.values, answers.sensitivity)} ${this.#faults(circuit, answers.faults)}`
      }
    `;
  }

  #volts({ nodes, inputs }: CircuitView, { nodes: words, nodeNames }: DeviceView): string {
    const { row } = this;
    if (row === undefined) return words;
    const at = nodeNames.flatMap((node) => {
      const unknown = nodes.indexOf(node);
      const input = inputs.findIndex((one) => one.node === node);
      const volts = unknown >= 0 ? row.volts[unknown] : row.inputVolts[input];
      return volts === undefined ? [] : [`${node} ${formatEngineering(volts, 'V')}`];
    });
    return at.length === 0 ? words : `${words}; now ${at.join(', ')}`;
  }

  #weight({ weight }: DeviceView) {
    if (weight === undefined) return nothing;
    return html`<p>
      A weight: ${withMinus(formatPercent(weight.printed))} of its neuron, ${withMinus(formatPercent(weight.trained))} as trained.
    </p>`;
  }

  #sensitivity(circuit: CircuitView, values: readonly ValueView[], views: readonly SensitivityView[]) {
    if (views.length === 0) return nothing;
    const unitOf = new Map(values.map(({ component, unit }) => [component, unit]));
    const margins = views[0]!.margins;
    return html`
      <h4>How the circuit answers to it</h4>
      <div class="scroll" tabindex="0" role="group" aria-label="Sensitivities">
        <table>
          <thead>
            <tr>
              <th scope="col">+1 % of</th>
              ${margins === undefined ? nothing : html`<th scope="col">margins, mean (largest)</th>`}
              ${circuit.target === undefined ? html`<th scope="col">the decision holds</th>` : nothing}
              ${circuit.outputs.map(({ name }) => html`<th scope="col" class="number">${name}</th>`)}
            </tr>
          </thead>
          <tbody>
            ${views.map(
              (view) => html`<tr>
                <th scope="row">${view.component.split('.')[1] ?? 'R'}</th>
                ${
                  view.margins === undefined
                    ? nothing
                    : html`<td>${signedVolts(view.margins.mean)} (${signedVolts(view.margins.largest)})</td>`
                }
                ${
                  circuit.target === undefined
                    ? html`<td>${holdsInWords(view, unitOf.get(view.component) ?? 'ohms')}</td>`
                    : nothing
                }
                ${view.outputVoltsPerPercent.map((volts) => html`<td class="number">${signedVolts(volts)}</td>`)}
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
      <p class="quiet">
        ${margins === undefined ? 'At the inputs as they are.' : `Outputs and decision at the inputs as they are; margins over ${margins.rows} rows.`}
      </p>
    `;
  }

  #faults(circuit: CircuitView, faults: readonly FaultView[]) {
    if (faults.length === 0) return nothing;
    return html`
      <h4>If it fails</h4>
      <div class="scroll" tabindex="0" role="group" aria-label="Faults">
        <table>
          <thead>
            <tr>
              <th scope="col">fault</th>
              <th scope="col">rows of the table</th>
              <th scope="col">now</th>
            </tr>
          </thead>
          <tbody>
            ${faults.map(
              ({ name, score, decision, prediction }) => html`<tr>
                <th scope="row">${name}</th>
                <td class=${isWorse(score.right, circuit.score.right) ? 'wrong' : ''}>
                  ${scoreInWords(score, circuit.score)}
                </td>
                <td class=${decision === this.row?.decision ? '' : 'wrong'}>
                  ${
                    circuit.target === undefined
                      ? (circuit.outputs[decision ?? -1]?.name ?? 'no operating point')
                      : formatUnits(prediction)
                  }
                </td>
              </tr>`,
            )}
          </tbody>
        </table>
      </div>
    `;
  }
}

function isWorse(right: number | undefined, before: number | undefined): boolean {
  return right !== undefined && before !== undefined && right < before;
}

/** Volts below a nanovolt are none. */
function signedVolts(volts: number): string {
  return Math.abs(volts) < 1e-9 ? '0 V' : formatEngineering(volts, 'V', 3);
}

function holdsInWords({ holds: [low, high] }: SensitivityView, unit: ValueView['unit']): string {
  if (low === undefined && high === undefined) return 'at any value';
  if (low === undefined) return `up to ${inWords(high!, unit)}`;
  return high === undefined ? `from ${inWords(low, unit)}` : `${inWords(low, unit)} to ${inWords(high, unit)}`;
}
