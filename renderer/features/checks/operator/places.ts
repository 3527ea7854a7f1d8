/** A place on the operator's screen: a board of the station, and the run that is shown for it. */
export interface Place {
  /** The candidate's. */
  key: string;
  runId: string;
}

/** Each place has a key of its own, from left to right. F5 is the browser's, to load the page again. */
const placeKeys = ['F2', 'F3', 'F4', 'F6', 'F7', 'F8', 'F9'] as const;

/** Null beyond the last one. */
export function keyOfPlace(index: number): string | null {
  return placeKeys[index] ?? null;
}

/**
 * The places once a run has begun on a board, in the station's order, so that none wanders. What the board's place showed before makes room, and so
 * does the verdict on a board that is not there any more: a port may be called otherwise for each board.
 */
export function placesAfter(
  places: readonly Place[],
  begun: Place,
  stationKeys: readonly string[],
  isRunning: (runId: string) => boolean,
): Place[] {
  const kept = places.filter(({ key, runId }) => key !== begun.key && (stationKeys.includes(key) || isRunning(runId)));
  const at = ({ key }: Place): number => stationKeys.indexOf(key);
  return [...kept, begun].sort((one, other) => at(one) - at(other));
}

/**
 * Which of the questions that wait the keyboard is for: the one it was for, as long as it waits, so that no key goes to another board's between a
 * look and an answer; else the first.
 */
export function keptQuestion(before: string | null, asking: readonly string[]): string | null {
  return before !== null && asking.includes(before) ? before : (asking[0] ?? null);
}
