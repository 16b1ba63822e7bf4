import { type InputRange, inputVolts } from './voltage-rows.ts';

/** Whether an input's numbers are volts already, so that there is nothing beside them. */
export function isInVolts(input: InputRange): boolean {
  const { minimum, maximum } = inputVolts(input);
  return input.minimum === minimum && input.maximum === maximum;
}

/** What a voltage of an input means, in the unit of its sensor. */
export function sensorValue(input: InputRange, volts: number): number {
  const { minimum, maximum } = inputVolts(input);
  return input.minimum + ((volts - minimum) / (maximum - minimum)) * (input.maximum - input.minimum);
}

/** The unit in a name such as `temperature (°C)` or `pressure [hPa]`; undefined where the name has none. */
export function unitOf(name: string): string | undefined {
  return /[([]([^()[\]]+)[)\]]\s*$/.exec(name)?.[1]?.trim();
}

/** Digits behind the point by which a sensor's range has ten thousand steps. */
const STEPS = 1e4;

/** The value with its unit, `23.45 °C`. */
export function sensorInWords(input: InputRange, volts: number): string {
  const digits = Math.ceil(Math.log10(STEPS / Math.abs(input.maximum - input.minimum)));
  const rounded = Number(sensorValue(input, volts).toFixed(Math.min(20, Math.max(0, digits))));
  const unit = unitOf(input.name);
  return unit === undefined ? String(rounded) : `${rounded} ${unit}`;
}

/** `temperature (°C), 10 °C at 0 V and 45 °C at 1 V`; of volts the name alone. */
export function rangeInWords(input: InputRange): string {
  if (isInVolts(input)) return input.name;
  const { minimum, maximum } = inputVolts(input);
  return `${input.name}, ${sensorInWords(input, minimum)} at ${minimum} V and ${sensorInWords(input, maximum)} at ${maximum} V`;
}

/** Columns of a table of cases that hold sensors' values beside the volts: `in0: temperature (°C)`, the value of a row. */
export function sensorColumns(
  nodes: readonly string[],
  inputs: readonly InputRange[],
): { readonly title: string; readonly valueAt: (inputVolts: ArrayLike<number>) => number }[] {
  return inputs.flatMap((input, k) =>
    isInVolts(input)
      ? []
      : [
          {
            title: `${nodes[k]!}: ${input.name}`,
            // what came from a table reads as it stood there
            valueAt: (volts) => Number(sensorValue(input, volts[k]!).toPrecision(12)),
          },
        ],
  );
}
