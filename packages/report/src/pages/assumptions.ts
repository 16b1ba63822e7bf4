import { type Html, html } from './html.ts';

/** Figures of a report that can rest on numbers nobody has given. */
export type Figure = 'values' | 'area' | 'power' | 'fastModel' | 'accuracy';

/** Which parts of technology.json decide a figure. */
const DECIDED_BY: Readonly<Record<Figure, readonly string[]>> = {
  values: ['crossbar', 'printing', 'cells'],
  area: ['printing', 'cells'],
  power: ['crossbar', 'printing', 'cells', 'transistors', 'supplies'],
  fastModel: ['cells', 'transistors', 'supplies'],
  accuracy: ['crossbar', 'printing', 'cells', 'transistors', 'supplies'],
};

/** Whether a figure rests on one of the assumed numbers, given as paths inside technology.json. */
function restsOnAssumed(figure: Figure, assumed: readonly string[]): boolean {
  return assumed.some((path) => DECIDED_BY[figure].includes(path.split('.')[0]!));
}

/** The mark on such a figure, or nothing; it leads to the list of the assumed numbers. */
export function assumedMark(figure: Figure, assumed: readonly string[]): Html | undefined {
  return restsOnAssumed(figure, assumed)
    ? html`<a class="mark" href="#assumed" title="rests on assumed numbers" aria-label="rests on assumed numbers">†</a>`
    : undefined;
}
