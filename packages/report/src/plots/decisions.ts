import { axisTitle, COLOURS, type Plot, renderPlot } from './plot.ts';

/** Classes from which the cells are small, so that the picture still fits a page. */
const MOST_WIDE = 20;

/** Rows of true classes against decisions; a cell holds how many, its shade the share of its row. */
export function confusionPlot(options: {
  readonly name: string;
  readonly decidedBy: string;
  readonly classes: readonly string[];
  readonly labels: ArrayLike<number>;
  readonly decisions: ArrayLike<number>;
}): Promise<Plot> {
  const { name, decidedBy, classes, labels, decisions } = options;
  const counts = classes.map(() => classes.map(() => 0));
  for (let i = 0; i < labels.length; i += 1) counts[labels[i]!]![decisions[i]!]! += 1;
  const values = counts.flatMap((row, truth) => {
    const total = Math.max(
      1,
      row.reduce((sum, count) => sum + count, 0),
    );
    return row.map((count, decided) => ({
      truth: classes[truth]!,
      decided: classes[decided]!,
      count,
      share: count / total,
      text: count > 0 ? String(count) : classes.length <= MOST_WIDE ? '·' : '',
    }));
  });
  const right = counts.reduce((sum, row, c) => sum + row[c]!, 0);
  const axis = { domain: false, ticks: false, labelLimit: 110 };
  const step = classes.length <= 6 ? 46 : classes.length <= MOST_WIDE ? 30 : 17;
  const fontSize = classes.length <= MOST_WIDE ? 13 : 9;
  const x = {
    field: 'decided',
    type: 'nominal',
    sort: null,
    title: `decided by ${decidedBy} (class)`,
    axis: { ...axis, labelAngle: -35 },
  };
  const y = { field: 'truth', type: 'nominal', sort: null, title: 'true class', axis };
  return renderPlot({
    name,
    description: `Confusion matrix of ${decidedBy}: ${right} of ${labels.length} rows decided rightly.`,
    spec: {
      width: { step },
      height: { step },
      data: { values },
      layer: [
        {
          mark: { type: 'rect', stroke: 'white', strokeWidth: 2, cornerRadius: 3 },
          encoding: {
            x,
            y,
            color: {
              field: 'share',
              type: 'quantitative',
              scale: { domain: [0, 1], range: [COLOURS.wash, COLOURS.blue], interpolate: 'rgb' },
              legend: null,
            },
          },
        },
        {
          mark: { type: 'text', fontSize },
          encoding: {
            x,
            y,
            text: { field: 'text' },
            color: { condition: { test: 'datum.share > 0.55', value: 'white' }, value: COLOURS.ink },
          },
        },
      ],
    },
  });
}

const MARGIN_BINS = 20;

/** How far the first output is above the second, in millivolts, rows decided rightly and wrongly. */
export function marginPlot(marginVolts: ArrayLike<number>, right: readonly boolean[] | undefined): Promise<Plot> {
  const largest = Array.from(marginVolts).reduce((most, volts) => Math.max(most, volts), 1e-9);
  const width = niceStep((largest * 1e3) / MARGIN_BINS);
  const names = right === undefined ? ['rows'] : ['right', 'wrong'];
  const bins = Array.from({ length: Math.floor((largest * 1e3) / width) + 1 }, () => names.map(() => 0));
  Array.from(marginVolts).forEach((volts, i) => {
    bins[Math.floor((volts * 1e3) / width)]![right === undefined || right[i] ? 0 : 1]! += 1;
  });
  const values = bins.flatMap((counts, bin) =>
    counts.flatMap((count, i) => {
      const low = i === 0 ? 0 : counts[0]!;
      return count === 0
        ? []
        : [{ from: bin * width, to: (bin + 1) * width, low, high: low + count, decision: names[i]! }];
    }),
  );
  return renderPlot({
    name: 'margins',
    description: 'Histogram of the margin between the largest and the second largest output voltage in ngspice.',
    spec: {
      width: 270,
      height: 190,
      data: { values },
      mark: { type: 'rect', stroke: 'white', strokeWidth: 1 },
      encoding: {
        x: {
          field: 'from',
          type: 'quantitative',
          title: axisTitle('margin of the first output over the second', 'mV'),
          scale: { zero: true },
          axis: { tickCount: 6, grid: false },
        },
        x2: { field: 'to' },
        y: {
          field: 'high',
          type: 'quantitative',
          scale: { zero: true },
          title: axisTitle('rows', 'count'),
          axis: { tickCount: 5, format: 'd', tickMinStep: 1 },
        },
        y2: { field: 'low' },
        color: {
          field: 'decision',
          type: 'nominal',
          scale: { domain: names, range: [COLOURS.blue, COLOURS.vermillion] },
          ...(right === undefined ? { legend: null } : {}),
        },
      },
    },
  });
}

/** The least of 1, 2, 5 times a power of ten that is not below `size`. */
function niceStep(size: number): number {
  const power = 10 ** Math.floor(Math.log10(size));
  return ([1, 2, 5].find((factor) => factor * power >= size * 0.999) ?? 10) * power;
}
