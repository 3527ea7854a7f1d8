import type { FlashTask } from '../../../../preload/contract/flash.ts';
import { parseOffset } from '../offset.ts';

/** How much of the flash is meant. */
export interface Scope {
  kind: 'all' | 'partition' | 'range';
  partition: string;
  offsetText: string;
  lengthText: string;
}

export const wholePartition: Scope = { kind: 'partition', partition: 'nvs', offsetText: '0x0', lengthText: '0x1000' };

/** As a task says it, or null while something is missing or malformed. */
export function scopeOf({ kind, partition, offsetText, lengthText }: Scope): Extract<FlashTask, { kind: 'read' }>['what'] | null {
  if (kind === 'all') return 'all';
  if (kind === 'partition') return partition.trim() === '' ? null : { partition: partition.trim() };
  const offset = parseOffset(offsetText);
  const sizeBytes = parseOffset(lengthText);
  return offset === null || sizeBytes === null || sizeBytes === 0 ? null : { offset, sizeBytes };
}

/** `nvs`, `0x9000 + 0x6000`; null for everything. */
export function scopeText(scope: Scope): string | null {
  if (scope.kind === 'all') return null;
  return scope.kind === 'partition' ? scope.partition.trim() : `${scope.offsetText.trim()} + ${scope.lengthText.trim()}`;
}
