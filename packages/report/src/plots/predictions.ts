import { formatNumber } from '../format.ts';
import { diagonalSpec } from './diagonal.ts';
import { axisTitle, type Plot, renderPlot } from './plot.ts';
import { evenIndices } from './statistics.ts';

/** Rows in a plot at most. */
const DRAWN_ROWS = 1000;

/** Predicted against true targets of a regression network, in units of the target, with the diagonal on which both are the same. */
export function predictionPlot(options: {
  readonly name: string;
  readonly predictedBy: string;
  readonly target: string;
  readonly targets: ArrayLike<number>;
  readonly predicted: ArrayLike<number>;
  readonly rmse: number;
}): Promise<Plot> {
  const { name, predictedBy, target, targets, predicted, rmse } = options;
  const values = evenIndices(targets.length, DRAWN_ROWS).map((i) => ({
    known: targets[i]!,
    predicted: predicted[i]!,
  }));
  return renderPlot({
    name,
    description: `Predictions of ${predictedBy} against the targets of ${targets.length} rows; root mean square error ${formatNumber(rmse)}.`,
    spec: diagonalSpec({
      values,
      x: { field: 'known', title: axisTitle('target of the table', target) },
      y: { field: 'predicted', title: axisTitle(`predicted by ${predictedBy}`, target) },
    }),
  });
}
