import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import type { LogRow } from '../../../preload/contract/logs.ts';
import type { DecodedAddress, SymbolFrame } from '../../../preload/contract/symbols.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { useLab } from '../../lib/lab.ts';
import { useToasts } from '../../lib/toasts.ts';
import css from './decoded-frames.module.css';
import { crashAround, mayHoldAddresses } from './symbols-rows.ts';
import { useSymbolState } from './symbols-state.ts';

export interface DecodedFramesProps {
  row: LogRow;
  /** Rows around it, as far as they are at hand, by distance: registers and hash of the same crash make the answer better. */
  neighbour?(distance: number): LogRow | undefined;
  /** Of a recorded session: what the port's board runs now says nothing about it. */
  isRecorded?: boolean;
  /** Goes to where files are loaded. */
  onLoad?(): void;
}

/** Functions and lines of the addresses in a row. Nothing for a row without any. A click on a place copies it. */
export function DecodedFrames({ row, neighbour, isRecorded = false, onLoad }: DecodedFramesProps) {
  return mayHoldAddresses(row) ? <Decoded row={row} neighbour={neighbour} isRecorded={isRecorded} onLoad={onLoad} /> : null;
}

type Asked = Pick<DecodedFramesProps, 'row'> & { [Name in keyof DecodedFramesProps]: DecodedFramesProps[Name] | undefined };

function Decoded({ row, neighbour, isRecorded, onLoad }: Asked) {
  const { t } = useTranslation();
  const lab = useLab();
  const state = useSymbolState();
  const rows = crashAround(row, neighbour);
  // Another build, or one more file, gives another answer.
  const files = state?.files.map(({ id, sha256 }) => id + sha256).join();
  const { data } = useQuery({
    queryKey: ['symbols.decodeRows', row.port, isRecorded, rows.map(({ seq }) => seq).join(), row.text, files],
    queryFn: ({ signal }) => lab.call('symbols.decodeRows', { rows, ...(isRecorded ? {} : { port: row.port }) }, { signal }),
    enabled: state !== null,
  });
  if (data === undefined) return null;
  const addresses = data.rows.find(({ seq }) => seq === row.seq)?.addresses ?? [];
  const known = addresses.filter(({ frames }) => frames.length > 0);
  if (state?.files.length === 0) {
    if (addresses.length === 0) return null;
    return (
      <section className={css.decoded} aria-label={t('symbols.decoded')}>
        <p className={css.quiet}>{t('symbols.noFiles')}</p>
        {onLoad !== undefined && (
          <Button size="compact-xs" variant="default" onClick={onLoad}>
            {t('symbols.openPanel')}
          </Button>
        )}
      </section>
    );
  }
  if (addresses.length === 0 && data.unwound.length === 0) return null;
  return (
    <section className={css.decoded} aria-label={t('symbols.decoded')}>
      {data.match === 'none' && data.elfSha256 !== null && known.length > 0 && (
        <p className={css.warning}>{t('symbols.guess', { sha: data.elfSha256 })}</p>
      )}
      <Addresses addresses={addresses} />
      {data.unwound.length > 1 && (
        <>
          <h2 className={css.title}>{t('symbols.calls')}</h2>
          <Addresses addresses={data.unwound} />
        </>
      )}
    </section>
  );
}

function Addresses({ addresses }: { addresses: readonly DecodedAddress[] }) {
  const { t } = useTranslation();
  return (
    <ol className={css.addresses}>
      {addresses.map((each, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a backtrace may name an address twice; the list never changes
        <li key={index} className={css.address} data-maybe={each.isMaybe || undefined}>
          <span className={css.number}>
            {each.label === 'frame' || each.label === 'text' ? '' : `${each.label} `}0x{each.address.toString(16).padStart(8, '0')}
            {each.isMaybe && (
              <span className={css.maybe} title={t('symbols.maybeWhy')}>
                {t('symbols.maybe')}
              </span>
            )}
          </span>
          <span className={css.frames}>
            {each.frames.length === 0 && <span className={css.quiet}>{t('symbols.unknown')}</span>}
            {each.frames.map((frame, depth) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: the chain of one address never changes
              <Frame key={depth} frame={frame} isCaller={depth > 0} />
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function Frame({ frame, isCaller }: { frame: SymbolFrame; isCaller: boolean }) {
  const { t } = useTranslation();
  const show = useToasts((state) => state.show);
  const { file, line, offset } = frame;
  const name = frame.function === '' ? '?' : frame.function;
  const place = file === undefined ? null : `${file}:${line ?? '?'}`;

  function onCopy(text: string): void {
    navigator.clipboard
      .writeText(text)
      .then(() => show({ kind: 'done', text: t('symbols.copied', { text }) }))
      .catch((error: unknown) => show({ kind: 'error', error: errorValueOf(error) }));
  }

  return (
    <span className={css.frame}>
      {isCaller && <span className={css.quiet}>{t('symbols.inlined')} </span>}
      <span className={css.function}>
        {name}
        {offset !== undefined && `+0x${offset.toString(16)}`}
      </span>
      {place !== null && (
        <button
          type="button"
          className={css.place}
          title={place}
          aria-label={t('symbols.copyPlace', { place })}
          onClick={() => onCopy(place)}
        >
          {place.split(/[\\/]/).at(-1)}
        </button>
      )}
    </span>
  );
}
