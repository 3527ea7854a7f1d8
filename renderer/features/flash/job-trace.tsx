import { Button, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FlashTraceLine } from '../../../preload/contract/flash.ts';
import { instantText } from '../../lib/quantities.ts';
import { type Fold, useSharedStream } from '../../lib/shared-stream.ts';
import css from './job.module.css';

/** Lines kept here; a long job says some tens of thousands, of which the end is what is read. */
const mostLines = 5000;
const rowPx = 17;
const extraRows = 20;
const signs = { sent: '→', received: '←', note: '·' } as const;

interface TraceState {
  droppedLines: number;
  /** Numbered from the first of them on: a line keeps its number when older ones are dropped. */
  lines: readonly (FlashTraceLine & { number: number })[];
}

const traceFold: Fold<'flash.trace', TraceState> = {
  start: ({ droppedLines, lines }) => more({ droppedLines, lines: [] }, lines),
  apply: (state, items) =>
    more(
      state,
      items.flatMap(({ lines }) => lines),
    ),
};

function more({ droppedLines, lines }: TraceState, added: readonly FlashTraceLine[]): TraceState {
  const next = (lines.at(-1)?.number ?? droppedLines) + 1;
  const all = [...lines, ...added.map((line, index) => ({ ...line, number: next + index }))];
  const over = Math.max(0, all.length - mostLines);
  return { droppedLines: droppedLines + over, lines: over === 0 ? all : all.slice(over) };
}

/** What went over the wire, for who wants to know; folded until then, and asked for only then. */
export function JobTrace({ jobId, board }: { jobId: string; board: string }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  return (
    <details className={css.trace} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{t('job.trace')}</summary>
      {isOpen && <TraceLines jobId={jobId} board={board} />}
    </details>
  );
}

function TraceLines({ jobId, board }: { jobId: string; board: string }) {
  const { t } = useTranslation();
  const trace = useSharedStream('flash.trace', { jobId }, traceFold);
  const scroller = useRef<HTMLDivElement>(null);
  const [topRow, setTopRow] = useState(0);
  const follows = useRef(true);
  const count = trace?.lines.length ?? 0;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are what it follows
  useEffect(() => {
    const element = scroller.current;
    if (element !== null && follows.current) element.scrollTop = element.scrollHeight;
  }, [count]);
  if (trace === null) return <p className="quiet">{t('job.traceEmpty')}</p>;

  const startUs = trace.lines[0]?.atUs ?? 0;
  const first = Math.max(0, topRow - extraRows);
  const shown = trace.lines.slice(first, topRow + 2 * extraRows);
  const textOf = (line: FlashTraceLine): string => `${instantText(line.atUs - startUs)} ${signs[line.direction]} ${line.text}`;
  function onScroll(): void {
    const element = scroller.current;
    if (element === null) return;
    setTopRow(Math.floor(element.scrollTop / rowPx));
    follows.current = element.scrollTop + element.clientHeight >= element.scrollHeight - rowPx;
  }

  return (
    <>
      <div className={css.traceHead}>
        <span className="quiet">{trace.droppedLines > 0 && t('job.traceDropped', { count: trace.droppedLines })}</span>
        <CopyButton value={trace.lines.map(textOf).join('\n')}>
          {({ copied, copy }) => (
            <Button
              size="compact-xs"
              variant="subtle"
              color="gray"
              leftSection={copied ? <IconCheck size={13} aria-hidden /> : <IconCopy size={13} aria-hidden />}
              onClick={copy}
            >
              {copied ? t('job.copied') : t('job.copyTrace')}
            </Button>
          )}
        </CopyButton>
      </div>
      <div
        ref={scroller}
        className={css.traceLines}
        role="log"
        aria-live="off"
        aria-label={t('job.traceOf', { board })}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by key
        tabIndex={0}
        onScroll={onScroll}
      >
        <div style={{ height: count * rowPx }}>
          <pre style={{ translate: `0 ${first * rowPx}px` }}>
            {shown.map((line) => (
              <span key={line.number} data-direction={line.direction}>
                {`${textOf(line)}\n`}
              </span>
            ))}
          </pre>
        </div>
        {count === 0 && <p className="quiet">{t('job.traceEmpty')}</p>}
      </div>
    </>
  );
}
