import { expect, it } from 'vitest';
import { conversationChecks } from '../../../../../../../main/core/checks/kinds/conversation/index.ts';
import { conversationWords } from '../../../../../../../preload/contract/check-words/conversation.ts';

it('has words for every check, value and next step, in both languages', () => {
  expect(Object.keys(conversationWords)).toEqual(conversationChecks.map(({ name }) => name));
  for (const { name, values, nexts } of conversationChecks) {
    const words = conversationWords[name];
    expect(Object.keys(words?.values ?? {}).toSorted(), name).toEqual(values.map((value) => value.name).toSorted());
    expect(Object.keys(words?.nexts ?? {}).toSorted(), name).toEqual([...nexts].toSorted());
    for (const { next } of values) if (next !== undefined) expect(nexts, name).toContain(next);
    for (const { en, zh } of Object.values({ ...words?.values, ...words?.nexts })) {
      expect(en).not.toBe('');
      expect(zh).not.toBe('');
    }
  }
});
