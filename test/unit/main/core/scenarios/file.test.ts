import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readScenario } from '../../../../../main/core/scenarios/file.ts';
import type { TalkError } from '../../../../../preload/contract/talk-error.ts';

const least = 'name: x\nsteps:\n  - say: 你好\nexpect:\n  - event: turn.ended\n';

function fault(text: string): unknown {
  try {
    readScenario(text);
  } catch (error) {
    return (error as TalkError).value;
  }
  return 'none';
}

describe('a scenario file', () => {
  test('of a name, a step and an expectation is one; everything else has a default', () => {
    const { scenario, expectationLines } = readScenario(least);
    expect(scenario).toMatchObject({
      language: 'zh',
      board: { audioType: 'opus', audioInterval: 60 },
      engines: { vad: 'scripted', stt: { finalMs: 50 }, llm: { replies: [] }, tts: { firstAudioMs: 60 } },
    });
    expect(expectationLines).toEqual([5]);
  });

  test.each([
    ['YAML that is none', 'name: [', 1, 'Flow sequence'],
    ['no steps', 'name: x\nexpect: []\nsteps: []\n', 3, 'steps'],
    ['a word for a step that is no step', least.replace('say: 你好', 'shout: 你好'), 3, 'shout'],
    ['an event that there is not', least.replace('turn.ended', 'turn.finished'), 5, 'event'],
    ['a moment with an event that there is not', least.replace('say: 你好', 'say: 你好\n    after: { event: greeting }'), 4, 'after.event'],
    ['a setting that there is not', `${least}settings:\n  turns:\n    vadSilence: 3\n`, 8, 'turns.vadSilence'],
    ['a setting out of its range', `${least}settings: { turns: { vadSilenceMs: 3 } }\n`, 6, 'turns.vadSilenceMs'],
    ['a delay that is no number', `${least}engines:\n  stt: { finalMs: soon }\n`, 7, 'engines.stt'],
    ['a pattern that is none', least.replace('turn.ended', 'turn.ended\n    where: { outcome: { matches: "(" } }'), 6, 'where'],
  ])('%s is refused by line and reason', (_what, text, line, reason) => {
    expect(fault(text)).toMatchObject({ code: 'scenario/bad-file', data: { line, reason: expect.stringContaining(reason) } });
  });

  const folder = join(import.meta.dirname, '../../../../fixtures/scenarios');
  test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s can be read', (name) => {
    expect(readScenario(readFileSync(join(folder, name), 'utf8')).scenario.expect.length).toBeGreaterThan(0);
  });
});
