import { espIdf } from './esp-idf.ts';
import { espPanic } from './esp-panic.ts';
import { espRom } from './esp-rom.ts';
import type { Grammar } from './grammar.ts';
import { twetalk } from './twetalk.ts';

/** In the order they are asked: what can cut into another's line first, what claims any following line last. */
export const allGrammars: readonly Grammar[] = [espPanic, espIdf, espRom, twetalk];
