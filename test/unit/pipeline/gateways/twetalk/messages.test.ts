import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readContacts, readHeard } from '../../../../../pipeline/gateways/twetalk/messages/heard.ts';
import { messageTable } from '../../../../../pipeline/gateways/twetalk/messages/table.ts';
import { readRtvi, spoken } from '../../../../../pipeline/gateways/twetalk/rtvi.ts';
import { settingsSchema } from '../../../../../preload/contract/settings.ts';

const table = messageTable({ spoken: {}, heard: {} });

describe('what a board may say', () => {
  test.each([
    [
      { type: 'client-message', data: { t: 'enable-idle-detect', d: { enable: false } } },
      { kind: 'idle-detect', isOn: false },
    ],
    [
      { type: 'enableIdleDetect', data: { on: 1 } },
      { kind: 'idle-detect', isOn: true },
    ],
    [
      { type: 'client-message', data: { t: 'ptt', d: { action: 'start' } } },
      { kind: 'push-to-talk', action: 'start' },
    ],
    [
      { type: 'client-message', data: { t: 'ptt_control', d: { action: 'PTT_END' } } },
      { kind: 'push-to-talk', action: 'end' },
    ],
    [
      { type: 'ptt', data: { action: 2 } },
      { kind: 'push-to-talk', action: 'interrupt' },
    ],
    [{ type: 'user-interrupt' }, { kind: 'interrupt' }],
    [
      { type: 'client-message', data: { t: 'basic', d: { wxaAppId: 'wx1', modelId: 'm1', deviceId: 'P_D' } } },
      { kind: 'call-basic', appId: 'wx1', modelId: 'm1' },
    ],
    [
      { type: 'client-message', data: { t: 'call-sync-openids', d: [{ 妈妈: 'oOMC' }, { 小明: 'o196' }] } },
      {
        kind: 'call-contacts',
        contacts: [
          { name: '妈妈', openId: 'oOMC' },
          { name: '小明', openId: 'o196' },
        ],
      },
    ],
    [
      { type: 'twecall', data: { subType: 'DEVICE_ANSWER', roomId: 'r1' } },
      { kind: 'call-answer', roomId: 'r1' },
    ],
    [
      { type: 'client-message', data: { t: 'device_reject', d: { room_id: 'r1' } } },
      { kind: 'call-reject', roomId: 'r1' },
    ],
    [
      { type: 'client-message', data: { t: 'device-hangup' } },
      { kind: 'call-hang-up', roomId: '' },
    ],
    [
      { type: 'client-message', data: { t: 'send-image', d: { image: '/9j/', text: '?' } } },
      { kind: 'image', data: '/9j/', text: '?' },
    ],
  ])('%j', (message, expected) => {
    expect(readHeard(message, table)).toEqual(expected);
  });

  test('what has no name of the table, or lacks what its kind needs, is not understood', () => {
    for (const message of [
      {},
      { type: 'custom', data: 'hello' },
      { type: 'ptt' },
      { type: 'enable-idle-detect', data: { enable: 'maybe' } },
    ])
      expect(readHeard(message, table)).toBeNull();
  });

  test('contacts in each form, ten at most, and no longer than the SDK’s', () => {
    expect(readContacts({ 妈妈: 'o1' })).toEqual([{ name: '妈妈', openId: 'o1' }]);
    expect(readContacts('[{"name":"爸爸","open_id":"o2"}]')).toEqual([{ name: '爸爸', openId: 'o2' }]);
    expect(readContacts(Array.from({ length: 20 }, (_, index) => ({ [`n${index}`]: 'o' })))).toHaveLength(10);
    expect(readContacts([{ [`n${'x'.repeat(500)}`]: 'o'.repeat(500) }])?.[0]?.name).toHaveLength(64);
    expect(readContacts(7)).toBeNull();
  });

  test('no JSON makes it throw', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        readRtvi(text, table);
      }),
    );
  });
});

describe('what the bench says', () => {
  test('a template is filled, and what nothing fills is left out', () => {
    const values = { event: 'user_hangup', stream: 'user_to_device', called: '妈妈', openid: 'oOMC' };
    expect(JSON.parse(spoken('call', values, table).text)).toEqual({
      label: 'rtvi-ai',
      type: 'server-message',
      data: { type: 'twecall', stream: 'user_to_device', sub_type: 'user_hangup', called: '妈妈', openid: 'oOMC' },
    });
  });

  test('a setting puts the truth in place of a guess', () => {
    const { messages } = settingsSchema.parse({
      twetalk: {
        messages: {
          spoken: { idle: { type: 'idle-detection', data: { nested: { count: '$retry' }, fixed: 1 } } },
          heard: { interrupt: { names: ['stop-bot'], fields: {} } },
        },
      },
    }).twetalk;
    const own = messageTable(messages);
    expect(JSON.parse(spoken('idle', { retry: 2 }, own).text)).toEqual({
      label: 'rtvi-ai',
      type: 'idle-detection',
      data: { nested: { count: 2 }, fixed: 1 },
    });
    expect(readHeard({ type: 'stop-bot' }, own)).toEqual({ kind: 'interrupt' });
    expect(readHeard({ type: 'user-interrupt' }, own)).toBeNull();
  });
});
