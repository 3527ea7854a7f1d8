import { z } from 'zod';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import { check } from '../../check.ts';
import { MARKER_TIMES, talkAndHangUp, untilCall } from './call.ts';
import { languageOf, quietLine } from './line.ts';
import { markerSound } from './marker.ts';
import { milliseconds } from './numbers.ts';

/** A board that answers on its own does so at once. */
const OWN_ANSWER_MS = 3000;

const ask = {
  zh: '板子正在响铃：请在板子上接听来电，然后按“完成”。',
  en: 'The board is ringing: take the call on the board, then press “done”.',
};

/** The mini-program calls the board: it rings, is answered, both hear each other, and the call ends. */
export const callIn = check({
  name: 'conversation.call-in',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** How long it is let ring. */
    ringS: z.number().min(2).max(120).default(25),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'isRinging', limit: { equals: true }, next: 'subscribe-calls' },
    { name: 'isAnswered', limit: { equals: true }, isOptional: true, next: 'answer-call' },
    { name: 'answerMs', unit: 'ms' },
    { name: 'isHeardAtBoard', limit: { equals: true }, isTimed: true, isOptional: true, next: 'call-speaker' },
    { name: 'isHeardAtPhone', limit: { equals: true }, isTimed: true, isOptional: true, next: 'call-microphone' },
    { name: 'isEndedCleanly', limit: { equals: true }, isOptional: true, next: 'hang-up' },
    { name: 'agentBackMs', unit: 'ms' },
    { name: 'end' },
  ],
  nexts: ['subscribe-calls', 'answer-call', 'call-speaker', 'call-microphone', 'hang-up'],
  async measure(bench, { ringS, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await quietLine(bench, device, timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    device.configure({ settings: { conversation: { isIdleDetected: false } } });
    const sinceUs = bench.clock.nowUs();
    const ringing = await ring();
    if (ringing === null) return { values: { isRinging: false }, next: 'subscribe-calls' };
    const { callId } = ringing;
    bench.progress(0.1);
    let changed = await untilCall(device, callId, 'talking', { sinceUs, timeoutMs: Math.min(OWN_ANSWER_MS, ringS * 1000) });
    if (changed === null && !bench.isUnattended) {
      await bench.ask({ ask: 'other', data: { text: ask[bench.language] }, kind: 'do' });
    }
    changed ??= await untilCall(device, callId, 'talking', {
      sinceUs,
      timeoutMs: Math.max(0, ringS * 1000 - (bench.clock.nowUs() - sinceUs) / 1000),
    });
    if (changed?.state !== 'talking') {
      if (changed === null) await device.endCall(callId);
      return { values: { isRinging: true, isAnswered: false, end: changed?.end ?? 'timeout' }, next: 'answer-call' };
    }
    bench.progress(0.3);
    const { values, evidence, isUntold } = await talkAndHangUp(bench, device, { callId }, language);
    const all = { isRinging: true, isAnswered: true, answerMs: milliseconds(changed.atUs - sinceUs), ...values };
    if (isUntold && !Object.values(values).includes(false)) return { person: 'nobody-there', values: all, evidence };
    return { values: all, evidence };

    /** Null: the board does not listen for calls. */
    async function ring() {
      try {
        return (await device?.ring(markerSound(MARKER_TIMES))) ?? null;
      } catch (error) {
        if (isTalkError(error, 'device/not-subscribed')) return null;
        throw error;
      }
    }
  },
});
