import { formatEngineering, formatUnits } from '@neuroprint/core/words';
import { css, html, LitElement, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { CircuitView, SolvedRow } from '../session/circuit-view.ts';
import { common } from './style.ts';

/** The output voltages as bars, and what they decide; `unchanged` is what they are without the changes. */
@customElement('output-bars')
export class OutputBars extends LitElement {
  @property({ attribute: false }) circuit: CircuitView | undefined;
  @property({ attribute: false }) row: SolvedRow | undefined;
  @property({ attribute: false }) unchanged: SolvedRow | undefined;

  static override readonly styles = [
    common,
    css`
      .decision {
        font-size: 1.15rem;
        font-weight: 600;
        margin-block-end: 0.4rem;
      }
      .margin {
        font-weight: normal;
      }
      ul {
        list-style: none;
        margin: 0;
        padding: 0;
        display: grid;
        grid-template-columns: minmax(4rem, max-content) minmax(4rem, 1fr) max-content;
        gap: 0.3rem 0.6rem;
        align-items: center;
      }
      li {
        display: contents;
      }
      .name {
        overflow-wrap: anywhere;
        max-inline-size: 11rem;
      }
      svg {
        display: block;
        inline-size: 100%;
        block-size: 1.1rem;
        border: 1px solid var(--frame);
        border-radius: 0.2rem;
      }
      .bar {
        fill: light-dark(#9fb4c7, #5b7186);
      }
      .decided .bar {
        fill: var(--lit);
      }
      .decided .name {
        font-weight: 600;
      }
      .mark {
        fill: var(--wrong);
      }
      .volts {
        font-variant-numeric: tabular-nums;
        text-align: end;
      }
    `,
  ];

  override render() {
    const { circuit, row, unchanged } = this;
    if (circuit === undefined || row === undefined) return nothing;
    const [low, high] = circuit.outputVolts;
    const margin = 0.05 * (high - low);
    const share = (volts: number): number =>
      Math.min(1, Math.max(0, (volts - low + margin) / (high - low + 2 * margin)));
    return html`
      <p class="decision">
        <span role="status">${decisionOf(circuit, row)}</span>
        ${row.marginVolts === undefined ? nothing : html`<span class="margin">by ${formatEngineering(row.marginVolts, 'V')}</span>`}
      </p>
      <ul aria-label="Output voltages">
        ${circuit.outputs.map(({ name, node }, c) => {
          const volts = row.outputVolts[c]!;
          const was = unchanged?.outputVolts[c];
          return html`<li class=${c === row.decision ? 'decided' : ''}>
            <span class="name" title=${node}>${name}</span>
            <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden="true">
              <rect class="bar" width=${100 * share(volts)} height="1" />
              ${was === undefined ? nothing : svg`<rect class="mark" x=${100 * share(was) - 0.4} width="0.8" height="1" />`}
            </svg>
            <span class="volts">${formatEngineering(volts, 'V')}</span>
          </li>`;
        })}
      </ul>
      ${unchanged === undefined ? nothing : html`<p class="quiet">The red line: without the changes.</p>`}
    `;
  }
}

/** The class, or the target and what it comes to. */
function decisionOf({ target, outputs }: CircuitView, { decision, prediction }: SolvedRow): string {
  if (target !== undefined) return `${target}: ${formatUnits(prediction)}`;
  return decision === undefined ? 'no decision' : outputs[decision]!.name;
}
