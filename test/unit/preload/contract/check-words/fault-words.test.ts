import { expect, test } from 'vitest';
import { boardFaultName } from '../../../../../preload/contract/board-faults.ts';
import { faultWords, unfoundFaults } from '../../../../../preload/contract/check-words/fault-words.ts';
import { wantedOf } from '../../../../fakes/check-proof/wanted.ts';

test('a fault is said to be found by the checks that the proof holds it against, and by no other', () => {
  for (const name of boardFaultName.options) expect([name, faultWords[name].foundBy]).toEqual([name, wantedOf[name].fails]);
});

test('each fault has words of its own in both languages', () => {
  for (const language of ['en', 'zh'] as const)
    expect(new Set(boardFaultName.options.map((name) => faultWords[name][language])).size).toBe(boardFaultName.options.length);
  expect(boardFaultName.options.filter((name) => !/\p{Script=Han}/u.test(faultWords[name].zh))).toEqual([]);
});

test('a list that has none of a fault’s checks does not look for it', () => {
  expect(unfoundFaults(['hum', 'deaf', 'boot-loop'], ['uplink.level', 'power.loop'])).toEqual(['hum']);
});
