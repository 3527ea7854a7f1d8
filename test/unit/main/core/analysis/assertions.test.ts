import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checked, parseAssertions } from '../../../../../main/core/analysis/assertions.ts';
import { parseBudget } from '../../../../../main/core/analysis/budget.ts';
import { type MeasuredTurn, valuesFrom } from '../../../../../main/core/analysis/metrics.ts';
import { isTalkError } from '../../../../../preload/contract/talk-error.ts';

const answered = (v2v: number): MeasuredTurn => ({
  initiator: 'user-speech',
  isCensored: false,
  values: valuesFrom({ v2v_device: v2v }),
});
const unanswered: MeasuredTurn = {
  initiator: 'user-speech',
  isCensored: true,
  values: valuesFrom({ v2v_device: Number.POSITIVE_INFINITY }),
};
const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (isTalkError(error)) return [error.code, error.value.data.reason];
    throw error;
  }
  return undefined;
};
const met = (text: string, turns: MeasuredTurn[]) => parseAssertions(text).map((assertion) => checked(assertion, turns, 'all').isMet);

describe('an assertion', () => {
  test('names a metric, a statistic, a comparator and a number', () => {
    expect(parseAssertions('v2v.p95<1200, llm_ttft.p50 <= 0.4s,unanswered==0')).toEqual([
      { text: 'v2v.p95<1200', metric: 'v2v_device', statistic: { kind: 'percentile', percent: 95 }, comparator: '<', limit: 1200 },
      { text: 'llm_ttft.p50 <= 0.4s', metric: 'llm_ttft', statistic: { kind: 'percentile', percent: 50 }, comparator: '<=', limit: 400 },
      { text: 'unanswered==0', metric: 'v2v_device', statistic: { kind: 'censored' }, comparator: '==', limit: 0 },
    ]);
  });

  test('says what cannot be understood of it', () => {
    for (const [text, reason] of [
      ['', 'form'],
      ['v2v.p95<1200,', 'form'],
      ['v2v.p95=1200', 'form'],
      ['v2v.p95<', 'form'],
      ['v3v.p95<1200', 'metric'],
      ['v2v<1200', 'no-statistic'],
      ['v2v.p0<1200', 'statistic'],
      ['v2v.p101<1200', 'statistic'],
      ['v2v.median<1200', 'statistic'],
      ['v2v.n>20ms', 'unit'],
    ] as const)
      expect([text, refusal(() => parseAssertions(text))]).toEqual([text, ['latency/bad-assertion', reason]]);
  });

  test('is understood or refused, whatever it is', () => {
    const words = fc.constantFrom('v2v', '.', 'p95', '<', '>=', '12', ',', ' ', 'ms', 'n', '==', 'unanswered');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((parts) => parts.join('')),
        ),
        (text) => {
          const reason = refusal(() => parseAssertions(text));
          expect(reason === undefined || reason[0] === 'latency/bad-assertion').toBe(true);
        },
      ),
    );
  });

  test('holds or does not', () => {
    const turns = [600, 700, 800, 1300].map(answered);
    expect(met('v2v.p50<=700,v2v.p50<700,v2v.max>1200,v2v.min==600,v2v.mean<851,v2v.n>=4,unanswered==0', turns)).toEqual([
      ...[true, false, true, true, true, true, true],
    ]);
  });

  test('is not kept by turns that were never answered, or by no turns at all', () => {
    const turns = [...[600, 700, 800].map(answered), unanswered];
    expect(met('v2v.p75<1000,v2v.p95<1000,v2v.max<1000,v2v.mean<1000,unanswered<1', turns)).toEqual([true, false, false, false, false]);
    expect(met('v2v.p95<1000,v2v.p95>1000', [])).toEqual([false, false]);
    // A session in which nobody spoke has not shown that everybody is answered; nor have greetings.
    const greeting: MeasuredTurn = { initiator: 'greeting', isCensored: false, values: valuesFrom({}) };
    expect([met('unanswered==0', []), met('unanswered==0', [greeting])]).toEqual([[false], [false]]);
    // Answered, though nobody knows how soon.
    const unmeasured: MeasuredTurn = { initiator: 'user-speech', isCensored: false, values: valuesFrom({}) };
    expect(met('unanswered==0', [unmeasured])).toEqual([true]);
    expect(met('v2v.p99<1000', turns)).toEqual([false]);
  });
});

describe('a budget', () => {
  test('is YAML or JSON, each number the most that is allowed, n the least', () => {
    const yaml = 'v2v: { p50: 800, p95: 1200, n: 20 }\nvad_silence: {max: 500}\nunanswered: 0\n';
    const json = '{"v2v":{"p50":800,"p95":1200,"n":20},"vad_silence":{"max":500},"unanswered":0}';
    const texts = ['v2v.p50<=800', 'v2v.p95<=1200', 'v2v.n>=20', 'vad_silence.max<=500', 'unanswered<=0'];
    expect(parseBudget(yaml).map(({ text }) => text)).toEqual(texts);
    expect(parseBudget(json)).toEqual(parseBudget(yaml));
    expect(parseBudget(yaml)).toEqual(parseAssertions(texts.join(',')));
  });

  test('says what is wrong with it', () => {
    for (const [text, reason] of [
      ['', 'no-limits'],
      ['- v2v', 'no-limits'],
      ['v2v: {p95: 1', 'not-yaml'],
      ['v2v: {p95: 1}\nv2v: {p50: 1}', 'not-yaml'],
      ['v2v: 800', 'no-statistic'],
      ['v3v: {p95: 1}', 'metric'],
      ['v2v: {p950: 1}', 'statistic'],
      ['v2v: {p95: fast}', 'number'],
      ['a: &a {p95: 1}\nv2v: *a', 'aliases'],
    ] as const)
      expect([text, refusal(() => parseBudget(text))]).toEqual([text, ['latency/bad-budget', reason]]);
  });
});
