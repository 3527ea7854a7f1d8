import { z } from 'zod';
import { check } from '../../check.ts';
import { isWithin, languageOf, quietLine, startsOf, startsSince } from './line.ts';
import { known, milliseconds } from './numbers.ts';
import { scriptedTurns, scriptOf } from './phrases.ts';
import { holdTextTurn } from './turn.ts';
import { wakeUp } from './waking.ts';

/** What a reminder takes to be said. */
const REMINDER_MS = 8000;
const SLACK_MS = 5000;

/** Nobody says anything: the board is reminded, the session ends after the last reminder, and the board can be woken again. */
export const idle = check({
  name: 'conversation.idle',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    /** The silence before the first reminder, between reminders, and before the end. */
    silenceS: z.number().int().min(1).max(120).default(4),
    reminders: z.number().int().min(0).max(10).default(2),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'reminders', unit: 'count' },
    { name: 'firstReminderMs', unit: 'ms' },
    { name: 'isEnded', limit: { equals: true }, next: 'enable-idle' },
    { name: 'endedMs', unit: 'ms' },
    { name: 'isOnline', limit: { equals: true }, isOptional: true, next: 'survive-end' },
    { name: 'starts', unit: 'count' },
    { name: 'isBack', limit: { equals: true }, isOptional: true, next: 'wake-again' },
    { name: 'backMs', unit: 'ms' },
  ],
  nexts: ['enable-idle', 'survive-end', 'wake-again', 'check-engines'],
  async measure(bench, { silenceS, reminders, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    const conversationId = await quietLine(bench, device, timeoutS * 1000);
    if (conversationId === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    const [first] = scriptedTurns[language];
    device.configure({
      settings: { conversation: { isIdleDetected: true, idleTimeoutS: silenceS, idleMaxRetries: reminders } },
      script: scriptOf(scriptedTurns[language], language),
    });
    const starts = startsOf(bench);
    const beganUs = bench.clock.nowUs();
    // Settings count from the next turn on: one is held.
    const turn = await holdTextTurn(bench, device, first?.say ?? '', 20_000);
    if (turn === null) return { values: { isEnded: false }, next: 'check-engines' };
    const silentUs = bench.clock.nowUs();
    const longestMs = (reminders + 1) * (silenceS * 1000 + REMINDER_MS) + SLACK_MS;
    const closed = await device.until('conversation.closed', {
      sinceUs: silentUs,
      timeoutMs: longestMs,
      accept: (event) => event.conversationId === conversationId,
    });
    const told = device.events(silentUs).filter((event) => event.kind === 'conversation.idle' && isWithin(event, conversationId));
    const reminded = told.flatMap((event) => (event.kind === 'conversation.idle' && event.retry > 0 ? event.atUs : []));
    bench.progress(0.7);
    const [firstReminderUs] = reminded;
    const values = {
      reminders: reminded.length,
      firstReminderMs: firstReminderUs === undefined ? null : milliseconds(firstReminderUs - silentUs),
      isEnded: closed !== null,
      endedMs: closed === null ? null : milliseconds(closed.atUs - silentUs),
    };
    if (closed === null) return { values: known(values), next: 'enable-idle' };
    const woken = await wakeUp(bench, device, timeoutS * 1000);
    const wentOffline = device.events(beganUs).some((event) => event.kind === 'device.offline');
    return {
      values: known({
        ...values,
        isOnline: !wentOffline && device.record()?.isOnline !== false,
        starts: startsSince(bench, starts),
        isBack: woken !== null,
        backMs: woken === null ? null : milliseconds(woken.openedUs - woken.wokenUs),
      }),
    };
  },
});
