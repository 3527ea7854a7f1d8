import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';
import type { BoardDevice } from '../../bench.ts';
import { check, type Measurement } from '../../check.ts';
import type { Span } from '../../lateness/lateness.ts';
import { anyNumber, argumentsFor, type BoardTool, batteryName, findTool, numberNamed, volumeName, wishesFor } from './board-tools.ts';
import { decisive } from './excuse.ts';
import { languageOf, quietLine } from './line.ts';
import { greatestOf, known, milliseconds } from './numbers.ts';
import { scriptOf, wholly } from './phrases.ts';
import { holdTextTurn, turnEvidence } from './turn.ts';

/** A change is told at once or with the board's next report. */
const REPORT_MS = 3000;

/** What is asked for, as if it had been understood: hearing is another check's matter. */
const requests: Readonly<Record<BoardTool, Readonly<Record<'zh' | 'en', string>>>> = {
  volume: { zh: '把音量调一下', en: 'change the volume' },
  battery: { zh: '还有多少电', en: 'how much battery is left' },
  alarm: { zh: '定一个七点半的闹钟', en: 'set an alarm for half past seven' },
};
const done: Readonly<Record<'zh' | 'en', string>> = { zh: '好了。', en: 'Done.' };

/** The agent calls what the board says it can do; the board answers in time, and has really done it. */
export const tools = check({
  name: 'conversation.tools',
  group: 'conversation',
  needs: ['device'],
  parameters: z.strictObject({
    tools: z
      .array(z.enum(['volume', 'battery', 'alarm']))
      .min(1)
      .max(3)
      .default(['volume', 'battery', 'alarm']),
    timeoutS: z.number().min(1).max(600).default(60),
  }),
  values: [
    { name: 'offered', unit: 'count' },
    { name: 'missing', unit: 'count', limit: { max: 0 }, next: 'offer-actions' },
    { name: 'unanswered', unit: 'count', limit: { max: 0 }, isTimed: true, next: 'answer-actions' },
    { name: 'wrong', unit: 'count', limit: { max: 0 }, next: 'do-actions' },
    { name: 'slowestMs', unit: 'ms', limit: { max: 3000 }, isTimed: true, isOptional: true, next: 'slow-actions' },
    { name: 'volumeSet' },
    { name: 'batteryPercent', unit: '%' },
    { name: 'alarmSet' },
    { name: 'isControlAnswered' },
    { name: 'called' },
  ],
  nexts: ['offer-actions', 'answer-actions', 'do-actions', 'slow-actions'],
  async measure(bench, { tools: wanted, timeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if ((await quietLine(bench, device, timeoutS * 1000)) === null) return { skipped: 'no-conversation' };
    const offered = device.tools();
    const found = wanted.flatMap((name) => {
      const tool = findTool(offered, name);
      return tool === undefined ? [] : [{ name, tool }];
    });
    if (found.length === 0) return { skipped: 'not-supported-by-board' };

    const before = volumeOf(device);
    const target = before === 40 ? 60 : 40;
    const language = languageOf(bench, device);
    const calls = found.map(({ name, tool }) => ({ name, tool, given: argumentsFor(tool, wishesFor(name, target)) }));
    device.configure({
      settings: { conversation: { isIdleDetected: false } },
      script: {
        ...scriptOf([], language),
        replies: calls.map(({ name, tool, given }) => ({
          when: wholly(requests[name][language]),
          call: { name: tool.name, arguments: given },
          sayAfter: done[language],
        })),
      },
    });

    const evidence: CheckEvidence[] = [];
    const dialogue: string[] = [];
    const counts = { offered: found.length, missing: wanted.length - found.length, unanswered: 0, wrong: 0 };
    const told: Record<string, Measurement | null> = {};
    const times: number[] = [];
    const unanswered: Span[] = [];
    const failed = (sinceUs: number) => {
      counts.unanswered++;
      unanswered.push(decisive({ turn: null, saidFromUs: sinceUs, saidToUs: sinceUs, overUs: bench.clock.nowUs() }));
    };
    for (const [index, { name, tool, given }] of calls.entries()) {
      await quietLine(bench, device, timeoutS * 1000);
      const sinceUs = bench.clock.nowUs();
      const turn = await holdTextTurn(bench, device, requests[name][language], 20_000);
      if (turn !== null) evidence.push(turnEvidence(turn));
      const call = turn?.toolCalls.find((each) => each.name === tool.name);
      dialogue.push(`${tool.name} ${JSON.stringify(given)}`, `→ ${JSON.stringify(call?.result ?? null)}`);
      if (call?.isOk !== true) failed(sinceUs);
      else {
        if (call.elapsedUs !== null) times.push(milliseconds(call.elapsedUs));
        const outcome = await cameOf(device, { name, given, answer: call.result, sinceUs });
        Object.assign(told, outcome.told);
        if (!outcome.isRight) counts.wrong++;
      }
      bench.progress((index + 1) / (calls.length + 1));
    }
    const setBackUs = bench.clock.nowUs();
    const isControlAnswered = before === null ? null : await setBack(device, before);
    if (isControlAnswered === false) failed(setBackUs);
    evidence.push({ kind: 'lines', label: 'tools', lines: dialogue });
    const called = calls.map(({ tool }) => tool.name).join(', ');
    const values = { ...counts, ...known<Measurement>({ ...told, slowestMs: greatestOf(times), isControlAnswered, called }) };
    return { values, evidence, moments: { unanswered } };
  },
});

interface Answered {
  name: BoardTool;
  given: Record<string, unknown>;
  answer: unknown;
  sinceUs: number;
}

/** Whether the board did what it says it did. */
async function cameOf(device: BoardDevice, { name, given, answer, sinceUs }: Answered) {
  if (name === 'alarm') return { isRight: true, told: { alarmSet: true } };
  if (name === 'battery') {
    const percent = numberNamed(answer, batteryName) ?? anyNumber(answer);
    return { isRight: percent !== null && percent >= 0 && percent <= 100, told: { batteryPercent: percent } };
  }
  const wanted = numberNamed(given, volumeName) ?? anyNumber(given);
  const isWanted = (properties: Record<string, unknown>) => numberNamed(properties, volumeName) === wanted;
  // The property is what the board reports of itself; an answer only says that it was asked.
  if (volumeOf(device) !== null) {
    await device.until('device.property', { sinceUs, timeoutMs: REPORT_MS, accept: ({ properties }) => isWanted(properties) });
    const isRight = volumeOf(device) === wanted;
    return { isRight, told: { volumeSet: isRight } };
  }
  const isRight = (numberNamed(answer, volumeName) ?? anyNumber(answer)) === wanted;
  return { isRight, told: { volumeSet: isRight } };
}

function volumeOf(device: BoardDevice): number | null {
  return numberNamed(device.record()?.properties ?? {}, volumeName) ?? numberNamed({ volume: device.property('volume') }, volumeName);
}

/** As loud as it was, by its property this time. False: the board did not take it. */
async function setBack(device: BoardDevice, volume: number): Promise<boolean> {
  const name = Object.keys(device.record()?.properties ?? {}).find((each) => volumeName.test(each)) ?? 'volume';
  try {
    await device.control({ [name]: volume });
    return true;
  } catch (error) {
    if (!isTalkError(error) || error.code === 'cancelled') throw error;
    return false;
  }
}
