import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { AudioPacket } from '../../../../../preload/contract/events.ts';
import { isTalkError, TalkError } from '../../../../../preload/contract/talk-error.ts';
import type { Bench, BoardDevice } from '../../bench.ts';
import { languageOf, quietLine } from '../conversation/line.ts';

/** A board that is awake is connected within this; a person wakes it within this. */
const CONNECT_MS = 30_000;
/** What was said last has come up by then: a frame of 120 ms and a second's network. */
const TRAIL_MS = 700;

/** Nobody answers what is said to the board: the sound of an answer is no part of what is measured. */
export const silentAgent = {
  settings: { turns: { isHalfDuplex: false }, conversation: { isIdleDetected: false } },
  script: { replies: [], otherwise: '' },
};

export interface Line {
  device: BoardDevice;
  conversationId: string;
}

/** The board's voice connection, quiet, with an agent that says nothing by itself. Null: it did not come. */
export async function silentLine(bench: Bench, over: { turns?: Record<string, unknown> } = {}): Promise<Line | null> {
  const device = bench.device();
  if (device === null) return null;
  const { settings, script } = silentAgent;
  device.configure({ settings: { ...settings, turns: { ...settings.turns, ...over.turns } }, script });
  const conversationId = await quietLine(bench, device, CONNECT_MS);
  return conversationId === null ? null : { device, conversationId };
}

/**
 * Uplink packets of this conversation since then, once what was taken until now has had time to come. Throws 'check/board-left' where the
 * connection ended meanwhile: what came until then would be taken for all there was to come.
 */
export async function packetsSince(bench: Bench, { device, conversationId }: Line, sinceUs: number): Promise<AudioPacket[]> {
  await bench.sleep(TRAIL_MS);
  const hasLeft = device.events(sinceUs).some((event) => event.kind === 'conversation.closed' && event.conversationId === conversationId);
  if (hasLeft) throw new TalkError('check/board-left', {});
  return device.packets('uplink', sinceUs).filter((packet) => packet.conversationId === conversationId);
}

export function packetEvidence(packets: readonly AudioPacket[]): CheckEvidence[] {
  const [first, last] = [packets[0], packets.at(-1)];
  if (first === undefined || last === undefined) return [];
  return [{ kind: 'packets', conversationId: first.conversationId, track: 'uplink', fromIndex: first.index, toIndex: last.index }];
}

const phrases = {
  zh: '你好，今天天气怎么样？请帮我把客厅的灯打开，再放一首我喜欢的歌。',
  en: 'Hello there. What is the weather like today? Please turn on the lights in the living room and play my favourite song.',
} as const;

export interface Spoken extends Line {
  /** What was said, where anybody knows the samples. */
  said: { pcm: Int16Array | null; startUs: number; endUs: number };
  packets: AudioPacket[];
}

/**
 * A phrase said to the board while nobody answers, and what came up meanwhile, for so long at least; once more where its connection ended on the
 * way, which is for others to tell. 'no-conversation' and 'nobody-there' as words of checkReason where that could not be.
 */
export async function speakAndRecord(bench: Bench, leastMs = 0): Promise<Spoken | 'no-conversation' | 'nobody-there'> {
  try {
    return await recordOnce(bench, leastMs);
  } catch (error) {
    if (!isTalkError(error, 'check/board-left')) throw error;
    return await recordOnce(bench, leastMs);
  }
}

async function recordOnce(bench: Bench, leastMs: number): Promise<Spoken | 'no-conversation' | 'nobody-there'> {
  const line = await silentLine(bench);
  if (line === null) return 'no-conversation';
  const sinceUs = bench.clock.nowUs();
  const said = await bench.voice.say(phrases[languageOf(bench, line.device)]);
  if (said === null) return 'nobody-there';
  const stepMs = 1000;
  for (let leftMs = leastMs - (bench.clock.nowUs() - sinceUs) / 1000; leftMs > 0; leftMs -= stepMs) {
    bench.progress(Math.min(0.99, 1 - leftMs / leastMs));
    await bench.sleep(Math.min(stepMs, leftMs));
  }
  return { ...line, said, packets: await packetsSince(bench, line, sinceUs) };
}

/** Asks for quiet where a microphone stands in a room with people. 'skip': somebody does not want to. */
export async function askForQuiet(bench: Bench, seconds: number): Promise<'quiet' | 'skip'> {
  if (bench.voice.speaker === 'board') return 'quiet';
  const answer = await bench.ask({ ask: 'stay-quiet', data: { seconds }, kind: 'do' });
  return answer === 'skip' ? 'skip' : 'quiet';
}

/** A curve as evidence: as many points as can be drawn. */
export function curve(label: string, x: string, y: string, points: readonly (readonly [number, number])[]): CheckEvidence {
  const every = Math.ceil(Math.max(1, points.length) / 2000);
  const kept = points.filter((_, index) => index % every === 0);
  return { kind: 'curve', label, x, y, points: kept.map(([a, b]): [number, number] => [round(a), round(b)]) };
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
