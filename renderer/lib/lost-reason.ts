import type { TFunction } from 'i18next';

/** Why a port went away or could not be had, as the core and the system say it. */
const known = {
  EIO: 'unplugged',
  ENXIO: 'gone',
  ENODEV: 'gone',
  ENOENT: 'gone',
  EBADF: 'closed',
  unplugged: 'unplugged',
  closed: 'closed',
  'closed by peer': 'closedByPeer',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  ECONNREFUSED: 'refused',
  ETIMEDOUT: 'timeout',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EHOSTDOWN: 'unreachable',
  ENOTFOUND: 'noSuchHost',
  EAI_AGAIN: 'noSuchHost',
  write: 'write',
  'no-com-port-option': 'noComPortOption',
  unknown: 'unknown',
} as const;

/** In the reader's language, with the system's code where there is one, to be looked up; what is not known stays as it is. */
export function lostReason(t: TFunction, reason: string): string {
  const exit = /^exit (\d+)$/.exec(reason)?.[1];
  if (exit !== undefined) return t('log.lostReason.exit', { code: exit });
  if (/^SIG[A-Z0-9]+$/.test(reason)) return t('log.lostReason.signal', { signal: reason });
  if (!Object.hasOwn(known, reason)) return reason;
  const words = t(`log.lostReason.${known[reason as keyof typeof known]}`);
  return /^E[A-Z_]+$/.test(reason) ? `${words} [${reason}]` : words;
}
