import { html, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import { Drawing } from './drawing.ts';
import { linear } from './scale.ts';

const HEIGHT = 200;
const MARGIN = { top: 26, right: 12, bottom: 44, left: 40 };

/** Printed copies by their accuracy or error, with the line that parts good copies from others. */
@customElement('np-copies')
export class Copies extends Drawing {
  @property({ attribute: false }) histogram: readonly {
    readonly from: number;
    readonly to: number;
    readonly copies: number;
  }[] = [];
  @property({ attribute: false }) limit = 0;
  @property({ attribute: false }) percent = false;
  /** Below the axis. */
  @property({ attribute: false }) quantity = '';
  @property({ attribute: false }) label = '';

  protected override render() {
    const { width, histogram, limit, percent } = this;
    if (width === 0 || histogram.length === 0) return nothing;
    const ends = [limit, histogram[0]!.from, histogram.at(-1)!.to];
    const x = linear(
      [Math.min(...ends), Math.max(...ends)],
      [MARGIN.left, width - MARGIN.right],
      Math.max(2, width / 100),
    );
    const most = Math.max(1, ...histogram.map(({ copies }) => copies));
    const y = linear([0, most], [HEIGHT - MARGIN.bottom, MARGIN.top], Math.min(4, most));
    const format = (value: number) =>
      percent ? `${(100 * value).toFixed(Math.max(0, x.decimals - 2))} %` : value.toFixed(x.decimals);
    // a copy is good above the limit where shares are counted, below it where errors are
    const isGood = (from: number, to: number) => (percent ? (from + to) / 2 >= limit : (from + to) / 2 <= limit);
    const isRight = x(limit) > (width + MARGIN.left) / 2;
    return html`<svg class="plot" width=${width} height=${HEIGHT} role="img" aria-label=${this.label}>
      ${y.ticks.filter(Number.isInteger).map(
        (
          tick,
        ) => svg`<line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y(tick)} y2=${y(tick)}></line>
          <text x=${MARGIN.left - 8} y=${y(tick)} dy="0.32em" text-anchor="end">${tick}</text>`,
      )}
      ${histogram.map(({ from, to, copies }) =>
        copies === 0
          ? nothing
          : svg`<rect class=${isGood(from, to) ? 'bar' : 'bar poor'} x=${x(from) + 0.5} width=${Math.max(1, x(to) - x(from) - 1)}
              y=${y(copies)} height=${y(0) - y(copies)}></rect>`,
      )}
      ${x.ticks.map((tick) => svg`<text x=${x(tick)} y=${HEIGHT - 26} text-anchor="middle">${format(tick)}</text>`)}
      <line class="limit" x1=${x(limit)} x2=${x(limit)} y1=${MARGIN.top - 8} y2=${HEIGHT - MARGIN.bottom}></line>
      <text class="limit" x=${x(limit) + (isRight ? -6 : 6)} y=${MARGIN.top - 12} text-anchor=${isRight ? 'end' : 'start'}>
        ${percent ? `good from ${format(limit)}` : `good up to ${limit.toFixed(x.decimals + 2)}`}
      </text>
      <text x=${(MARGIN.left + width) / 2} y=${HEIGHT - 6} text-anchor="middle">${this.quantity}</text>
    </svg>`;
  }
}
