import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import { check } from '../../check.ts';
import { endLine, isWithin, languageOf } from './line.ts';
import { known, milliseconds } from './numbers.ts';
import { greetingText, scriptOf } from './phrases.ts';
import { heardBetween, recordOf, turnEvidence } from './turn.ts';
import { wakeUp } from './waking.ts';

/** A greeting is a sentence. */
const LONGEST_MS = 20_000;

/** The board is woken; it connects and is greeted. The first check of a conversation: where this fails, look no further. */
export const greeting = check({
  name: 'conversation.greeting',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** Until the board has connected; a person has to wake it in that time. */
    timeoutS: z.number().min(1).max(600).default(60),
    /** What it is greeted with; empty: a short sentence of ours. */
    text: z.string().max(200).default(''),
  }),
  values: [
    { name: 'isConnected', limit: { equals: true }, next: 'wake-board' },
    { name: 'connectMs', unit: 'ms', limit: { max: 5000 }, isTimed: true, isOptional: true, next: 'slow-connection' },
    { name: 'isHeard', limit: { equals: true }, isTimed: true, isOptional: true, next: 'check-speaker' },
    { name: 'audibleMs', unit: 'ms', limit: { max: 6000 }, isTimed: true, isOptional: true, next: 'slow-greeting' },
    { name: 'heardBy' },
  ],
  nexts: ['wake-board', 'slow-connection', 'check-speaker', 'slow-greeting', 'check-engines'],
  async measure(bench, { timeoutS, text }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const language = languageOf(bench, device);
    const words = (each: 'zh' | 'en') => (text === '' ? greetingText[each] : text);
    device.configure({
      settings: { agent: { greetingZh: words('zh'), greetingEn: words('en') }, conversation: { isIdleDetected: false } },
      script: scriptOf([], language),
    });
    await endLine(bench, device);
    bench.progress(0.1);
    const waking = await wakeUp(bench, device, timeoutS * 1000);
    if (waking === null) return { values: { isConnected: false }, next: 'wake-board' };
    bench.progress(0.5);
    const { conversationId, wokenUs, openedUs } = waking;
    const accept = (event: { conversationId: string }) => isWithin(event as never, conversationId);
    const started = await device.until('turn.started', { sinceUs: openedUs, timeoutMs: 5000, accept });
    const connected = { isConnected: true, connectMs: milliseconds(openedUs - wokenUs) };
    if (started === null) return { values: { ...connected, isHeard: false }, next: 'check-engines' };
    await device.until('turn.ended', { sinceUs: openedUs, timeoutMs: LONGEST_MS, accept });
    bench.progress(0.9);
    const turn = recordOf(device, { sinceUs: openedUs, conversationId, turnId: started.turnId });
    const evidence: CheckEvidence[] = turn === null ? [] : [turnEvidence(turn)];
    if (turn === null || turn.outcome === 'failed') return { values: { ...connected, isHeard: false }, evidence, next: 'check-engines' };

    const heard = await heardBetween(bench, openedUs, bench.clock.nowUs());
    if (heard !== null) {
      evidence.push(bench.keepSound('heard', heard.pcm));
      const audibleMs = heard.firstUs === null ? null : milliseconds(heard.firstUs - wokenUs);
      return { values: known({ ...connected, isHeard: heard.firstUs !== null, audibleMs, heardBy: 'ear' }), evidence };
    }
    const audible = device.events(openedUs).findLast((event) => event.kind === 'downlink.audible' && isWithin(event, conversationId));
    const audibleMs = audible === undefined ? null : milliseconds(audible.atUs - wokenUs);
    if (audible?.kind === 'downlink.audible' && audible.source !== 'estimate')
      return { values: known({ ...connected, isHeard: true, audibleMs, heardBy: 'board' }), evidence };
    const answer = await bench.ask({ ask: 'heard', data: { what: words(language) }, kind: 'judge' });
    if (answer !== 'yes' && answer !== 'no')
      return { person: answer === 'skip' ? 'person-skipped' : 'nobody-there', values: connected, evidence };
    return { values: known({ ...connected, isHeard: answer === 'yes', audibleMs, heardBy: 'person' }), evidence };
  },
});
