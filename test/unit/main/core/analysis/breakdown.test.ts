import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { breakdownOf } from '../../../../../main/core/analysis/breakdown.ts';
import type { PipelineEvent, TurnInitiator } from '../../../../../preload/contract/events.ts';
import type { MonoUs } from '../../../../../preload/contract/time.ts';

const base = { conversationId: 'c', turnId: 1 };
const us = (value: number) => value as MonoUs;

/** The instants of voice.md §2.1 in microseconds; leave one out and its event did not happen. */
interface Instants {
  u1?: number;
  u2?: number;
  u3?: number;
  u4?: number;
  l0?: number;
  l1?: number;
  l2?: number;
  l2a?: number;
  l3?: number;
  t0?: number;
  t1?: number;
  t2?: number;
  lead?: number;
  s0?: number;
  d1?: number;
}

const whole: Required<Instants> = {
  u1: 1_000_000,
  u2: 1_500_000,
  u3: 1_560_000,
  u4: 1_600_000,
  l0: 1_601_000,
  l1: 1_650_000,
  l2: 1_700_000,
  l2a: 1_800_000,
  l3: 1_850_000,
  t0: 1_851_000,
  t1: 1_870_000,
  t2: 1_950_000,
  lead: 30_000,
  s0: 1_960_000,
  d1: 2_100_000,
};

/** A copy that lacks some instants. */
function without(...names: (keyof Instants)[]): Instants {
  return Object.fromEntries(Object.entries(whole).filter(([name]) => !names.includes(name as keyof Instants)));
}

function eventsOf(at: Instants, initiator: TurnInitiator = 'user-speech'): PipelineEvent[] {
  const events: PipelineEvent[] = [{ ...base, kind: 'turn.started', initiator, atUs: us(Math.min(at.u1 ?? at.u4 ?? 0, at.u4 ?? 0)) }];
  const add = (atUs: number | undefined, event: (atUs: MonoUs) => PipelineEvent) => {
    if (atUs !== undefined) events.push(event(us(atUs)));
  };
  add(at.u1, (atUs) => ({ ...base, kind: 'user.speech-ended', atUs, mediaUs: 0, declaredUs: us(at.u2 ?? atUs) }));
  add(at.u3, (atUs) => ({ ...base, kind: 'stt.final', atUs, text: 'hello', engine: 'phrase' }));
  add(at.u4, (atUs) => ({ ...base, kind: 'turn.committed', atUs, reason: 'silence', text: 'hello' }));
  add(at.l0, (atUs) => ({ ...base, kind: 'llm.request', atUs, engine: 'scripted', model: 'm', step: 0 }));
  add(at.l1, (atUs) => ({ ...base, kind: 'llm.headers', atUs }));
  add(at.l2, (atUs) => ({ ...base, kind: 'llm.first-token', atUs }));
  add(at.l2a, (atUs) => ({ ...base, kind: 'llm.first-answer', atUs }));
  add(at.l3, (atUs) => ({ ...base, kind: 'llm.first-chunk', atUs, text: 'Hi.' }));
  add(at.t0, (atUs) => ({ ...base, kind: 'tts.request', atUs, engine: 'flite', voice: 'v', sentence: 0, text: 'Hi.' }));
  add(at.t1, (atUs) => ({ ...base, kind: 'tts.headers', atUs, sentence: 0 }));
  add(at.t2, (atUs) => ({ ...base, kind: 'tts.first-audio', atUs, sentence: 0, leadSilenceUs: at.lead ?? 0 }));
  add(at.s0, (atUs) => ({ ...base, kind: 'downlink.first-frame', atUs }));
  add(at.d1, (atUs) => ({ ...base, kind: 'downlink.audible', atUs, source: 'device' }));
  return events;
}

const breakdown = (at: Instants, more: PipelineEvent[] = [], initiator: TurnInitiator = 'user-speech') =>
  breakdownOf({ initiator, events: [...eventsOf(at, initiator), ...more] });
const milliseconds = (at: Instants, more: PipelineEvent[] = []) =>
  Object.fromEntries(breakdown(at, more).parts.map((part) => [part.key, part.durationUs / 1000]));

describe('a turn’s latency', () => {
  test('is its nine parts, in order, from the last word to the first sound', () => {
    const result = breakdown(whole);
    expect(result.totalUs).toBe(1_100_000);
    expect(result.serverUs).toBe(960_000);
    expect(result.audibleSource).toBe('device');
    expect(result.missing).toEqual([]);
    expect(result.parts.map((part) => [part.key, part.durationUs / 1000])).toEqual([
      ['vad_silence', 500],
      ['asr_final_wait', 60],
      ['eou_wait', 40],
      ['llm_ttft', 200],
      ['text_agg', 50],
      ['tts_ttfb', 100],
      ['send_wait', 10],
      ['transport_device', 110],
      ['tts_lead_silence', 30],
    ]);
  });

  test('carries the vendors’ names, with the VAD’s silence inside asr_latency', () => {
    expect(breakdown(whole).product).toEqual({
      asr_latency: 560,
      llm_network_latency: 49,
      llm_first_token: 99,
      tts_network_latency: 19,
      tts_first_frame_latency: 99,
      tts_discontinuity: 0,
      interruption: null,
    });
  });

  test('counts the network of the try that was answered, and has no number for one whose headers nobody saw', () => {
    const retry = (more: PipelineEvent[]) => {
      const events = [...eventsOf(whole), ...more].toSorted((one, other) => one.atUs - other.atUs);
      return breakdownOf({ initiator: 'user-speech', events }).product;
    };
    // The first try got headers (19 ms) and broke; the second one was asked 49 ms later.
    const again: PipelineEvent = {
      ...{ ...base, kind: 'tts.request', atUs: us(1_900_000), engine: 'flite', voice: 'v', sentence: 0, text: 'Hi.' },
    };
    expect(retry([again])).toMatchObject({ tts_network_latency: null, tts_first_frame_latency: 50 });
    const headers: PipelineEvent = { ...base, kind: 'tts.headers', atUs: us(1_910_000), sentence: 0 };
    expect(retry([again, headers])).toMatchObject({ tts_network_latency: 10 });
    const asked: PipelineEvent = { ...base, kind: 'llm.request', atUs: us(1_680_000), engine: 'scripted', model: 'm', step: 0 };
    expect(retry([asked])).toMatchObject({ llm_network_latency: null, llm_first_token: 20 });
  });

  test('adds up exactly, with no negative part, whatever overtakes what between the last word and the first sound', () => {
    const inside = () => fc.integer({ min: 0, max: 3_000_000 });
    const order = fc.record({
      u2: inside(),
      u3: inside(),
      u4: inside(),
      l2a: inside(),
      l3: inside(),
      t2: inside(),
      s0: inside(),
      d1: inside(),
    });
    fc.assert(
      fc.property(order, fc.integer({ min: 0, max: 500_000 }), (at, lead) => {
        const u4 = Math.min(at.u4, at.d1);
        const result = breakdown({ u1: 0, ...at, u3: Math.min(at.u3, u4), u4, s0: Math.min(at.s0, at.d1), l0: 0, lead });
        expect(result.missing).toEqual([]);
        let endUs = 0;
        for (const part of result.parts) {
          expect(part.fromUs).toBe(endUs);
          expect(part.durationUs).toBe(part.toUs - part.fromUs);
          expect(part.durationUs).toBeGreaterThanOrEqual(0);
          endUs = part.toUs;
        }
        expect(endUs).toBe(at.d1);
        expect(result.parts.reduce((sum, part) => sum + part.durationUs, 0)).toBe(result.totalUs);
      }),
    );
  });

  test('never tells of more time than there was, whatever is missing and whatever overtakes what', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 3_000_000 }), { nil: undefined });
    const some = fc.record({ u2: instant, u3: instant, u4: instant, l2a: instant, l3: instant, t2: instant, s0: instant });
    fc.assert(
      fc.property(some, fc.integer({ min: 0, max: 3_000_000 }), (at, d1) => {
        const known = Object.fromEntries(Object.entries(at).filter(([, us]) => us !== undefined));
        const { parts, totalUs } = breakdown({ u1: 0, l0: 0, ...known, d1 });
        let reachedUs = 0;
        for (const { fromUs, toUs } of parts) {
          expect(fromUs).toBeGreaterThanOrEqual(reachedUs);
          reachedUs = toUs;
        }
        expect(parts.reduce((sum, part) => sum + part.durationUs, 0)).toBeLessThanOrEqual(totalUs ?? d1);
      }),
    );
  });

  test('is unknown, never zero, when a bound is missing, and says which', () => {
    for (const [left, name] of [
      ['u1', 'U1'],
      ['d1', 'D1'],
      ['s0', 'S0'],
      ['t2', 'T2'],
      ['l3', 'L3'],
      ['l2a', 'L2a'],
      ['u3', 'U3'],
    ] as const) {
      const result = breakdown(without(left));
      expect(result.missing).toContain(name);
      if (left === 'u1' || left === 'd1') expect(result.totalUs).toBeNull();
      for (const part of result.parts) expect([left, part.key, part.durationUs]).not.toContain(0);
    }
  });

  test('waits for no transcript that was there before the silence ended', () => {
    expect(milliseconds({ ...whole, u3: 1_300_000 })).toMatchObject({ vad_silence: 500, asr_final_wait: 0, eou_wait: 100 });
  });

  test('counts no silence after a commit that did not wait for it', () => {
    expect(milliseconds({ ...whole, u2: 1_700_000, u3: 1_560_000 })).toMatchObject({ vad_silence: 600, asr_final_wait: 0, eou_wait: 0 });
  });

  test('of an answer started before the commit is zero for the model, and the gain is told', () => {
    const result = breakdown({ ...whole, l2a: 1_450_000 });
    expect(result.preemptGainUs).toBe(150_000);
    expect(result.parts.find((part) => part.key === 'llm_ttft')?.durationUs).toBe(0);
    expect(result.parts.reduce((sum, part) => sum + part.durationUs, 0)).toBe(result.totalUs);
  });

  test('ignores a generation that was cancelled and started again', () => {
    const [started, ...rest] = eventsOf(whole);
    const early: PipelineEvent[] = [
      { ...base, kind: 'llm.request', atUs: us(1_100_000), engine: 'scripted', model: 'm', step: 0 },
      { ...base, kind: 'llm.first-answer', atUs: us(1_200_000) },
      { ...base, kind: 'llm.done', atUs: us(1_300_000), finish: 'cancelled' },
    ];
    const events = [started, ...early, ...rest].filter((event) => event !== undefined);
    expect(breakdownOf({ initiator: 'user-speech', events })).toEqual(breakdown(whole));
  });

  test('of text and of a greeting has no total: nobody stopped speaking', () => {
    const text = breakdown(without('u1', 'u2', 'u3'), [], 'user-text');
    expect([text.totalUs, text.missing, text.parts[0]?.key]).toEqual([null, ['U1'], 'llm_ttft']);
    const greeting = breakdown(without('u1', 'u2', 'u3', 'l0', 'l1', 'l2', 'l2a', 'l3'), [], 'greeting');
    expect([greeting.totalUs, greeting.missing]).toEqual([null, ['U1']]);
    expect(greeting.parts.map((part) => part.key)).toEqual(['tts_ttfb', 'send_wait', 'transport_device', 'tts_lead_silence']);
  });

  test('believes the board over an estimate that came first', () => {
    const result = breakdown(without('d1'), [
      { ...base, kind: 'downlink.audible', atUs: us(2_060_000), source: 'estimate' },
      { ...base, kind: 'downlink.audible', atUs: us(2_100_000), source: 'echo' },
    ]);
    expect([result.totalUs, result.audibleSource]).toEqual([1_100_000, 'echo']);
  });

  test('gives an interruption from its onset to the silent speaker, and its split', () => {
    const result = breakdown(whole, [
      { ...base, kind: 'interruption.onset', atUs: us(2_500_000) }, // a cough
      { ...base, kind: 'interruption.false', atUs: us(2_700_000), resumed: true, reason: 'too-short' },
      { ...base, kind: 'interruption.onset', atUs: us(3_000_000) },
      { ...base, kind: 'interruption.decided', atUs: us(3_500_000), reason: 'duration' },
      { ...base, kind: 'interruption.server-stopped', atUs: us(3_501_000) },
      { ...base, kind: 'interruption.silent', atUs: us(3_600_000), source: 'device' },
    ]);
    expect(result.interruption).toEqual({ stopUs: 600_000, detectUs: 500_000, serverStopUs: 1_000, residualUs: 99_000 });
    expect(result.product.interruption).toBe(500);
  });

  test('counts only gaps that can be heard, and only before the last frame', () => {
    const result = breakdown(whole, [
      { ...base, kind: 'downlink.underrun', atUs: us(2_200_000), gapUs: 20_000 },
      { ...base, kind: 'downlink.underrun', atUs: us(2_300_000), gapUs: 60_000 },
      { ...base, kind: 'downlink.last-frame', atUs: us(2_400_000) },
      { ...base, kind: 'downlink.underrun', atUs: us(2_500_000), gapUs: 60_000 },
    ]);
    expect(result.product.tts_discontinuity).toBe(1);
  });
});
