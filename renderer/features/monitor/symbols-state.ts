import type { SymbolState } from '../../../preload/contract/symbols.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';

const fold: Fold<'symbols.state', SymbolState> = {
  start: (snapshot) => snapshot,
  apply: (state, items) => items.at(-1) ?? state,
};

/** The loaded ELF files, and what firmware each port's board runs. */
export function useSymbolState(): SymbolState | null {
  return useSharedStream('symbols.state', {}, fold);
}
