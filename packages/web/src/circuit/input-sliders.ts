import { formatEngineering } from '@neuroprint/core/words';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { InputView, SolvedRow } from '../session/circuit-view.ts';
import { common } from './style.ts';

const STEPS = 500;

/** A slider for each input, in the table's own units. Tells `values-moved` while one moves and `values-set` once it is let go. */
@customElement('input-sliders')
export class InputSliders extends LitElement {
  @property({ attribute: false }) inputs: readonly InputView[] = [];
  @property({ attribute: false }) values: readonly number[] = [];
  @property({ attribute: false }) row: SolvedRow | undefined;

  static override readonly styles = [
    common,
    css`
      .input {
        display: grid;
        grid-template-columns: 1fr max-content;
        column-gap: 0.6rem;
        margin-block-end: 0.35rem;
      }
      .input input {
        grid-column: 1 / -1;
      }
      label {
        overflow-wrap: anywhere;
      }
      output {
        font-variant-numeric: tabular-nums;
      }
    `,
  ];

  override render() {
    return this.inputs.map((input, k) => {
      const { name, minimum, maximum } = input;
      const words = this.row?.inputWords[k] ?? '';
      const volts = this.row?.inputVolts[k];
      return html`<div class="input">
        <label for=${`input-${k}`}>${name}</label>
        <output for=${`input-${k}`}
          >${words}${volts === undefined ? nothing : html` <span class="quiet">${formatEngineering(volts, 'V')}</span>`}</output
        >
        <input
          id=${`input-${k}`}
          type="range"
          min=${Math.min(minimum, maximum)}
          max=${Math.max(minimum, maximum)}
          step=${Math.abs(maximum - minimum) / STEPS}
          aria-valuetext=${words}
          .value=${live(String(this.values[k] ?? minimum))}
          @input=${(event: Event) => this.#tell('values-moved', k, event)}
          @change=${(event: Event) => this.#tell('values-set', k, event)}
        />
      </div>`;
    });
  }

  #tell(kind: 'values-moved' | 'values-set', k: number, event: Event): void {
    const values = this.values.with(k, Number((event.target as HTMLInputElement).value));
    this.dispatchEvent(new CustomEvent(kind, { detail: values }));
  }
}
