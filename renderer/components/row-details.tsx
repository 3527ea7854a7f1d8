import { Button } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../preload/contract/logs.ts';
import { errorValueOf } from '../lib/errors.ts';
import { hexText } from '../lib/log-row-text.ts';
import { useToasts } from '../lib/toasts.ts';
import { BytesView } from './bytes-view.tsx';
import css from './row-details.module.css';
import { PayloadTree } from './row-details-payload.tsx';

/** A line of megabytes is copied whole, but not laid out. */
const shownCharacters = 20_000;

export interface RowDetailsProps {
  row: LogRow;
  /** Its host time as the list beside has it. */
  timeText: string;
  /** The row's note, to be read and changed. */
  note?: ReactNode;
  /** What else can be said of the row: decoded addresses, a link to its turn. */
  children?: ReactNode;
}

/** All that is known of one log row: its whole text, its exact bytes, and what the grammar read out of it. */
export function RowDetails({ row, timeText, note, children }: RowDetailsProps) {
  const { t } = useTranslation();
  const source = [row.file, row.function, row.line].filter((part) => part !== undefined).join(' · ');
  const facts: [string, string | undefined][] = [
    [t('log.level'), row.level],
    [t('log.tag'), row.tag],
    [t('log.source'), source === '' ? undefined : source],
    [t('log.deviceTime'), row.deviceTime ?? (row.deviceMs === undefined ? undefined : `${row.deviceMs} ms`)],
    [t('log.event'), row.event],
    [t('log.grammar'), row.grammar],
    [t('log.continues'), row.continues === undefined ? undefined : `#${row.continues}`],
  ];
  return (
    <div className={css.details}>
      <div className={css.head}>
        <span className="mono">#{row.seq}</span>
        <span className="mono">{timeText}</span>
        <span className="mono quiet truncate">{row.port}</span>
        {row.direction !== 'received' && <span>{t(`log.direction.${row.direction}`)}</span>}
        {note}
      </div>
      <dl className={css.facts}>
        {facts.map(
          ([name, value]) =>
            value !== undefined && (
              <div key={name}>
                <dt className="quiet">{name}</dt>
                <dd className="mono">{value}</dd>
              </div>
            ),
        )}
      </dl>
      {children}
      <div className={css.parts}>
        <div className={css.part}>
          <Titled title={t('log.text')} copy={t('log.copyText')} textOf={() => row.text}>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by keyboard */}
            <section className={css.text} aria-label={t('log.text')} tabIndex={0}>
              {row.text.length > shownCharacters ? `${row.text.slice(0, shownCharacters)}…` : row.text}
            </section>
          </Titled>
          {row.payload !== undefined && (
            <Titled title={t('log.payload')} copy={t('log.copyPayload')} textOf={() => JSON.stringify(row.payload, null, 2)}>
              <PayloadTree value={row.payload} />
            </Titled>
          )}
        </div>
        {row.raw.length > 0 && (
          <div className={`${css.part} ${css.wide}`}>
            <Titled title={t('log.bytes', { count: row.raw.length })} copy={t('log.copyBytes')} textOf={() => hexText(row.raw)}>
              <BytesView bytes={row.raw} />
            </Titled>
          </div>
        )}
      </div>
    </div>
  );
}

function Titled({ title, copy, textOf, children }: { title: string; copy: string; textOf(): string; children: ReactNode }) {
  const show = useToasts((state) => state.show);
  function onCopy(): void {
    navigator.clipboard.writeText(textOf()).catch((error: unknown) => show({ kind: 'error', error: errorValueOf(error) }));
  }
  return (
    <>
      <div className={css.titled}>
        <h2 className={css.title}>{title}</h2>
        <Button size="compact-xs" variant="subtle" color="gray" leftSection={<IconCopy size={12} aria-hidden />} onClick={onCopy}>
          {copy}
        </Button>
      </div>
      {children}
    </>
  );
}
