import { type Dataset, forbiddenIn, UsageError } from '@neuroprint/core';
import { spelled } from '@neuroprint/training';

/** Names of a model's outputs, and what has to be said of how they were found. */
export interface ClassNames {
  readonly classes: readonly string[];
  readonly said?: string;
}

/**
 * The classes in the order of a model's outputs: as asked for, as the model names them where the table has these names, or the
 * table's own in their order where the model has numbers or none. Throws UsageError where the counts or the names do not fit.
 */
export function classNamesOf(...asked: Parameters<typeof namesOf>): ClassNames {
  const found = namesOf(...asked);
  const { classes } = found;
  const hint = 'Name the classes in the order of the outputs with --classes.';
  const twice = classes.find((name, k) => classes.indexOf(name) !== k);
  if (twice !== undefined) throw new UsageError(`Two classes are called "${twice}".`, hint);
  for (const name of classes) {
    const forbidden = forbiddenIn(name);
    if (forbidden !== undefined) throw new UsageError(`The class ${forbidden}.`, hint);
  }
  return found;
}

function namesOf(
  outputs: number,
  own: readonly string[] | undefined,
  asked: readonly string[] | undefined,
  data: Dataset | undefined,
): ClassNames {
  const hint = 'Name the classes in the order of the outputs with --classes.';
  if (asked !== undefined) {
    if (asked.length !== outputs)
      throw new UsageError(`The model has ${outputs} outputs, and there are ${asked.length} classes.`, hint);
    const unknown = data?.classNames.find((name) => !asked.includes(name));
    if (unknown === undefined) return { classes: asked };
    throw new UsageError(`The table has the class "${unknown}", and --classes has ${asked.join(', ')}.`, hint);
  }
  if (own !== undefined && own.length !== outputs)
    throw new UsageError(`The model has ${outputs} outputs, and names ${own.length} classes.`, hint);
  if (data === undefined) return { classes: own ?? Array.from({ length: outputs }, (_, k) => `class${k}`) };
  const names = own ?? Array.from({ length: outputs }, (_, k) => String(k));
  const inTable = new Map(data.classNames.map((name) => [spelled(name), name]));
  const matched = names.map((name) => inTable.get(spelled(name)));
  const found = new Set(matched.filter((name) => name !== undefined));
  if (found.size === data.classNames.length) return { classes: names.map((name, k) => matched[k] ?? name) };
  if (data.classNames.length !== outputs)
    throw new UsageError(`The model has ${outputs} outputs, and there are ${data.classNames.length} classes.`, hint);
  if (!names.every((name) => /^-?\d+$/.test(spelled(name))))
    throw new UsageError(
      `The model's classes are ${names.join(', ')}, and the table's are ${data.classNames.join(', ')}.`,
      hint,
    );
  const classes = inOrder(data.classNames);
  const pairs = classes.map((name, k) => `${own === undefined ? `output ${k}` : names[k]} is ${name}`);
  return { classes, said: `${pairs.join(', ')}: the order of the table's names, as the model has none` };
}

/** Names of numbers by their size, others as they are sorted. */
function inOrder(names: readonly string[]): readonly string[] {
  return names.every((name) => Number.isFinite(Number(name)))
    ? [...names].sort((a, b) => Number(a) - Number(b))
    : names;
}
