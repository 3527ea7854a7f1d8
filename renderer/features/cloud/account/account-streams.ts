import type { Account } from '../../../../preload/contract/cloud/accounts.ts';
import { type Fold, useSharedStream } from '../../../lib/shared-stream.ts';

const fold: Fold<'accounts.state', Account> = { start: (account) => account, apply: (account, items) => items.at(-1) ?? account };

export function useAccount(): Account | null {
  return useSharedStream('accounts.state', {}, fold);
}
