import type { Grammar } from './grammar.ts';

/** A line nobody knows is still a line. */
export const plain: Grammar = {
  name: 'plain',
  match: (text) => ({ facts: { message: text } }),
};
