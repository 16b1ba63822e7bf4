import { html, nothing, svg } from 'lit';
import { customElement, property } from 'lit/decorators.js';
import type { Point, Start } from '../progress.ts';
import { Drawing } from './drawing.ts';
import { bandPath, linear, logarithmic, path } from './scale.ts';

const HEIGHT = 190;
/** Below, a loss is drawn as this. */
const LEAST_LOSS = 1e-6;
const MARGIN = { top: 10, right: 12, bottom: 30, left: 46 };

/** Every start of a training as a line against its epochs; the best one stands out, with the band of its printed copies. */
@customElement('np-curves')
export class Curves extends Drawing {
  @property({ attribute: false }) starts: readonly Start[] = [];
  @property({ attribute: false }) best: Start | undefined;
  /** What is drawn: the losses, or the score of printed copies. */
  @property({ attribute: false }) quantity: 'loss' | 'score' = 'loss';
  /** Written at the ticks: a share as per cent. */
  @property({ attribute: false }) percent = false;
  @property({ attribute: false }) label = '';

  protected override render() {
    const { width } = this;
    if (width === 0) return nothing;
    const isScore = this.quantity === 'score';
    const shown = ({ score, validLoss }: Point) => (isScore ? score : Math.max(LEAST_LOSS, validLoss));
    const values = [
      ...this.starts.flatMap(({ points }) => points.flatMap((point) => shown(point) ?? [])),
      ...(this.best?.points.flatMap(({ band }) => (isScore ? (band ?? []) : [])) ?? []),
    ];
    const epochs = Math.max(20, ...this.starts.map(({ points }) => points.at(-1)?.epoch ?? 0));
    const x = linear([0, epochs], [MARGIN.left, width - MARGIN.right], Math.max(2, width / 110));
    const heights = [HEIGHT - MARGIN.bottom, MARGIN.top] as const;
    // losses fall by powers of ten
    const y = isScore ? linear(domainOf(values, this.percent), heights) : logarithmic(lossDomain(values), heights);
    const format = (value: number) =>
      this.percent
        ? `${(100 * value).toFixed(Math.max(0, y.decimals - 2))} %`
        : String(Number(value.toFixed(y.decimals)));
    const lineOf = ({ points }: Start) =>
      path(
        points.flatMap((point) => {
          const value = shown(point);
          return value === undefined ? [] : [[x(point.epoch), y(value)] as const];
        }),
      );
    const others = this.starts.filter((start) => start !== this.best);
    const { best } = this;
    const end = best?.points.at(-1);
    const endValue = end && shown(end);
    const band = best?.points.flatMap((point) =>
      isScore && point.band !== undefined ? [[x(point.epoch), y(point.band[0]), y(point.band[1])] as const] : [],
    );
    return html`<svg class="plot" width=${width} height=${HEIGHT} role="img" aria-label=${this.label}>
      ${y.ticks.map(
        (
          tick,
        ) => svg`<line class="grid" x1=${MARGIN.left} x2=${width - MARGIN.right} y1=${y(tick)} y2=${y(tick)}></line>
          <text x=${MARGIN.left - 8} y=${y(tick)} dy="0.32em" text-anchor="end">${format(tick)}</text>`,
      )}
      ${x.ticks.map((tick) => svg`<text x=${x(tick)} y=${HEIGHT - 10} text-anchor=${tick === 0 ? 'start' : x(tick) > width - MARGIN.right - 12 ? 'end' : 'middle'}>${tick === 0 ? 'epoch 0' : tick}</text>`)}
      ${others.map((start) => svg`<path class="start" d=${lineOf(start)}></path>`)}
      ${band === undefined || band.length < 2 ? nothing : svg`<path class="band" d=${bandPath(band)}></path>`}
      ${best === undefined ? nothing : svg`<path class="best ${this.quantity}" d=${lineOf(best)}></path>`}
      ${end === undefined || endValue === undefined ? nothing : svg`<circle class="tip ${this.quantity}" cx=${x(end.epoch)} cy=${y(endValue)} r="4"></circle>`}
    </svg>`;
  }
}

function lossDomain(values: readonly number[]): readonly [number, number] {
  const known = values.filter(Number.isFinite);
  return known.length === 0 ? [0.1, 1] : [Math.min(...known) / 1.3, Math.max(...known) * 1.3];
}

/** From the least to the greatest value with some room; shares no further than 1. */
function domainOf(values: readonly number[], percent: boolean): readonly [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) return [0, 1];
  const [least, most] = [Math.min(...known), Math.max(...known)];
  if (percent) return [Math.max(0, Math.floor(10 * least - 0.5) / 10), 1];
  const room = 0.06 * (most - least || Math.abs(most) || 1);
  return [Math.max(0, least - room), most + room];
}
