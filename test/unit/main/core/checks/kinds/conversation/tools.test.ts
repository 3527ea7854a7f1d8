import { expect, it } from 'vitest';
import { tools } from '../../../../../../../main/core/checks/kinds/conversation/tools.ts';
import { builtInThingModel } from '../../../../../../../pipeline/agent/thing-model/built-in.ts';
import { toolsOf } from '../../../../../../../pipeline/agent/thing-model/tools.ts';
import { TalkError } from '../../../../../../../preload/contract/talk-error.ts';
import { TalkingBoard, valuesOf } from './talking-board.ts';

const offered = toolsOf(builtInThingModel);

function good(name: string, given: Record<string, unknown>) {
  if (name === 'get_battery') return { isOk: true, result: { battery: 87 } };
  if (name === 'control_volume') return { isOk: true, result: { volume: given.volume }, properties: { volume: given.volume } };
  return { isOk: true, result: { alarm_status: 'ok' } };
}

it('has the agent call each of them, and sees that the volume has changed and is set back', async () => {
  const board = new TalkingBoard({ tools: offered, act: good });
  board.board.properties = { volume: 80, battery: 87 };
  board.board.deviceRecord = { ...board.board.deviceRecord, properties: board.board.properties } as never;
  const measured = await board.run(tools);
  expect(valuesOf(measured)).toEqual({
    ...{ offered: 3, missing: 0, unanswered: 0, wrong: 0, slowestMs: 80 },
    ...{
      volumeSet: true,
      batteryPercent: 87,
      alarmSet: true,
      isControlAnswered: true,
      called: 'control_volume, get_battery, set_alarm_clock',
    },
  });
  expect(board.board.did.find(({ what }) => what === 'control')?.data).toEqual({ volume: 80 });
  expect(measured.evidence?.find(({ kind }) => kind === 'lines')).toMatchObject({
    lines: expect.arrayContaining(['control_volume {"action":"set","volume":40}', '→ {"volume":40}']),
  });
});

it('counts an answer that changed nothing, none at all, and a battery that is no percentage', async () => {
  const board = new TalkingBoard({
    tools: offered,
    act: (name) =>
      name === 'set_alarm_clock'
        ? { isOk: false, result: { code: 'tool/timeout' } }
        : { isOk: true, result: { volume: 40, battery: 4100 } },
  });
  board.board.properties.volume = 80;
  expect(valuesOf(await board.run(tools))).toMatchObject({ unanswered: 1, wrong: 2, volumeSet: false, batteryPercent: 4100 });
});

it('counts a property that the board does not take', async () => {
  const board = new TalkingBoard({ tools: offered, act: good });
  board.board.properties.volume = 80;
  board.board.over.control = () => Promise.reject(new TalkError('tool/timeout', { name: 'control', timeoutMs: 5000 }));
  expect(valuesOf(await board.run(tools))).toMatchObject({ unanswered: 1, isControlAnswered: false });
});

it('tells what is missing, and is not for a board that offers none of them', async () => {
  const some = new TalkingBoard({ tools: offered.filter(({ name }) => name === 'get_battery'), act: good });
  expect(valuesOf(await some.run(tools))).toMatchObject({ offered: 1, missing: 2 });
  expect(valuesOf(await some.run(tools, { tools: ['battery'] }))).toMatchObject({ offered: 1, missing: 0 });
  expect(await new TalkingBoard().run(tools)).toEqual({ skipped: 'not-supported-by-board' });
});
