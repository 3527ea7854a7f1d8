import type { TFunction } from 'i18next';
import type { LogRow } from '../../preload/contract/logs.ts';
import { lostReason } from './lost-reason.ts';
import { hasBaudRate } from './port-kind.ts';

const sentences = {
  'port.opened': 'log.notice.opened',
  'port.closed': 'log.notice.closed',
  'port.lost': 'log.notice.lost',
  'port.reopened': 'log.notice.reopened',
  'port.lent': 'log.notice.lent',
  'port.returned': 'log.notice.returned',
  'port.private': 'log.notice.private',
  'port.reset': 'log.notice.reset',
  'port.sending': 'log.notice.sending',
  'port.sent': 'log.notice.sent',
  'log.lost': 'log.notice.rowLost',
} as const;

/** What the bench itself says in a log, in the reader's language. Null: it is not the bench that speaks, or it has no sentence. */
export function noticeText(t: TFunction, row: LogRow): string | null {
  if (row.direction !== 'notice' || row.event === undefined || !Object.hasOwn(sentences, row.event)) return null;
  const facts = typeof row.payload === 'object' && row.payload !== null ? row.payload : {};
  const event = row.event as keyof typeof sentences;
  return t(event === 'port.opened' && !hasBaudRate(row.port) ? 'log.notice.openedWithoutRate' : sentences[event], {
    baudRate: '',
    reason: '',
    to: '',
    from: '',
    into: '',
    bytes: '',
    totalBytes: '',
    sentBytes: '',
    receivedBytes: '',
    ...facts,
    ...('reason' in facts && typeof facts.reason === 'string' ? { reason: lostReason(t, facts.reason) } : {}),
  });
}
