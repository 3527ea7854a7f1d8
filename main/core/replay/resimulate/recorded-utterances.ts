import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { RecordedFailure } from './recorded.ts';

/** One stretch of speech and what the recogniser made of it. Media times are the uplink's, the others the session's. */
export interface RecordedUtterance {
  turnId: number | undefined;
  startedUs: number;
  startMediaUs: number;
  /** Null: given up before it ended. */
  endMediaUs: number | null;
  declaredUs: number | null;
  partials: { atUs: number; text: string }[];
  final: { afterUs: number; text: string; score?: number; language?: string; emotion?: string } | null;
  failure: RecordedFailure | null;
}

/** In the order they began. A final belongs to the first of its turn that has ended without one: they are handed on as they were said. */
export function recordedUtterances(events: readonly PipelineEvent[]): RecordedUtterance[] {
  const utterances: RecordedUtterance[] = [];
  const waiting = (turnId: number | undefined) =>
    utterances.find((each) => each.turnId === turnId && each.declaredUs !== null && each.final === null && each.failure === null);
  for (const event of events) {
    if (event.kind === 'user.speech-started') utterances.push(begun(event));
    else if (event.kind === 'user.speech-ended') {
      const open = utterances.findLast((each) => each.declaredUs === null && each.turnId === event.turnId) ?? utterances.at(-1);
      if (open === undefined || open.declaredUs !== null) continue;
      open.endMediaUs = Math.max(event.mediaUs, open.startMediaUs + 1);
      open.declaredUs = event.declaredUs;
    } else if (event.kind === 'stt.partial') {
      const last = utterances.at(-1);
      const heard = last !== undefined && last.declaredUs === null ? last : (waiting(event.turnId) ?? last);
      heard?.partials.push({ atUs: event.atUs, text: event.text });
    } else if (event.kind === 'stt.final') {
      const ended = waiting(event.turnId);
      if (ended !== undefined) ended.final = finalOf(event, ended);
    } else if (event.kind === 'engine.error' && event.stage === 'stt') {
      const ended = waiting(event.turnId);
      if (ended !== undefined) ended.failure = { afterUs: afterEnd(event.atUs, ended), error: event.error };
    }
  }
  return utterances;
}

type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { kind: Kind }>;

function begun({ turnId, atUs, mediaUs }: EventOf<'user.speech-started'>): RecordedUtterance {
  const ahead = { endMediaUs: null, declaredUs: null, partials: [], final: null, failure: null };
  return { turnId, startedUs: atUs, startMediaUs: mediaUs, ...ahead };
}

function finalOf(event: EventOf<'stt.final'>, ended: RecordedUtterance): NonNullable<RecordedUtterance['final']> {
  const { score, language, emotion } = event;
  return {
    afterUs: afterEnd(event.atUs, ended),
    // Another voice than the enrolled one's was not taken for the user's.
    text: event.isForeignVoice === true ? '' : event.text,
    ...(score !== undefined && { score }),
    ...(language !== undefined && { language }),
    ...(emotion !== undefined && { emotion }),
  };
}

function afterEnd(atUs: number, { declaredUs }: RecordedUtterance): number {
  return Math.max(0, atUs - (declaredUs ?? atUs));
}
