import type { PipelineEvent } from '../../../../preload/contract/events.ts';
import type { RecordedPacket } from './recorded.ts';
import type { RecordedUtterance } from './recorded-utterances.ts';

/** What came into the conversation besides sound. */
export type Input = { atUs: number } & (
  | { kind: 'text'; text: string; initiator: 'user-text' | 'injected'; isSpoken: boolean }
  | { kind: 'say'; text: string }
  | { kind: 'interrupt'; reason: string }
  | { kind: 'press' | 'release' }
  /** From the next turn on: `{'turns.vadSilenceMs': 400}`. */
  | { kind: 'settings'; changes: Record<string, unknown> }
);

/** These the turn-taking comes to by itself. */
const ownReasons: ReadonlySet<string> = new Set([
  'command',
  'words',
  'semantic',
  'duration',
  'user-turn',
  'pressed',
  'text',
  'say',
  'closed',
]);
/** A setting is read at a turn's beginning, and told of then: it was changed before. */
const BEFORE_US = 1_000;
/** As in push-to-talk's own: a tail frame, and a little. */
const TAIL_GRACE_US = 20_000;

export interface InputSources {
  utterances: readonly RecordedUtterance[];
  packets: readonly RecordedPacket[];
  frameUs: number;
}

/** In the order they came. */
export function recordedInputs(events: readonly PipelineEvent[], sources: InputSources): Input[] {
  const committed = new Map(events.flatMap((event) => (event.kind === 'turn.committed' ? [[event.turnId, event]] : [])));
  const spoken = new Set(events.flatMap((event) => (event.kind === 'tts.request' ? [event.turnId] : [])));
  const opened = events.find((event) => event.kind === 'conversation.opened');
  // Without them nobody knows when the user is reminded: what was said then is said then.
  const isIdleKnown = opened?.settings.conversation !== undefined;
  const inputs = events.flatMap((event): Input[] => {
    if (event.kind === 'turn.started') {
      const { atUs, turnId, initiator } = event;
      const text = committed.get(turnId)?.text;
      if (text !== undefined && (initiator === 'user-text' || initiator === 'injected'))
        return [{ atUs, kind: 'text', text, initiator, isSpoken: spoken.has(turnId) }];
      if (initiator === 'injected' || (initiator === 'idle' && !isIdleKnown)) {
        const said = saidIn(events, turnId);
        return said === '' ? [] : [{ atUs, kind: 'say', text: said }];
      }
      return [];
    }
    if (event.kind === 'interruption.decided' && !ownReasons.has(event.reason))
      return [{ atUs: event.atUs, kind: 'interrupt', reason: event.reason }];
    if (event.kind === 'conversation.changed') return [{ atUs: event.atUs - BEFORE_US, kind: 'settings', changes: event.changes }];
    return [];
  });
  return [...inputs, ...buttonInputs(events, sources)].toSorted((one, other) => one.atUs - other.atUs);
}

function saidIn(events: readonly PipelineEvent[], turnId: number): string {
  const ended = events.find((event) => event.kind === 'turn.ended' && event.turnId === turnId);
  if (ended?.kind === 'turn.ended' && ended.replyText !== '') return ended.replyText;
  return events.flatMap((event) => (event.kind === 'tts.request' && event.turnId === turnId ? event.text : [])).join('');
}

/**
 * The board's button, from the stretches that it made; or, where the detector decides, the board's own endpoint. A release takes effect
 * with the next packet or a frame later: when in between it was is not recorded, and changes nothing.
 */
function buttonInputs(events: readonly PipelineEvent[], { utterances, packets, frameUs }: InputSources): Input[] {
  const opened = events.find((event) => event.kind === 'conversation.opened');
  const turns = opened?.settings.turns as { input?: unknown } | undefined;
  const isButton = turns?.input === 'push-to-talk';
  const released = new Set(
    events.flatMap((event) => (event.kind === 'turn.committed' && event.reason === 'released' ? [event.turnId] : [])),
  );
  const arrivals = new Set(packets.map(({ atUs }) => atUs));
  return utterances.flatMap((utterance, index): Input[] => {
    const { turnId, startedUs, declaredUs } = utterance;
    const isLast = utterances.findLastIndex((each) => each.turnId === turnId) === index;
    if (!isButton) return declaredUs !== null && isLast && released.has(turnId ?? -1) ? [{ atUs: declaredUs, kind: 'release' }] : [];
    const releasedUs = declaredUs === null ? null : arrivals.has(declaredUs) ? declaredUs - 1 : declaredUs - frameUs - TAIL_GRACE_US;
    return [
      { atUs: startedUs, kind: 'press' },
      ...(releasedUs === null ? [] : [{ atUs: Math.max(startedUs, releasedUs), kind: 'release' as const }]),
    ];
  });
}
