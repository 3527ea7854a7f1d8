import { alone, type Grammar, newFacts } from './grammar.ts';

/** A line nobody knows is still a line. */
export const plain: Grammar = {
  name: 'plain',
  match: (text) => alone(newFacts(text)),
};
