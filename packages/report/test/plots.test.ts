import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { casesPlot } from '../src/plots/cases.ts';
import { frontPlot } from '../src/plots/front.ts';
import { settlingPlot } from '../src/plots/settling.ts';
import { signFlipPlot } from '../src/plots/sign-flip.ts';
import { textWidth } from '../src/plots/text-width.ts';

describe('pictures of studies', () => {
  it('show every case with a dot, and every spread it was tested at in the legend', async () => {
    const cases = ['plain', 'aware'].flatMap((title) =>
      ['tested at 5 %', 'tested at 10 %'].map((group) => ({ title, group, mean: 0.9, std: 0.02 })),
    );
    const { svg } = await casesPlot('table', cases);
    for (const text of ['plain', 'aware', 'tested at 5 %', 'tested at 10 %']) expect(svg).toContain(text);
    expect(svg.match(/<path[^>]*fill="#0072B2"/g)!.length).toBeGreaterThanOrEqual(2);
  });

  it('name the choices on the Pareto front and no others', async () => {
    const choices = [
      { label: 'small', cost: 10, mean: 0.8, std: 0.01, onFront: true },
      { label: 'large', cost: 90, mean: 0.9, std: 0.01, onFront: true },
      { label: 'wasteful', cost: 95, mean: 0.7, std: 0.01, onFront: false },
    ];
    const { svg } = await frontPlot({ name: 'sweep', title: 'Iris', costTitle: 'static power, µW', choices });
    expect(svg).toContain('small');
    expect(svg).toContain('large');
    expect(svg.replace(/aria-label="[^"]*"/, '')).not.toContain('wasteful');
    expect(svg).toContain('static power, µW');
  });

  it('place the names of a front over no dot, spread, line or other name, however many choices there are', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.tuple(fc.double({ min: 1, max: 99, noNaN: true }), fc.double({ min: 0.5, max: 0.99, noNaN: true })),
          {
            minLength: 1,
            maxLength: 14,
          },
        ),
        async (pairs) => {
          const choices = pairs.map(([cost, mean], k) => ({
            label: `${k}; power 0.${k}`,
            cost,
            mean,
            std: 0.02,
            onFront: k % 2 === 0,
          }));
          const { svg } = await frontPlot({ name: 'front', title: 'Iris', costTitle: 'power', choices });
          const boxes = [
            ...svg.matchAll(/<text[^>]*translate\(([-\d.]+),([-\d.]+)\)[^>]*>(\d+; power [\d.]+)<\/text>/g),
          ].map(([, x, y, text]) => ({ x: Number(x), y: Number(y), width: textWidth({ fontSize: 10 }, text) }));
          expect(boxes).toHaveLength(Math.ceil(pairs.length / 2));
          const dots = [
            ...svg.matchAll(/<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="[^"]*" fill="#(?:D55E00|0072B2)"/g),
          ].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
          expect(dots.length).toBeGreaterThanOrEqual(pairs.length);
          // a text stands on its line, which is 3 pixels below its middle
          for (const { x, y, width } of boxes) {
            for (const dot of dots)
              expect(dot.x > x - 4 && dot.x < x + width + 4 && Math.abs(dot.y - (y - 3)) < 9).toBe(false);
            for (const other of boxes)
              if (other.y !== y || other.x !== x)
                expect(other.x < x + width && x < other.x + other.width && Math.abs(other.y - y) < 10).toBe(false);
          }
        },
      ),
      { numRuns: 40, seed: 7 },
    );
  });

  it('draw the loss and the sums of conductances of every training', async () => {
    const history = (title: string) => ({ title, loss: [1, 0.1, 0.01], totals: [Float64Array.of(-1, 1, 9)], flips: 1 });
    const { svg } = await signFlipPlot('flips', [history('without the penalty'), history('λ = 0.1')]);
    expect(svg.match(/Σg of the outputs, sign changes: 1/g)).toHaveLength(2);
    expect(svg).toContain('Loss, λ = 0.1');
  });

  it('tell circuits that settle from those that do not by filled and hollow dots', async () => {
    const { svg } = await settlingPlot('stability', [
      { variant: 'npML', leastShare: 0.5, largestRealPart: -1e5, settles: true },
      { variant: 'spML', leastShare: -0.5, largestRealPart: 1e7, settles: false },
    ]);
    expect(svg).toContain('1 of 2 circuits settle');
    expect(svg).toMatch(/layer_1_marks"><path[^>]*fill="#0072B2"/);
    expect(svg).toMatch(/layer_2_marks"><path[^>]*(?<!fill="#D55E00") stroke="#D55E00"/);
  });
});
