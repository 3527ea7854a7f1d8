import type { TFunction } from 'i18next';
import type { FlashRecord } from '../../../preload/contract/sessions.ts';

/** What was done to which board, and how it ended. */
export function flashTitle(t: TFunction, { kind, label, chip, address, state }: FlashRecord): string {
  const board = label || chip || address;
  return `${t(`job.kind.${kind as 'write'}`, { defaultValue: kind })} · ${board} · ${t(`job.state.${state as 'done'}`, { defaultValue: state })}`;
}
