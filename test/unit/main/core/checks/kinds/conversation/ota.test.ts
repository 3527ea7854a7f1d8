import { expect, it } from 'vitest';
import { ota } from '../../../../../../../main/core/checks/kinds/conversation/ota.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

const image = { name: 'demo', version: '', data: new Uint8Array(1000) };

function updating(states: readonly { state: string; percent?: number; resultCode?: string }[], reportsVersion = true): TalkingBoard {
  const board = new TalkingBoard();
  board.board.image = image;
  board.board.over.offerUpdate = async ({ version }) => {
    for (const [index, { state, percent = 0, resultCode = '0' }] of states.entries())
      board.at(1000 * (index + 1), () => board.board.tell({ kind: 'device.ota', version, state, percent, resultCode }));
    const text = `{"type":"report_version","report":{"version":"${version}"}}`;
    const name = '$ota/report/PROD000001/dev1';
    if (reportsVersion)
      board.at(1000 * states.length + 5000, () =>
        board.board.tell({ kind: 'wire.message', gateway: 'twetalk', channel: 'mqtt', direction: 'up', name, text }),
      );
  };
  return board;
}

it('offers what the board runs, follows it, and waits until the board is back with that version', async () => {
  const board = updating([
    { state: 'downloading', percent: 40 },
    { state: 'downloading', percent: 100 },
    { state: 'burning' },
    { state: 'done' },
  ]);
  const measured = await board.run(ota);
  expect(valuesOf(measured)).toMatchObject({
    ...{ isOffered: true, state: 'done', percent: 100, downloadS: 4, isBack: true, restartS: 5, versionAfter: '1.2.0', isTalking: true },
    offered: 'demo 1.2.0, 1000 B',
  });
  expect(measured.evidence?.[0]).toMatchObject({
    lines: ['+1 s downloading 40 %', '+2 s downloading 100 %', '+3 s burning 0 %', '+4 s done 0 %'],
  });
});

it('tells the board’s own reason where it does not finish', async () => {
  const measured = await updating([
    { state: 'downloading', percent: 10 },
    { state: 'fail', resultCode: '-4' },
  ]).run(ota);
  expect(measured).toMatchObject({ values: { state: 'fail', resultCode: '-4', percent: 10 }, next: 'fetch-update' });
  expect(valuesOf(measured)).not.toHaveProperty('isBack');
});

it('tells a board that says it is done and does not come back', async () => {
  expect(valuesOf(await updating([{ state: 'done' }], false).run(ota, { restartS: 3 }))).toMatchObject({
    state: 'done',
    isBack: false,
    isTalking: false,
  });
});

it('tells a board that does not listen for updates, and is left out without an image', async () => {
  const board = updating([]);
  board.board.over.offerUpdate = () => Promise.reject(new TalkError('device/not-subscribed', { topic: '$ota/update' }));
  expect(await board.run(ota)).toMatchObject({ values: { isOffered: false }, next: 'subscribe-ota' });
  expect(await new TalkingBoard().run(ota)).toEqual({ skipped: 'no-image' });
});
