import type { RecordedConversation } from './recorded.ts';

/** What an engine or the board usually took in this conversation, µs: medians, for what was not recorded. 0 where nothing was. */
export interface Typical {
  finalUs: number;
  headersUs: number;
  /** From the request to the first word, and from there to the first chunk. */
  answerUs: number;
  firstChunkUs: number;
  ttsHeadersUs: number;
  firstAudioUs: number;
  leadUs: number;
  /** Of a character's sound, and of making a second of it. */
  characterUs: number;
  makingRatio: number;
  /** A whole reply's sound. */
  replyUs: number;
  toolUs: number;
  /** From the first frame to the first sound, and from the last frame to silence, where the board told. */
  audibleUs: number | null;
  silentUs: number | null;
}

/** A hundred characters a minute more or less: what is said of something nobody ever said. */
const CHARACTER_US = 200_000;

export function typicalOf({ utterances, answers, sentences, tools, playouts }: RecordedConversation): Typical {
  const whole = sentences.filter(({ durationUs, text }) => durationUs !== null && text !== '');
  const replies = new Map<number, number>();
  for (const { turnId, durationUs } of whole) replies.set(turnId, (replies.get(turnId) ?? 0) + (durationUs ?? 0));
  const answered = new Set(answers.map(({ turnId }) => turnId));
  const requests = answers.flatMap((answer) => answer.requests);
  const told = (values: readonly (number | null)[]) => {
    const known = values.filter((value) => value !== null);
    return known.length === 0 ? null : median(known);
  };
  return {
    finalUs: median(utterances.flatMap(({ final }) => final?.afterUs ?? [])),
    headersUs: median(requests.flatMap(({ headersAfterUs }) => headersAfterUs ?? [])),
    answerUs: median(requests.flatMap(({ firstAnswerAfterUs, pieces }) => firstAnswerAfterUs ?? pieces[0]?.afterUs ?? [])),
    firstChunkUs: median(answers.flatMap(({ firstChunkAfterUs }) => firstChunkAfterUs ?? [])),
    ttsHeadersUs: median(sentences.flatMap(({ headersAfterUs }) => headersAfterUs ?? [])),
    firstAudioUs: median(sentences.flatMap(({ firstAudioAfterUs }) => firstAudioAfterUs ?? [])),
    leadUs: median(sentences.flatMap(({ leadUs }) => leadUs ?? [])),
    characterUs: median(whole.map(({ durationUs, text }) => (durationUs ?? 0) / text.length)) || CHARACTER_US,
    makingRatio: median(
      whole.flatMap(({ doneAfterUs, firstAudioAfterUs, durationUs }) =>
        doneAfterUs === null || firstAudioAfterUs === null || !durationUs ? [] : (doneAfterUs - firstAudioAfterUs) / durationUs,
      ),
    ),
    replyUs: median([...replies].flatMap(([turnId, us]) => (answered.has(turnId) ? us : []))) || 10 * CHARACTER_US,
    toolUs: median(tools.map(({ elapsedUs }) => elapsedUs)),
    audibleUs: told(playouts.map(({ audibleAfterUs }) => audibleAfterUs)),
    silentUs: told(playouts.map(({ silentAfterUs }) => silentAfterUs)),
  };
}

/** The lower one of two in the middle: always a value that was recorded. */
export function median(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.ceil(values.length / 2) - 1] ?? 0;
}
