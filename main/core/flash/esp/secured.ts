import { TalkError } from '../../../../preload/contract/errors.ts';
import type { ChipIdentity, FlashOptions } from '../../../../preload/contract/flash.ts';
import type { FlashRun } from '../tool.ts';

/**
 * A chip with secure boot or flash encryption on would not start what is written in the clear, and may never do so again: not
 * without `force`. Fails with `flash/secured`.
 */
export function requireUnsecured({ security }: ChipIdentity, { force }: Pick<FlashOptions, 'force'>, run: FlashRun): void {
  if (security === null || (!security.secureBoot && !security.flashEncryption)) return;
  const { secureBoot, flashEncryption, secureDownload } = security;
  if (!force) throw new TalkError('flash/secured', { secureBoot, flashEncryption, secureDownload, kind: run.progress.job.kind });
  run.note('security', { secureBoot, flashEncryption });
}
