import { describe, expect, it } from 'vitest';
import { casesPlot } from '../src/plots/cases.ts';
import { frontPlot } from '../src/plots/front.ts';
import { settlingPlot } from '../src/plots/settling.ts';
import { signFlipPlot } from '../src/plots/sign-flip.ts';

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
