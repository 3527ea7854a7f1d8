import type { TFunction } from 'i18next';
import { isRefusalReason } from '../../preload/contract/cloud/refusals.ts';
import { reasons } from '../../preload/contract/reasons.ts';
import type { ErrorCode, TalkErrorValue } from '../../preload/contract/talk-error.ts';
import { wifiFailure } from '../../preload/contract/wifi-failures.ts';
import { badFileReason } from './bad-file-reason.ts';
import { lostReason } from './lost-reason.ts';

/** What an unknown rejection says as a value. Anything that is not an expected failure is a bug of ours: `internal`. */
export function errorValueOf(error: unknown): TalkErrorValue {
  if (typeof error === 'object' && error !== null && 'value' in error) {
    const value = error.value;
    if (typeof value === 'object' && value !== null && 'code' in value && 'data' in value) return value as TalkErrorValue;
  }
  // The page's own fault: the console has the stack, the sentence has the name of the exception.
  console.error(error);
  return { code: 'internal', data: { id: error instanceof Error ? error.name : 'page' }, retryable: false };
}

export function isCancelled(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'value' in error && (error.value as TalkErrorValue).code === 'cancelled';
}

function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isInteger(value) ? String(value) : value.toFixed(1);
  return value === undefined || value === null ? '—' : JSON.stringify(value);
}

/** The facts of an error as the sentences' placeholders want them. Offsets read as hexadecimal, ports as decimal. */
function factsOf(value: TalkErrorValue): Record<string, string> {
  return Object.fromEntries(
    Object.entries(value.data).map(([name, fact]) => [
      name,
      name === 'offset' && typeof fact === 'number' ? `0x${fact.toString(16)}` : asText(fact),
    ]),
  );
}

export interface ErrorSentences {
  /** What went wrong and why. */
  what: string;
  /** What to do about it. */
  next: string;
}

const knownSeen = ['nothing', 'application', 'download-mode', 'noise'] as const;

export function errorSentences(t: TFunction, error: { code: string; data: Record<string, unknown> }): ErrorSentences {
  const value = { code: error.code as ErrorCode, data: error.data, retryable: false };
  const facts = factsOf(value);
  if ((value.code === 'port/lost' || value.code === 'port/refused') && facts.reason !== undefined)
    facts.reason = lostReason(t, facts.reason);
  if (value.code === 'flash/cancelled') {
    if (facts.stage !== undefined) facts.stage = t(`job.step.${facts.stage as 'write'}`, { defaultValue: facts.stage });
    if (facts.boardState !== undefined)
      facts.boardState = t(`job.boardState.${facts.boardState as 'running'}`, { defaultValue: facts.boardState });
  }
  if (value.code === 'flash/bad-file' && facts.reason !== undefined) facts.reason = badFileReason(t, facts.reason);
  if (Array.isArray(error.data.columns)) facts.columns = columnsText(t, error.data.columns);
  if (value.code === 'talk/refused' && isRefusalReason(facts.reason)) facts.reason = t(`refusals.${facts.reason}.is`);
  const reason = reasonText(t, value.code, facts);
  if (reason !== null) facts.reason = reason;
  if (typeof error.data.waitedMs === 'number') facts.waitedSeconds = asText(Math.round(error.data.waitedMs / 1000));
  const failure = wifiFailure(value);
  if (failure !== null) {
    const words = facts as { reason: string; code: string; address: string; waitedSeconds: string; deviceName: string };
    return { what: t(`wifiSetup.failure.${failure}.what`, words), next: t(`wifiSetup.failure.${failure}.next`, words) };
  }
  if (value.code === 'flash/secured' && isForbidden(error.data.kind))
    return { what: t('errors.flash/secured.what'), next: t(`flash.secured.${error.data.kind === 'erase' ? 'erase' : 'read'}`) };
  const hint = value.code === 'flash/sync-timeout' ? syncHint(error.data) : null;
  return {
    what: t(`errors.${value.code as 'internal'}.what`, facts as { id: string }),
    next:
      hint === null
        ? t(`errors.${value.code as 'internal'}.next`, facts as { id: string })
        : t(`flash.sync.${hint}`, facts as { bootMode: string }),
  };
}

/** Why, in the reader's language; null where the core says it as a text, or not at all. */
function reasonText(t: TFunction, code: ErrorCode, facts: Record<string, string>): string | null {
  const known =
    Object.entries(reasons)
      .find(([of]) => of === code)?.[1]
      .some((reason) => reason === facts.reason) ?? false;
  return known
    ? t(`reasons.${code as 'nvs/bad-value'}.${facts.reason as 'out-of-range'}`, facts as { type: string; least: string; greatest: string })
    : null;
}

function columnsText(t: TFunction, columns: readonly unknown[]): string {
  return columns.map((column) => t(`reasons.columns.${column as 'productId'}`)).join(', ');
}

/** What no option of it overrides: only a write can be forced. */
function isForbidden(kind: unknown): boolean {
  return kind === 'erase' || kind === 'read' || kind === 'nvs';
}

/** What was heard decides what is to be done. */
function syncHint({
  seen,
  bootMode,
  echo,
  how,
  family,
}: Record<string, unknown>): 'nothing' | 'application' | 'wrong-mode' | 'download-mode' | 'noise' | 'echo' | 'reset' | 'module' | null {
  // A board that listens after every reset, and has no key that keeps it there.
  if (how === 'RESET') return 'reset';
  if (family === 'cat1') return 'module';
  if (seen === 'download-mode') return 'download-mode';
  if (echo === true) return 'echo';
  if (seen === 'application' && typeof bootMode === 'string') return 'wrong-mode';
  return knownSeen.find((known) => known === seen) ?? null;
}
