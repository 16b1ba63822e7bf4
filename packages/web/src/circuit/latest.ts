/**
 * Asks one question at a time. Of the questions that come while another is answered only the last is asked, so that a slider under a hand
 * never waits for values that are gone; an answer is shown as soon as it is there.
 */
export function latest<Q, A>(
  ask: (question: Q) => Promise<A>,
  show: (answer: A, question: Q) => void,
  fail: (error: Error, question: Q) => void,
): (question: Q) => void {
  let waiting: { readonly question: Q } | undefined;
  let isAsking = false;
  const goOn = async (): Promise<void> => {
    isAsking = true;
    while (waiting !== undefined) {
      const { question } = waiting;
      waiting = undefined;
      try {
        show(await ask(question), question);
      } catch (error) {
        fail(error instanceof Error ? error : new Error(String(error)), question);
      }
    }
    isAsking = false;
  };
  return (question) => {
    waiting = { question };
    if (!isAsking) void goOn();
  };
}
