import { formatEngineering, parseEngineering } from '@neuroprint/core/words';
import { css, html, LitElement, nothing } from 'lit';
import { customElement, property, state } from 'lit/decorators.js';
import { live } from 'lit/directives/live.js';
import type { ValueView } from '../session/circuit-view.ts';
import { common } from './style.ts';

const SIGNS = { ohms: 'Ω', metres: 'm' } as const;
const DIGITS = 4;
/** A slider goes from a tenth to ten times the value, in steps of the logarithm. */
const DECADES = 1;
const STEPS = 200;

/** One value of a component, with a slider and a field. Tells `value-moved` and `value-set` with the number, or undefined for the netlist's. */
@customElement('value-editor')
export class ValueEditor extends LitElement {
  @property({ attribute: false }) value!: ValueView;
  /** What is tried in its place. */
  @property({ attribute: false }) tried: number | undefined;
  @state() private refused = '';

  static override readonly styles = [
    common,
    css`
      .row {
        display: grid;
        grid-template-columns: 2.4rem minmax(5rem, 1fr) 6.8rem 2rem;
        gap: 0.5rem;
        align-items: center;
      }
      input[type='text'] {
        inline-size: 100%;
        font-variant-numeric: tabular-nums;
      }
      button {
        padding: 0;
      }
    `,
  ];

  override render() {
    const { parameter, unit, value, component, printable } = this.value;
    const present = this.tried ?? value;
    const name = parameter === 'ohms' ? 'R' : parameter;
    const words = inWords(present, unit);
    const [low, high] = printable;
    const beyond = present < low * (1 - 1e-9) || present > high * (1 + 1e-9);
    return html`
      <div class="row">
        <label for="field">${name}</label>
        <input
          type="range"
          aria-label=${`${component}, from a tenth to ten times its value`}
          aria-valuetext=${words}
          min=${-DECADES * STEPS}
          max=${DECADES * STEPS}
          step="1"
          .value=${live(String(Math.round(STEPS * Math.log10(present / value))))}
          @input=${(event: Event) => this.#slide('value-moved', event)}
          @change=${(event: Event) => this.#slide('value-set', event)}
        />
        <input id="field" type="text" autocomplete="off" spellcheck="false" .value=${live(words)} aria-invalid=${this.refused !== ''} @change=${this.#write} />
        <button
          type="button"
          ?disabled=${this.tried === undefined}
          title=${`Back to ${inWords(value, unit)}`}
          aria-label=${`${name} back to ${inWords(value, unit)}`}
          @click=${() => this.#tell('value-set', undefined)}
        >
          ↺
        </button>
      </div>
      ${this.refused === '' ? nothing : html`<p class="wrong" role="alert">${this.refused}</p>`}
      ${
        beyond
          ? html`<p class="wrong">Cannot be printed: ${inWords(low, unit)} to ${inWords(high, unit)} can.</p>`
          : nothing
      }
    `;
  }

  #slide(kind: 'value-moved' | 'value-set', event: Event): void {
    const steps = Number((event.target as HTMLInputElement).value);
    this.refused = '';
    this.#tell(kind, steps === 0 ? undefined : this.value.value * 10 ** (steps / STEPS));
  }

  #write(event: Event): void {
    const text = (event.target as HTMLInputElement).value;
    const number = parseEngineering(text, SIGNS[this.value.unit]);
    if (number === undefined || !(number > 0 && Number.isFinite(number))) {
      const example = inWords(this.value.value, this.value.unit);
      this.refused = `“${text}” is no ${this.value.unit === 'ohms' ? 'resistance' : 'length'} above 0. Write one as ${example}.`;
      return;
    }
    this.refused = '';
    // what is shown is rounded: written as it was, it is the value itself
    this.#tell('value-set', text.trim() === inWords(this.value.value, this.value.unit) ? undefined : number);
  }

  #tell(kind: 'value-moved' | 'value-set', value: number | undefined): void {
    const detail = { component: this.value.component, value };
    this.dispatchEvent(new CustomEvent(kind, { detail, bubbles: true, composed: true }));
  }
}

export function inWords(value: number, unit: ValueView['unit']): string {
  return formatEngineering(value, SIGNS[unit], DIGITS).replace('\u00a0', ' ');
}
