/** How often the rows of one class are decided as that class; null where there are none. */
export interface ClassRecall {
  readonly class: string;
  readonly rows: number;
  readonly recall: number | null;
}

/** Recall by class and its mean, which a class that nearly all rows are of does not decide. */
export interface ClassScores {
  readonly balancedAccuracy: number;
  readonly classes: readonly ClassRecall[];
}

/** Where one class has more of the rows than this, accuracy says little, and recall by class stands before it. */
const MOST_OF_ONE_CLASS = 0.8;

/** What decisions are worth class by class: indices of classes, row by row. */
export function scoreClasses(
  decided: ArrayLike<number>,
  labels: ArrayLike<number>,
  classNames: readonly string[],
): ClassScores {
  const rows = classNames.map(() => 0);
  const right = classNames.map(() => 0);
  for (let i = 0; i < labels.length; i += 1) {
    rows[labels[i]!]! += 1;
    if (decided[i] === labels[i]) right[labels[i]!]! += 1;
  }
  const classes = classNames.map((name, c) => ({
    class: name,
    rows: rows[c]!,
    recall: rows[c] === 0 ? null : right[c]! / rows[c]!,
  }));
  const known = classes.flatMap(({ recall }) => (recall === null ? [] : [recall]));
  return { balancedAccuracy: known.reduce((sum, recall) => sum + recall, 0) / known.length, classes };
}

/** Whether nearly all rows are of one class. */
export function isLopsided(classes: readonly Pick<ClassRecall, 'rows'>[]): boolean {
  const rows = classes.map((one) => one.rows);
  return Math.max(...rows) > MOST_OF_ONE_CLASS * rows.reduce((sum, count) => sum + count, 0);
}
