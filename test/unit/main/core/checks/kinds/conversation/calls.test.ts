import { describe, expect, it } from 'vitest';
import { callIn } from '../../../../../../../main/core/checks/kinds/conversation/call-in.ts';
import { callOut } from '../../../../../../../main/core/checks/kinds/conversation/call-out.ts';
import { markerSound } from '../../../../../../../main/core/checks/kinds/conversation/marker.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { speech, TalkingBoard, type TalkingBoardOptions, valuesOf } from './talking-board.ts';

/** A board with a telephone: what the caller says comes out of its speaker, and what it hears goes to the caller. */
function withPhone(
  options: TalkingBoardOptions & { answersMs?: number | null; hearsCaller?: boolean; isHeard?: boolean } = {},
): TalkingBoard {
  const board = new TalkingBoard(options);
  const { answersMs = 500, hearsCaller = true, isHeard = true } = options;
  const marker = markerSound(2);
  board.talk.onHeard = (fromUs) => ({ pcm: hearsCaller ? marker : new Int16Array(48_000), fromUs });
  board.talk.afterSaying = () => {
    if (isHeard) board.board.calledSound = Int16Array.of(...board.board.calledSound, ...speech(1000));
  };
  board.board.over.ring = async () => {
    const record = board.board.call('user_to_device', 'ringing');
    if (answersMs !== null) board.at(answersMs, () => void board.board.answerCall(record.callId));
    return record;
  };
  board.board.on.endCall = () => board.at(900, () => board.board.tell({ kind: 'downlink.first-frame', turnId: 99 }));
  return board;
}

describe('call-in', () => {
  it('rings, is answered, is heard both ways, and ends', async () => {
    const board = withPhone();
    const measured = await board.run(callIn);
    expect(valuesOf(measured)).toEqual({
      ...{ isRinging: true, isAnswered: true, answerMs: 500, isHeardAtBoard: true, isHeardAtPhone: true },
      ...{ isEndedCleanly: true, agentBackMs: 900 },
    });
    expect(measured.evidence?.map((each) => (each.kind === 'sound' ? each.label : each.kind))).toEqual(['heard', 'uplink']);
  });

  it('tells which way nothing came through', async () => {
    expect(valuesOf(await withPhone({ hearsCaller: false }).run(callIn))).toMatchObject({ isHeardAtBoard: false, isHeardAtPhone: true });
    expect(valuesOf(await withPhone({ isHeard: false }).run(callIn))).toMatchObject({ isHeardAtBoard: true, isHeardAtPhone: false });
  });

  it('asks a person to answer, and ends a call that nobody answered', async () => {
    const board = withPhone({ answersMs: null });
    expect(await board.run(callIn, { ringS: 6 })).toMatchObject({ values: { isRinging: true, isAnswered: false }, next: 'answer-call' });
    expect(board.questions[0]).toMatchObject({ ask: 'other', kind: 'do' });
    expect(board.board.callRecords[0]?.state).toBe('ended');
  });

  it('tells a board that does not listen for calls', async () => {
    const board = withPhone();
    board.board.over.ring = () => Promise.reject(new TalkError('device/not-subscribed', { topic: '$twecall' }));
    expect(await board.run(callIn)).toEqual({ values: { isRinging: false }, next: 'subscribe-calls' });
  });

  it('without an ear asks whether both heard each other, and leaves open what nobody told', async () => {
    const open = withPhone({ ear: 'none' });
    expect(await open.run(callIn)).toMatchObject({ person: 'nobody-there', values: { isHeardAtPhone: true, isEndedCleanly: true } });
    const judged = withPhone({ ear: 'none' });
    judged.onAsk = ({ ask }) => (ask === 'heard-call' ? 'yes' : 'done');
    expect(valuesOf(await judged.run(callIn))).toMatchObject({ isHeardAtBoard: true, isHeardAtPhone: true });
  });
});

describe('call-out', () => {
  const make = { name: 'make_call', description: 'Calls', parameters: { type: 'object', properties: { contact: { type: 'string' } } } };
  const phoneBook = [
    { name: '妈妈', openId: 'o1' },
    { name: 'Mom', openId: 'o2' },
  ];

  function calling(options: TalkingBoardOptions = {}): TalkingBoard {
    const board = withPhone({
      tools: [make],
      act: (_name, { contact }) => {
        board.at(300, () => {
          const record = board.board.call('device_to_user', 'ringing');
          expect(contact).toBe('Mom');
          expect(record.state).toBe('ringing');
        });
        return { isOk: true, result: { status: 'ringing' } };
      },
      ...options,
    });
    board.board.addressBook = phoneBook;
    return board;
  }

  it('has the agent call a contact of the board’s language, answers, and is heard both ways', async () => {
    const board = calling();
    expect(valuesOf(await board.run(callOut))).toMatchObject({
      isCalling: true,
      callingMs: 800,
      isHeardAtBoard: true,
      isHeardAtPhone: true,
      isEndedCleanly: true,
    });
    expect(board.board.did.map(({ what }) => what)).toContain('answerCall');
    expect(board.board.did.find(({ what }) => what === 'text')?.data).toBe('call Mom');
  });

  it('tells that no call came about', async () => {
    const board = calling({ act: () => ({ isOk: true, result: { status: 'unknown-contact' } }) });
    expect(await board.run(callOut, { contact: 'Nobody' })).toEqual({
      values: { contacts: 2, isCalling: false, contact: 'Nobody' },
      next: 'send-contacts',
    });
  });

  it('asks a person where the board has sent no contacts', async () => {
    const board = withPhone();
    board.onAsk = () => {
      board.at(200, () => board.board.call('device_to_user', 'ringing'));
      return 'done';
    };
    expect(valuesOf(await board.run(callOut))).toMatchObject({ isCalling: true, isEndedCleanly: true });
    const refused = withPhone();
    refused.onAsk = () => 'skip';
    expect(await refused.run(callOut)).toEqual({ person: 'person-skipped' });
  });

  it('tells a board that means to call and has no contacts from one that has no telephone', async () => {
    expect(await withPhone({ isUnattended: true }).run(callOut)).toEqual({ skipped: 'not-used' });
    const board = withPhone({ isUnattended: true });
    const text = '{"t":"twecall-basic","d":{"wxa_appid":"wx1"}}';
    board.board.tell({ kind: 'wire.message', gateway: 'twetalk', channel: 'websocket', direction: 'up', name: 'client-message', text });
    expect(await board.run(callOut)).toEqual({ values: { contacts: 0, isCalling: false }, next: 'send-contacts' });
  });
});
