import type { AudioPacket, PipelineEvent } from '../../../../preload/contract/events.ts';
import type { SessionDetail } from '../../../../preload/contract/sessions.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { placeUplink } from '../../store/placement.ts';
import type { Store } from '../../store/store.ts';

/** All instants are microseconds from the recorded conversation's beginning. */
export interface RecordedConversation {
  sessionId: string;
  conversationId: string;
  gateway: string;
  productId: string;
  deviceName: string;
  language: 'zh' | 'en';
  /** How far into the session it begins; that of its first packet where the session began in the middle of it. */
  fromUs: number;
  uplink: { codec: 'opus' | 'pcm'; frameMs: number };
  downlink: { codec: 'opus' | 'pcm'; frameMs: number };
  query: Readonly<Record<string, string>>;
  /** As far as they were recorded: section by section. */
  settings: Readonly<Record<string, unknown>>;
  packets: readonly RecordedPacket[];
  speech: readonly RecordedSpeech[];
  cues: readonly RecordedCue[];
  tools: readonly RecordedAnswer[];
  properties: Readonly<Record<string, unknown>>;
  /** The agent spoke before the user did. */
  isGreeted: boolean;
  /** When the last thing happened that an utterance or its silence led to. */
  lastUs: number;
}

export type RecordedPacket = Pick<AudioPacket, 'codec' | 'durationUs' | 'sampleRate' | 'bytes'> & { startUs: number };

/** The user's speech of one turn, first sound to last. */
export interface RecordedSpeech {
  startUs: number;
  endUs: number;
  turnId: number | null;
  isAnswered: boolean;
}

/** Something the device said besides sound: a button, a text, the frame around an utterance. */
export interface RecordedCue {
  atUs: number;
  /** As the wire log names it. */
  name: string;
  text: string;
}

export interface RecordedAnswer {
  name: string;
  isOk: boolean;
  result: unknown;
}

type EventOf<Kind extends PipelineEvent['kind']> = Extract<PipelineEvent, { kind: Kind }>;

const kinds = [
  'conversation.opened',
  'user.speech-started',
  'user.speech-ended',
  'turn.committed',
  'tool.result',
  'device.property',
  'wire.message',
] as const satisfies readonly PipelineEvent['kind'][];
type Read = EventOf<(typeof kinds)[number]>;

/** Which of a session's conversations have an uplink, in their order. Rejects with TalkError 'session/not-found', 'not-found', 'replay/no-uplink'. */
export async function recordedConversations(
  store: Pick<Store, 'read' | 'bulk'>,
  { sessionId, conversationId }: { sessionId: string; conversationId?: string | undefined },
  signal: AbortSignal,
): Promise<RecordedConversation[]> {
  const detail = await store.read('session.detail', { id: sessionId });
  if (detail === null) throw new TalkError('session/not-found', { id: sessionId });
  const named = detail.conversations.filter((one) => conversationId === undefined || one.conversationId === conversationId);
  if (named.length === 0 && conversationId !== undefined) throw new TalkError('not-found', { what: 'conversation', id: conversationId });
  const spoken = named.filter(({ uplinkPackets }) => uplinkPackets > 0);
  if (spoken.length === 0) throw new TalkError('replay/no-uplink', { sessionId, conversationId: conversationId ?? null });
  const events = await eventsOf(store, sessionId);
  const recorded: RecordedConversation[] = [];
  for (const one of spoken) {
    const packets = await store.bulk('replay.packets', { id: sessionId, conversationId: one.conversationId, track: 'uplink' }, { signal });
    recorded.push(conversationOf(detail, one, events, packets));
  }
  return recorded;
}

async function eventsOf(store: Pick<Store, 'read'>, id: string): Promise<Read[]> {
  const events: Read[] = [];
  for (let afterOrdinal = -1; ; ) {
    const page = await store.read('session.events', { id, afterOrdinal, limit: 5000, kinds });
    for (const { event, ordinal } of page.events) {
      events.push(event as Read);
      afterOrdinal = ordinal;
    }
    if (!page.hasMore) return events;
  }
}

function conversationOf(
  detail: SessionDetail,
  record: SessionDetail['conversations'][number],
  events: readonly Read[],
  stored: readonly Omit<RecordedPacket & { atUs: number; mediaUs: number }, 'startUs'>[],
): RecordedConversation {
  const { conversationId, productId, deviceName, openedUs } = record;
  const own = events.filter((event) => 'conversationId' in event && event.conversationId === conversationId);
  const opened = own.find((event) => event.kind === 'conversation.opened');
  const starts = placeUplink(stored);
  const firstUs = starts[0] ?? 0;
  // A session that began in the middle of it holds nothing of what was before.
  const fromUs = openedUs < 0 ? firstUs : Math.min(openedUs, firstUs);
  const since = (us: number) => us - fromUs;
  const turns = detail.turns.filter((turn) => turn.conversationId === conversationId);
  const answered = new Set(turns.filter(({ outcome }) => outcome === 'completed' || outcome === 'interrupted').map(({ turnId }) => turnId));
  const speech = speechOf(own, answered, since);
  const deviceId = `${productId}_${deviceName}`;
  // What names no conversation belongs to the one that its device had at that time: the next one's is not said in this one as well.
  const isMeanwhile = ({ atUs }: Read) => atUs >= fromUs && atUs <= (record.closedUs ?? Number.POSITIVE_INFINITY);
  const cues = events
    .filter((event) => event.kind === 'wire.message')
    .filter((event) => event.direction === 'up')
    .filter((event) =>
      event.conversationId === undefined ? event.deviceId === deviceId && isMeanwhile(event) : event.conversationId === conversationId,
    )
    .map(({ atUs, name, text = '' }) => ({ atUs: since(atUs), name, text }));
  const codec = stored[0]?.codec ?? 'opus';
  const frameMs = usual(stored.map(({ durationUs }) => durationUs)) / 1000;
  return {
    ...{ sessionId: detail.session.id, conversationId, gateway: record.gateway, productId, deviceName, fromUs },
    language: record.language === 'zh' ? 'zh' : 'en',
    uplink: { codec, frameMs },
    downlink: opened?.downlink ?? { codec, frameMs },
    query: opened?.query ?? {},
    settings: opened?.settings ?? {},
    packets: stored.map(({ codec: own, durationUs, sampleRate, bytes }, i) => ({
      ...{ codec: own, durationUs, sampleRate, bytes },
      startUs: since(starts[i] ?? 0),
    })),
    speech,
    cues,
    tools: own.filter((event) => event.kind === 'tool.result').map(({ name, isOk, result }) => ({ name, isOk, result })),
    properties: propertiesOf(events.filter((event) => event.kind === 'device.property').filter((event) => isOf(event, record))),
    isGreeted: turns.some(({ initiator, startedUs }) => initiator === 'greeting' && since(startedUs) < (speech[0]?.startUs ?? 0)),
    lastUs: turns.reduce(
      (last, { startedUs, endedUs }) => Math.max(last, since(endedUs ?? startedUs)),
      speech.reduce((last, { endUs }) => Math.max(last, endUs), 0),
    ),
  };
}

function isOf(one: { productId: string; deviceName: string }, { productId, deviceName }: SessionDetail['conversations'][number]): boolean {
  return one.productId === productId && one.deviceName === deviceName;
}

/** As they were at the beginning: the first that was told of each. */
function propertiesOf(told: readonly EventOf<'device.property'>[]): Record<string, unknown> {
  const properties: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const event of told) for (const [name, value] of Object.entries(event.properties)) properties[name] ??= value;
  return properties;
}

/** The stretches of a turn together; those of no turn each by itself. What was said before its turn had a number is the next turn's. */
function speechOf(events: readonly Read[], answered: ReadonlySet<number>, since: (us: number) => number): RecordedSpeech[] {
  const stretches: { startUs: number; endUs: number; turnId: number | null }[] = [];
  for (const event of events) {
    const last = stretches.at(-1);
    if (event.kind === 'user.speech-started')
      stretches.push({ startUs: since(event.atUs), endUs: since(event.atUs), turnId: event.turnId ?? null });
    else if (event.kind === 'user.speech-ended' && last !== undefined) {
      last.endUs = Math.max(last.endUs, since(event.atUs));
      last.turnId ??= event.turnId ?? null;
    } else if (event.kind === 'turn.committed') {
      for (let at = stretches.length - 1; at >= 0; at -= 1) {
        const stretch = stretches[at];
        if (stretch === undefined || stretch.turnId !== null) break;
        stretch.turnId = event.turnId;
      }
    }
  }
  const speech: RecordedSpeech[] = [];
  for (const { startUs, endUs, turnId } of stretches) {
    const last = speech.at(-1);
    if (last !== undefined && turnId !== null && last.turnId === turnId) last.endUs = Math.max(last.endUs, endUs);
    else speech.push({ startUs, endUs, turnId, isAnswered: turnId !== null && answered.has(turnId) });
  }
  return speech;
}

function usual(values: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([, one], [, other]) => other - one)[0]?.[0] ?? 60_000;
}
