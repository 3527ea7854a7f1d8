import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import type { Bench, BoardDevice } from '../../bench.ts';

/** A greeting begins at once or not at all. */
const GREETING_MS = 1500;
/** The longest that is waited for what the agent is just saying. */
const LAST_WORDS_MS = 40_000;

/** The board's voice connection, open, and nobody says anything on it. Null: the board did not come. */
export async function quietLine(bench: Bench, device: BoardDevice, timeoutMs: number): Promise<string | null> {
  const conversationId = await device.connected(timeoutMs);
  if (conversationId !== null) await untilQuiet(bench, device, conversationId);
  return conversationId;
}

/** Resolves when no turn of that conversation is under way. */
export async function untilQuiet(bench: Bench, device: BoardDevice, conversationId: string): Promise<void> {
  const giveUpUs = bench.clock.nowUs() + LAST_WORDS_MS * 1000;
  const isOf = (event: PipelineEvent) => isWithin(event, conversationId);
  while (bench.clock.nowUs() < giveUpUs) {
    const own = device.events(0).filter(isOf);
    const ended = new Set(own.flatMap((event) => (event.kind === 'turn.ended' ? event.turnId : [])));
    const begun = own.flatMap((event) => (event.kind === 'turn.started' ? event.turnId : []));
    const underWay = begun.filter((turnId) => !ended.has(turnId)).at(-1);
    if (underWay !== undefined) {
      const timeoutMs = (giveUpUs - bench.clock.nowUs()) / 1000;
      const accept = ({ conversationId: id, turnId }: { conversationId: string; turnId: number }) =>
        id === conversationId && turnId === underWay;
      await device.until('turn.ended', { sinceUs: 0, timeoutMs, accept });
      continue;
    }
    if (begun.length > 0) return;
    const sinceUs = bench.clock.nowUs();
    if ((await device.until('turn.started', { sinceUs, timeoutMs: GREETING_MS, accept: isOf })) === null) return;
  }
}

/** Whether it happened in that conversation. */
export function isWithin(event: PipelineEvent, conversationId: string): boolean {
  return 'conversationId' in event && event.conversationId === conversationId;
}

/** Ends the voice connection, if there is one, and waits until it is gone. False: it would not end. */
export async function endLine(bench: Bench, device: BoardDevice): Promise<boolean> {
  const conversationId = device.conversationId();
  if (conversationId === null) return true;
  const sinceUs = bench.clock.nowUs();
  device.hangUp();
  const closed = await device.until('conversation.closed', {
    sinceUs,
    timeoutMs: 5000,
    accept: (event) => event.conversationId === conversationId,
  });
  return closed !== null;
}

/** What is spoken on it: as the board asked for, else the run's own language. */
export function languageOf(bench: Bench, device: BoardDevice): 'zh' | 'en' {
  const opened = device.events(0).findLast((event) => event.kind === 'conversation.opened');
  const language = opened?.kind === 'conversation.opened' ? opened.language : bench.language;
  return language.startsWith('zh') ? 'zh' : language.startsWith('en') ? 'en' : bench.language;
}

/** How often the board's log has told that it started; null without a log. */
export function startsOf(bench: Bench): number | null {
  return bench.port?.state()?.boots.length ?? null;
}

/** Of a later and an earlier count of starts. */
export function startsSince(bench: Bench, before: number | null): number | null {
  const now = startsOf(bench);
  return now === null ? null : Math.max(0, now - (before ?? 0));
}
