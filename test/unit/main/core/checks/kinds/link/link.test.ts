import { describe, expect, it } from 'vitest';
import { linkChecks } from '../../../../../../../main/core/checks/kinds/link/index.ts';
import { linkWords } from '../../../../../../../preload/contract/check-words/link.ts';
import type { LinkImpairment } from '../../../../../../../preload/contract/checks.ts';
import type { DeviceState } from '../../../../../../../preload/contract/device-state.ts';
import { TalkingBoard, type TalkingBoardOptions, valuesOf } from '../conversation/talking-board.ts';

const checkOf = (name: string) => linkChecks.find((each) => each.name === name) ?? expect.unreachable();

/** A board on whose link something is done; `onBad` is what it makes of it. */
function impairedBoard(onBad: (board: TalkingBoard, isBad: boolean) => void = () => {}, options: TalkingBoardOptions = {}) {
  const board = new TalkingBoard(options);
  const impairments: (LinkImpairment | null)[] = [];
  Object.assign(board.board.on, {
    impair: (impairment: LinkImpairment | null) => {
      impairments.push(impairment);
      onBad(board, impairment !== null);
    },
  });
  return { board, impairments };
}

describe('link.delay, link.loss and link.rate', () => {
  it.each([
    ['link.delay', { delayMs: 200, jitterMs: 60 }],
    ['link.loss', { lossPercent: 3, delayMs: 30 }],
    ['link.rate', { rateKbitS: 100 }],
  ])('%s makes the link bad between two conversations, and good again', async (name, impairment) => {
    const { board, impairments } = impairedBoard();
    const measured = await board.run(checkOf(name), { turns: 2 });
    expect(valuesOf(measured)).toMatchObject({ turns: 2, unanswered: 0, addedMs: 0, reconnects: 0, isRecovered: true, recoveryMs: 20 });
    expect(impairments).toEqual([expect.objectContaining(impairment), null]);
    // Two before, two under it.
    expect(board.talk.said).toHaveLength(4);
  });

  it('tells which turns were not answered, what the player lacked, and that the board started anew', async () => {
    const { board } = impairedBoard((it, isBad) => {
      if (!isBad) return;
      it.serial.deviceState = { boots: [{}, {}] } as unknown as DeviceState;
      it.serial.row('W (5) AUDIO_PROCESSOR: playback underrun, ring buffer empty for 120 ms');
      it.talk.afterSaying = () => {};
    });
    board.serial.deviceState = { boots: [{}] } as unknown as DeviceState;
    const measured = await board.run(checkOf('link.delay'), { turns: 2, replyTimeoutS: 5 });
    expect(valuesOf(measured)).toMatchObject({ unanswered: 2, underruns: 1, restarts: 1, isRecovered: true });
    expect('evidence' in measured && measured.evidence?.map(({ kind }) => kind)).toContain('rows');
  });

  it('takes the impairment off when the run is cancelled', async () => {
    const { board, impairments } = impairedBoard((it, isBad) => {
      if (isBad) it.at(100, () => it.cancel());
    });
    await expect(board.run(checkOf('link.loss'))).rejects.toMatchObject({ code: 'cancelled' });
    expect(impairments.at(-1)).toBeNull();
  });

  it('compares with the run’s earlier turns where none are held before', async () => {
    const { board } = impairedBoard();
    board.results.set('conversation.turns', { latencyMs: 400 });
    const values = valuesOf(await board.run(checkOf('link.delay'), { turns: 1, baselineTurns: 0 }));
    expect(values.addedMs).toBe(Number(values.latencyMs) - 400);
  });

  it('speaks by text where nothing can speak, and asks for a person where one should have', async () => {
    const text = impairedBoard(() => {}, { speaker: 'none' });
    expect(valuesOf(await text.board.run(checkOf('link.rate'), { turns: 1 }))).toMatchObject({ unanswered: 0 });
    expect(text.board.board.did.filter(({ what }) => what === 'text')).toHaveLength(3);
    const nobody = impairedBoard();
    nobody.board.talk.onSay = () => null;
    expect(await nobody.board.run(checkOf('link.rate'))).toEqual({ person: 'nobody-there' });
  });
});

describe('link.stall', () => {
  it('lets nothing through for a while, and says when the board was there again', async () => {
    const { board, impairments } = impairedBoard((it, isBad) => {
      it.board.onPing = () => (isBad ? null : 30);
    });
    const values = valuesOf(await board.run(checkOf('link.stall'), { stallS: 5, turns: 1 }));
    expect(values).toMatchObject({ stallS: 5, isRecovered: true, recoveryMs: 30, turns: 1, unanswered: 0, reconnects: 0 });
    expect(impairments.map((one) => one?.isStalled ?? null)).toEqual([true, null]);
    const [stalled, lifted] = board.board.did.filter(({ what }) => what === 'impair').map(({ atUs }) => atUs);
    expect((lifted ?? 0) - (stalled ?? 0)).toBe(5_000_000);
  });

  it('finds a board that lost its connection and came back', async () => {
    const { board } = impairedBoard((it, isBad) => {
      if (isBad) it.close('closed by the board: 1006');
    });
    expect(valuesOf(await board.run(checkOf('link.stall'), { turns: 1 }))).toMatchObject({ isRecovered: true, reconnects: 1 });
  });

  it('finds one that never does', async () => {
    const given: TalkingBoardOptions = {};
    const { board } = impairedBoard((it, isBad) => {
      if (!isBad) return;
      it.close('closed by the board: 1006');
      given.wakeMs = null;
    }, given);
    expect(await board.run(checkOf('link.stall'), { timeoutS: 10 })).toMatchObject({ values: { isRecovered: false }, next: 'never-back' });
  });
});

it('has words for all that it measures', () => {
  for (const { name, values, nexts } of linkChecks) {
    expect(Object.keys(linkWords[name]?.values ?? {}).toSorted()).toEqual(values.map((value) => value.name).toSorted());
    expect(Object.keys(linkWords[name]?.nexts ?? {})).toEqual(expect.arrayContaining([...nexts]));
  }
});
