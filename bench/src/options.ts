import { UsageError } from '@neuroprint/core';

/** A whole number that is at least `least`, of an option. Throws UsageError. */
export function wholeNumber(option: string, text: string, least = 0): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < least)
    throw new UsageError(`--${option} must be a whole number of at least ${least}, not "${text}".`);
  return value;
}

/** Those of the given names that were asked for, all where none was. Throws UsageError for names that are not there. */
export function chosen(what: string, named: readonly string[], names: readonly string[]): readonly string[] {
  const unknown = named.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`There is no ${what} "${unknown}".`, `There are: ${names.join(', ')}.`);
  return named.length === 0 ? names : named;
}
