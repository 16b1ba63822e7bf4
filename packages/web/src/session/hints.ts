import { NeuroprintError } from '@neuroprint/core';
import { type TransferHandler, transferHandlers } from 'comlink';

/** An error on its way to the page, as comlink writes it; all that is in `value` is on the error there. */
interface WrittenError {
  readonly isError: boolean;
  readonly value: Record<string, unknown>;
}

/** What to do about an error goes along with it to the page: comlink alone takes its message, name and stack. */
export function carryHints(): void {
  const known = transferHandlers.get('throw') as TransferHandler<{ readonly value: unknown }, WrittenError>;
  transferHandlers.set('throw', {
    ...known,
    serialize: (thrown: { readonly value: unknown }) => {
      const [written, transferred] = known.serialize(thrown);
      const hint = thrown.value instanceof NeuroprintError ? thrown.value.hint : undefined;
      if (hint !== undefined) written.value.hint = hint;
      return [written, transferred];
    },
  } as TransferHandler<unknown, unknown>);
}
