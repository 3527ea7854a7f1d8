import { describe, expect, test } from 'vitest';
import { builtInVariables } from '../../../../../pipeline/agent/variables.ts';
import { agentTool } from '../../../../../preload/contract/agents.ts';
import { objectOf } from '../../../../../renderer/features/settings/json-editor.tsx';
import { knownVariables, promptParts } from '../../../../../renderer/features/settings/prompt-variables.ts';
import {
  headersOf,
  headersText,
  newTool,
  ownSources,
  secretNames,
  withAction,
} from '../../../../../renderer/features/settings/tools/tool-edits.ts';

test('the variables shown are those that are filled', () => {
  const filled = builtInVariables({ device: { productId: 'P', deviceName: 'D' }, language: 'zh', wallMs: 0, timeZone: 'UTC' });
  expect([...knownVariables].sort()).toEqual(Object.keys(filled).sort());
});

test('the parts of a prompt are the prompt, its places named', () => {
  const prompt = 'You are ${ name }, on ${device_name}; ${} and $ {x} are text.';
  const parts = promptParts(prompt);
  expect(parts.map(({ text }) => text).join('')).toBe(prompt);
  expect(parts.flatMap(({ variable }) => variable ?? [])).toEqual(['name', 'device_name']);
});

describe('tools', () => {
  test('each new one fits the contract and has a name of its own', () => {
    for (const source of ownSources) {
      const first = newTool(source, []);
      const second = newTool(source, [first]);
      expect(agentTool.safeParse(second).success).toBe(true);
      expect(second.name).not.toBe(first.name);
    }
  });

  test('an action that is offered as it is is not mentioned', () => {
    const off = withAction([], 'beep', { isOn: false });
    expect(off).toEqual([{ source: 'action', name: 'beep', isOn: false }]);
    const described = withAction(off, 'beep', { description: 'Beeps.' });
    expect(withAction(described, 'beep', { isOn: true })).toEqual([{ source: 'action', name: 'beep', isOn: true, description: 'Beeps.' }]);
    expect(withAction(withAction(described, 'beep', { isOn: true }), 'beep', { description: '' })).toEqual([]);
  });

  test('headers are read back as they were written, and a line that is none is refused', () => {
    const text = 'Authorization: Bearer ${secret:weather}\nX-A: b: c';
    expect(headersText(headersOf(text) ?? {})).toBe(text);
    expect(headersOf('no colon')).toBeNull();
    expect(secretNames(text)).toEqual(['weather']);
  });
});

test('only an object is an object in JSON, and nothing is an empty one', () => {
  expect(['', '{"a":1}', '[1]', 'null', '{'].map(objectOf)).toEqual([{}, { a: 1 }, null, null, null]);
});
