import { describe, expect, test } from 'vitest';
import { echoDoubleTalk } from '../../../../../../../main/core/checks/kinds/echo/doubletalk.ts';
import { echoReturned } from '../../../../../../../main/core/checks/kinds/echo/return.ts';
import { echoSelfInterrupt } from '../../../../../../../main/core/checks/kinds/echo/selfinterrupt.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import type { FakeBench } from '../../../../../../fakes/fake-bench.ts';
import { verdictOn } from '../audio-kinds.ts';

describe('echo.return', () => {
  const short = { parameters: { durationS: 6 } };
  test.each([
    ['a canceller that works', { echoDb: -60 }, 'passed', null],
    ['none', { echoDb: -10 }, 'failed', 'half'],
    ['half a one', { echoDb: -26 }, 'failed', 'half'],
    ['a microphone that is off meanwhile', { echoDb: -10, isDeafWhilePlaying: true }, 'passed', null],
  ] as const)('%s', async (_, board, state, duplex) => {
    const verdict = await verdictOn(echoReturned, board, short);
    expect(verdict).toMatchObject({ state, values: { duplex } });
    if (state === 'failed') {
      expect(Math.abs(Number(verdict.values.lossDb) + board.echoDb)).toBeLessThan(1.5);
      expect(verdict.values.echoDelayMs).toBeCloseTo(80, -1);
      expect(verdict.bench.facts.get('turns.isHalfDuplex')).toBe(true);
    }
  });
});

test('echo.return: a room so loud that an echo would be lost in it is no board’s fault', async () => {
  const verdict = await verdictOn(echoReturned, { echoDb: -40, noiseDbFs: -45 }, { parameters: { durationS: 6 } });
  expect(verdict).toMatchObject({ state: 'skipped', reason: 'cannot-tell' });
  expect(verdict.bench.facts.has('duplex')).toBe(false);
});

test('a verdict that an earlier try gave, and this one cannot, is not the run’s any more', async () => {
  const earlier = (bench: FakeBench) => {
    bench.facts.set('duplex', 'half');
    bench.facts.set('turns.isHalfDuplex', true);
  };
  const { values, bench } = await verdictOn(echoReturned, { echoDb: -50 }, { parameters: { durationS: 6 }, prepare: earlier });
  expect(values).toMatchObject({ duplex: null });
  expect([...bench.facts.keys()]).toEqual([]);
});

describe('echo.doubletalk', () => {
  test('ended while the far end still speaks it leaves nothing behind that fails later', async () => {
    const ended = (bench: FakeBench) => {
      bench.board.over.play = async () => {
        await bench.sleep(3000);
        throw new TalkError('timeout', { operation: 'reference sound', timeoutMs: 3000 });
      };
      bench.at(5000, () => bench.stop.abort(new TalkError('cancelled')));
    };
    await expect(verdictOn(echoDoubleTalk, {}, { prepare: ended })).rejects.toThrow();
    await new Promise((resolve) => setImmediate(resolve));
  });

  const afterReturn = (lossDb: number) => ({ prepare: (bench: FakeBench) => void bench.results.set('echo.return', { lossDb }) });

  test('a board that hears who speaks into its words is full duplex', async () => {
    const { state, values, bench } = await verdictOn(echoDoubleTalk, { echoDb: -50 }, afterReturn(50));
    expect(state).toBe('passed');
    expect(values).toMatchObject({ duplexType: '1', duplex: 'full', nearHeardPercent: 100 });
    expect(bench.facts.get('duplex')).toBe('full');
  });

  test('one that is deaf meanwhile is half duplex', async () => {
    const { state, next, values, bench } = await verdictOn(echoDoubleTalk, { isDeafWhilePlaying: true }, afterReturn(80));
    expect({ state, next }).toEqual({ state: 'failed', next: 'half-duplex' });
    expect(values).toMatchObject({ duplexType: '3', duplex: 'half' });
    expect(bench.facts.get('turns.isHalfDuplex')).toBe(true);
  });

  test('what comes through beside an echo is no full duplex', async () => {
    expect(await verdictOn(echoDoubleTalk, { echoDb: -15 }, afterReturn(15))).toMatchObject({
      state: 'passed',
      values: { duplex: 'half' },
    });
  });

  test('a person’s words are known by their level', async () => {
    const options = { speaker: 'person' } as const;
    const { state, values, bench } = await verdictOn(echoDoubleTalk, { echoDb: -60 }, { options, ...afterReturn(55) });
    expect(state).toBe('passed');
    expect(Number(values.nearLossDb)).toBeLessThan(3);
    expect(bench.talk.said).toHaveLength(2);
    expect(await verdictOn(echoDoubleTalk, {}, { options, prepare: (one) => (one.talk.onSay = () => null) })).toMatchObject({
      state: 'person',
    });
  });

  test('a deaf board is left to uplink.level', async () => {
    const deaf = { microphoneDb: Number.NEGATIVE_INFINITY };
    expect(await verdictOn(echoDoubleTalk, deaf)).toMatchObject({ state: 'skipped', reason: 'needs-earlier' });
  });
});

describe('echo.selfinterrupt', () => {
  const speaking = (outcome: 'completed' | 'interrupted') => ({
    prepare: (bench: FakeBench) => {
      bench.board.on.say = () => {
        bench.at(300, () => bench.board.tell({ kind: 'turn.started', initiator: 'injected', turnId: 4 }));
        bench.at(500, () => bench.board.tell({ kind: 'downlink.first-frame', turnId: 4 }));
        if (outcome === 'interrupted') {
          bench.at(2000, () => bench.board.tell({ kind: 'interruption.onset', turnId: 4 }));
          bench.at(2500, () => bench.board.tell({ kind: 'interruption.decided', reason: 'duration', turnId: 4 }));
          bench.at(2600, () => bench.board.tell({ kind: 'stt.final', text: '从前有一只', engine: 'x' }));
        }
        bench.at(2700, () =>
          bench.board.tell({ kind: 'turn.ended', outcome, userText: '', replyText: '从前', heardText: '从前', turnId: 4 }),
        );
      };
    },
  });

  test('speaks to its end when nobody else does', async () => {
    expect(await verdictOn(echoSelfInterrupt, {}, speaking('completed'))).toMatchObject({
      ...{ state: 'passed', values: { isInterrupted: false, holds: 0, afterMs: null, understood: '' } },
    });
  });

  test('an agent that stops at its own voice is told with when, and what it took it for', async () => {
    const verdict = await verdictOn(echoSelfInterrupt, {}, speaking('interrupted'));
    expect(verdict).toMatchObject({ state: 'failed', next: 'interrupts-itself' });
    expect(verdict.values).toMatchObject({ isInterrupted: true, afterMs: 2000, holds: 1, understood: '从前有一只', duplex: 'half' });
  });

  test('an agent without a voice proves nothing', async () => {
    expect(await verdictOn(echoSelfInterrupt)).toMatchObject({ state: 'skipped', reason: 'cannot-tell' });
  });
});
