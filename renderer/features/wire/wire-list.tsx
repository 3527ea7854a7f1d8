import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { WireMessage } from '../../../preload/contract/cloud/wire-log.ts';
import { clockText } from '../../lib/quantities.ts';
import css from './wire.module.css';
import { indexOf, previewText, rowsMoved } from './wire-rows.ts';

const rowPx = 24;
/** Rows drawn above and below what is seen. */
const margin = 10;

interface WireListProps {
  messages: readonly WireMessage[];
  selectedId: number | null;
  isFollowing: boolean;
  onSelect(id: number): void;
  onFollow(isFollowing: boolean): void;
  onCopy(id: number): void;
}

/** Newest at the bottom, like a log. Only the rows in sight are drawn. */
export function WireList({ messages, selectedId, isFollowing, onSelect, onFollow, onCopy }: WireListProps) {
  const { t } = useTranslation();
  const box = useRef<HTMLDivElement>(null);
  const placed = useRef(messages);
  const [seen, setSeen] = useState({ top: 0, rows: 40 });
  const first = Math.max(0, Math.floor(seen.top / rowPx) - margin);
  const shown = messages.slice(first, first + seen.rows + 2 * margin);
  const isSelectedShown = shown.some(({ id }) => id === selectedId);

  useLayoutEffect(() => {
    const element = box.current;
    if (element === null) return;
    // What is read stays where it is when older messages come in front of it, or leave.
    if (isFollowing) element.scrollTop = messages.length * rowPx;
    else element.scrollTop += rowsMoved(placed.current, messages) * rowPx;
    placed.current = messages;
  }, [messages, isFollowing]);

  useEffect(() => {
    const element = box.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => setSeen({ top: element.scrollTop, rows: Math.ceil(element.clientHeight / rowPx) }));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  function onScroll(): void {
    const element = box.current;
    if (element === null) return;
    setSeen({ top: element.scrollTop, rows: Math.ceil(element.clientHeight / rowPx) });
    onFollow(element.scrollTop + element.clientHeight >= messages.length * rowPx - rowPx);
  }

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'c' && (event.ctrlKey || event.metaKey) && selectedId !== null && window.getSelection()?.isCollapsed !== false) {
      event.preventDefault();
      onCopy(selectedId);
      return;
    }
    const at = selectedId === null ? -1 : indexOf(messages, selectedId);
    const page = Math.max(1, seen.rows - 1);
    const targets: Record<string, number> = {
      ArrowDown: at + 1,
      ArrowUp: at === -1 ? messages.length - 1 : at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: messages.length - 1,
    };
    const wanted = targets[event.key];
    if (wanted === undefined || messages.length === 0) return;
    event.preventDefault();
    const index = Math.min(messages.length - 1, Math.max(0, wanted));
    const message = messages[index];
    const element = box.current;
    if (message === undefined || element === null) return;
    const top = index * rowPx;
    if (top < element.scrollTop) element.scrollTop = top;
    else if (top + rowPx > element.scrollTop + element.clientHeight) element.scrollTop = top + rowPx - element.clientHeight;
    onSelect(message.id);
  }

  return (
    <div
      ref={box}
      id="wire-list"
      className={css.list}
      role="listbox"
      aria-label={t('wire.title')}
      aria-activedescendant={isSelectedShown ? `wire-${selectedId}` : undefined}
      tabIndex={0}
      onScroll={onScroll}
      onKeyDown={onKeyDown}
    >
      <div style={{ height: messages.length * rowPx, position: 'relative' }} role="presentation">
        {shown.map((message, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys
          <div
            key={message.id}
            id={`wire-${message.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={message.id === selectedId}
            className={css.row}
            style={{ top: (first + index) * rowPx }}
            data-unknown={message.isUnknown || undefined}
            onClick={() => onSelect(message.id)}
          >
            <span className="mono quiet">{clockText(message.wallMs)}</span>
            <span className={css.arrow} data-direction={message.direction} title={t(`session.direction.${message.direction}`)}>
              {message.direction === 'up' ? '↑' : '↓'}
            </span>
            <span className="quiet truncate">
              {message.gateway} · {message.channel}
            </span>
            <span className="truncate" title={message.deviceId}>
              {message.deviceId ?? ''}
            </span>
            <span className="mono truncate" title={message.name}>
              {message.name}
            </span>
            <span className="mono quiet truncate">{message.preview === '' ? (message.note ?? '') : previewText(message.preview)}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
