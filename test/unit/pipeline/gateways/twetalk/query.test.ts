import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readQuery } from '../../../../../pipeline/gateways/twetalk/query.ts';

test('the query of a published device log is read', () => {
  // seed 000, SDK 1.1.7; the PDF lost some percent signs, so the values are not what was typed
  const query = readQuery(
    '/ws?productId=VI5C901SKI&deviceName=aitalk_002&token=0123456789ab11f18cde0123456789ab&language=zh&audioType=pcm&audioInterval=60' +
      '&customParams=%7B%22user_name%22%3A%22E5%BC%A0%E4%B8%89%22%2C%20%22age%22%3A7%7D',
  );
  expect(query).toMatchObject({
    productId: 'VI5C901SKI',
    deviceName: 'aitalk_002',
    token: '0123456789ab11f18cde0123456789ab',
    language: 'zh',
    audio: { codec: 'pcm', sampleRate: 16000, frameMs: 60 },
    notes: [],
  });
  expect(query.variables.age).toBe('7');
  expect(query.raw).not.toHaveProperty('token');
});

test('without values the documented defaults hold, silently', () => {
  expect(readQuery('/ws')).toMatchObject({ language: 'zh', audio: { codec: 'opus', frameMs: 60 }, variables: {}, notes: [] });
  expect(readQuery('/ws?customParams=&audioType=').notes).toEqual([]);
});

test('a bad value falls back and is noted, an unknown key is kept', () => {
  const query = readQuery('/ws?audioType=mp3&audioInterval=33&language=fr&customParams=%7Bnope&role_id=QQ_hard');
  expect(query).toMatchObject({ language: 'zh', audio: { codec: 'opus', frameMs: 60 }, variables: {}, raw: { role_id: 'QQ_hard' } });
  expect(query.notes).toEqual([
    'audioInterval=33: 60 taken',
    'language=fr: zh taken',
    'audioType=mp3: opus taken',
    'customParams: not a JSON object',
  ]);
});

test('any target is read without throwing', () => {
  fc.assert(fc.property(fc.string({ unit: 'binary' }), (target) => void readQuery(`/ws?${target}`)));
});
