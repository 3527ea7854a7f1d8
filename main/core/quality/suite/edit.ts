import { isMap, isSeq } from 'yaml';
import type { CallBody } from '../../../../preload/contract/index.ts';
import { TalkError } from '../../../../preload/contract/talk-error.ts';
import { parseYaml } from './yaml-document.ts';

/** A suite's text with one thing changed; comments and order stay. Throws TalkError 'suite/bad-file' when it is no YAML. */
export function editSuite({ text, path, change }: CallBody<'suites.edit'>): string {
  const { document, problems } = parseYaml(text);
  const [fault] = problems;
  if (document === null || fault !== undefined)
    throw new TalkError('suite/bad-file', { line: fault?.line ?? 1, reason: fault?.reason ?? '' });
  switch (change.kind) {
    case 'set':
      document.setIn(path, document.createNode(change.value));
      break;
    case 'remove':
      document.deleteIn(path);
      break;
    case 'add': {
      const list = document.getIn(path, true);
      const items = isSeq(list) ? list : document.createNode([]);
      const item = document.createNode(change.value);
      if (isMap(item) && path.at(-1) === 'expect') item.flow = true;
      items.add(item);
      // `[]` grows into lines of its own.
      items.flow = false;
      if (items !== list) document.setIn(path, items);
    }
  }
  return document.toString({ lineWidth: 140 });
}
