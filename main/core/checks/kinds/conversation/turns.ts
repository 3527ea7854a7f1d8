import { z } from 'zod';
import type { CheckEvidence } from '../../../../../preload/contract/checks.ts';
import type { TextErrors } from '../../../../../preload/contract/quality.ts';
import { compareTexts, sumOfErrors } from '../../../quality/golden/text-errors.ts';
import { check } from '../../check.ts';
import type { Span } from '../../lateness/lateness.ts';
import { decisive } from './excuse.ts';
import { languageOf, quietLine } from './line.ts';
import { greatestOf, known, medianOf, milliseconds } from './numbers.ts';
import { type ScriptedTurn, scriptedTurns, scriptOf } from './phrases.ts';
import { holdTurn, isAnswered, isUnderstood, turnEvidence, wasHeard } from './turn.ts';

/** After the last word, before what is heard counts as an answer. */
const ECHO_US = 150_000;
const SOUNDS_KEPT = 3;

/** Ten short questions, each understood, answered and heard. */
export const turns = check({
  name: 'conversation.turns',
  group: 'conversation',
  needs: ['device', 'voice'],
  parameters: z.strictObject({
    /** What is said; empty: ten short phrases in the board's language that the embedded recogniser knows. */
    phrases: z.array(z.string().min(1).max(200)).max(100).default([]),
    /** Until the board has connected. */
    timeoutS: z.number().min(1).max(600).default(60),
    /** From the last word until the answer has been played. */
    replyTimeoutS: z.number().min(1).max(120).default(20),
  }),
  values: [
    { name: 'turns', unit: 'count' },
    { name: 'unnoticed', unit: 'count', limit: { max: 0 }, isTimed: true, next: 'check-microphone' },
    { name: 'unanswered', unit: 'count', limit: { max: 0 }, isTimed: true, next: 'check-engines' },
    { name: 'unheard', unit: 'count', limit: { max: 0 }, isTimed: true, isOptional: true, next: 'check-speaker' },
    { name: 'textErrors', unit: '%', limit: { max: 20 }, isTimed: true, next: 'improve-uplink' },
    { name: 'misheard', unit: 'count' },
    { name: 'latencyMs', unit: 'ms' },
    { name: 'slowestMs', unit: 'ms' },
  ],
  nexts: ['check-microphone', 'check-engines', 'check-speaker', 'improve-uplink'],
  async measure(bench, { phrases, timeoutS, replyTimeoutS }) {
    const device = bench.device();
    if (device === null) return { skipped: 'no-device' };
    if (bench.voice.speaker === 'none') return { skipped: 'no-speech-source' };
    const conversationId = await quietLine(bench, device, timeoutS * 1000);
    if (conversationId === null) return { skipped: 'no-conversation' };
    const language = languageOf(bench, device);
    const script: readonly ScriptedTurn[] =
      phrases.length === 0
        ? scriptedTurns[language]
        : phrases.map((say, i) => ({ say, reply: scriptedTurns[language][i % 10]?.reply ?? say }));
    device.configure({ settings: { conversation: { isIdleDetected: false } }, script: scriptOf(script, language) });

    const evidence: CheckEvidence[] = [];
    const errors: TextErrors[] = [];
    const latencies: number[] = [];
    const counts = { turns: script.length, unnoticed: 0, unanswered: 0, unheard: 0, misheard: 0 };
    const moments: Record<'unnoticed' | 'unanswered' | 'unheard', Span[]> = { unnoticed: [], unanswered: [], unheard: [] };
    const untold: Span[] = [];
    let sounds = 0;
    for (const [index, { say }] of script.entries()) {
      await quietLine(bench, device, timeoutS * 1000);
      const { said, turn } = await holdTurn(bench, device, say, replyTimeoutS * 1000);
      if (said === null) return { person: 'nobody-there', evidence };
      const compared = compareTexts(say, turn?.userText ?? '').errors;
      errors.push(compared);
      if (compared.mixed.rate !== 0) counts.misheard++;
      const overUs = turn?.endedUs ?? bench.clock.nowUs();
      const decided = decisive({ turn, saidFromUs: said.startUs, saidToUs: said.endUs, overUs });
      const failed = (what: keyof typeof moments) => {
        counts[what]++;
        moments[what].push(decided);
      };
      if (turn === null) failed('unnoticed');
      else {
        evidence.push(turnEvidence(turn));
        if (turn.breakdown.totalUs !== null) latencies.push(milliseconds(turn.breakdown.totalUs));
        if (isUnderstood(turn) && !isAnswered(turn)) failed('unanswered');
        if (isAnswered(turn)) {
          const { isHeard, heard } = await wasHeard(bench, turn, said.endUs + ECHO_US);
          if (isHeard === false) failed('unheard');
          if (isHeard === null) untold.push(decided);
          if (heard !== null && isHeard === false && sounds++ < SOUNDS_KEPT) evidence.push(bench.keepSound('heard', heard.pcm));
        }
      }
      bench.progress((index + 1) / script.length);
    }

    const rate = sumOfErrors(errors).mixed.rate;
    const measured = {
      ...known({ textErrors: rate === null ? null : Math.round(rate * 1000) / 10 }),
      ...known({ latencyMs: medianOf(latencies), slowestMs: greatestOf(latencies) }),
    };
    if (untold.length > 0) {
      const answer = await bench.ask({
        ask: 'heard',
        data: { what: language === 'zh' ? `${untold.length} 句回答` : `${untold.length} answers` },
        kind: 'judge',
      });
      if (answer !== 'yes' && answer !== 'no') {
        const { unheard: _, ...told } = counts;
        const isFailing = counts.unnoticed + counts.unanswered > 0;
        // What has failed already has failed, whoever may have heard the rest.
        if (!isFailing) return { person: 'no-ear', values: { ...told, ...measured }, evidence };
        return { values: { ...told, ...measured }, evidence, moments };
      }
      if (answer === 'no') {
        counts.unheard += untold.length;
        moments.unheard.push(...untold);
      }
    }
    return { values: { ...counts, ...measured }, evidence, moments };
  },
});
