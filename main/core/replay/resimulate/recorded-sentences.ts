import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { RecordedFailure } from './recorded.ts';

/** One request to the synthesiser: everything counts from it. */
export interface RecordedSentence {
  turnId: number;
  sentence: number;
  text: string;
  atUs: number;
  headersAfterUs: number | null;
  firstAudioAfterUs: number | null;
  leadUs: number | null;
  /** Null: cut off before its end. */
  doneAfterUs: number | null;
  durationUs: number | null;
  failure: RecordedFailure | null;
}

export function recordedSentences(events: readonly PipelineEvent[]): RecordedSentence[] {
  const sentences: RecordedSentence[] = [];
  const latest = (turnId: number, sentence?: number) =>
    sentences.findLast((each) => each.turnId === turnId && (sentence === undefined || each.sentence === sentence));
  for (const event of events) {
    if (event.kind === 'tts.request') {
      sentences.push({
        turnId: event.turnId,
        sentence: event.sentence,
        text: event.text,
        atUs: event.atUs,
        headersAfterUs: null,
        firstAudioAfterUs: null,
        leadUs: null,
        doneAfterUs: null,
        durationUs: null,
        failure: null,
      });
    } else if (event.kind === 'tts.headers' || event.kind === 'tts.first-audio' || event.kind === 'tts.done') {
      const request = latest(event.turnId, event.sentence);
      if (request === undefined) continue;
      const afterUs = Math.max(0, event.atUs - request.atUs);
      if (event.kind === 'tts.headers') request.headersAfterUs ??= afterUs;
      else if (event.kind === 'tts.done') Object.assign(request, { doneAfterUs: afterUs, durationUs: event.durationUs });
      else Object.assign(request, { firstAudioAfterUs: afterUs, leadUs: event.leadSilenceUs });
    } else if (event.kind === 'engine.error' && event.stage === 'tts' && event.turnId !== undefined) {
      const request = latest(event.turnId);
      if (request !== undefined && request.doneAfterUs === null)
        request.failure ??= { afterUs: Math.max(0, event.atUs - request.atUs), error: event.error };
    }
  }
  return sentences;
}
