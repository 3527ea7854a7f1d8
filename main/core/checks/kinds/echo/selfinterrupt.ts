import { z } from 'zod';
import type { PipelineEvent } from '../../../../../preload/contract/events.ts';
import { check } from '../../check.ts';
import { languageOf } from '../conversation/line.ts';
import { askForQuiet, packetEvidence, packetsSince, silentLine } from '../uplink/recording.ts';
import { tellDuplex } from './duplex.ts';

/** About ten seconds each, in whatever voice. */
const texts = {
  zh: '从前有一只小兔子，它每天早上都要穿过一片很大的森林，到山坡的另一边去看望它的外婆。路上有清澈的小溪，有会唱歌的小鸟，还有一棵上百年的老橡树。',
  en: 'Once upon a time there was a little rabbit who crossed a very large forest every morning to visit her grandmother on the other side of the hill. On her way there were clear streams, singing birds and one very old oak tree.',
} as const;
const STARTS_MS = 10_000;
const ENDS_MS = 60_000;

/** The agent speaks for ten seconds and nobody else does: whether it takes its own voice for somebody's. */
export const echoSelfInterrupt = check({
  name: 'echo.selfinterrupt',
  group: 'echo',
  needs: ['conversation'],
  parameters: z.strictObject({}),
  values: [
    { name: 'isInterrupted', limit: { equals: false }, isTimed: true, next: 'interrupts-itself' },
    { name: 'afterMs', unit: 'ms' },
    { name: 'holds', unit: 'count' },
    { name: 'understood' },
    { name: 'duplex' },
  ],
  nexts: ['interrupts-itself', 'no-reply'],
  async measure(bench) {
    // As an agent of a full-duplex board has it: whoever speaks for half a second is listened to.
    const turns = { input: 'open', interruption: 'duration', interruptionMs: 500, aecWarmupMs: 0, isGreetingProtected: false };
    const line = await silentLine(bench, { turns });
    if (line === null) return { skipped: 'no-conversation' };
    if ((await askForQuiet(bench, 15)) === 'skip') return { person: 'person-skipped' };
    const { device, conversationId } = line;
    const sinceUs = bench.clock.nowUs();
    const isOwn = (event: { conversationId: string }) => event.conversationId === conversationId;
    device.say(texts[languageOf(bench, device)]);
    const started = await device.until('turn.started', { sinceUs, timeoutMs: STARTS_MS, accept: isOwn });
    // An agent without a voice is the bench's fault, not the board's.
    if (started === null) return { skipped: 'cannot-tell' };
    const isIt = (event: { conversationId: string; turnId: number }) => isOwn(event) && event.turnId === started.turnId;
    const ended = await device.until('turn.ended', { sinceUs, timeoutMs: ENDS_MS, accept: isIt });
    if (ended === null || ended.outcome === 'failed') return { skipped: 'cannot-tell' };
    const events = device.events(sinceUs).filter((event) => 'conversationId' in event && event.conversationId === conversationId);
    const firstFrameUs = events.find(({ kind }) => kind === 'downlink.first-frame')?.atUs;
    const decided = events.find(({ kind }) => kind === 'interruption.decided');
    const values = {
      isInterrupted: ended.outcome === 'interrupted',
      afterMs: decided === undefined || firstFrameUs === undefined ? null : Math.round((decided.atUs - firstFrameUs) / 1000),
      holds: events.filter(({ kind }) => kind === 'interruption.onset').length,
      understood: understood(events),
    };
    const packets = await packetsSince(bench, line, sinceUs);
    const told: { userText: string; replyText: string } = { userText: values.understood, replyText: ended.replyText };
    return {
      values: { ...values, duplex: tellDuplex(bench, { check: 'echo.selfinterrupt', values }) },
      evidence: [{ kind: 'turn', conversationId, turnId: started.turnId, ...told }, ...packetEvidence(packets)],
    };
  },
});

/** What was recognised of its own words. */
function understood(events: readonly PipelineEvent[]): string {
  const texts = events.flatMap((event) => (event.kind === 'stt.final' && event.text !== '' ? [event.text] : []));
  return texts.join(' ').slice(0, 200);
}
