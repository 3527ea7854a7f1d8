import { Menu } from '@mantine/core';
import { IconBookmark, IconCopy, IconFilter, IconFilterOff, IconHighlight, IconInfoCircle, IconTag, IconTagOff } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { LogFilter, LogLevel, LogRow } from '../../../preload/contract/logs.ts';
import { withEvents, withExcluded, withOnlyTag, withPattern, withTagLevel } from './filter-parts.ts';

/** Where a row's menu was asked for. */
export interface RowMenuPlace {
  row: LogRow;
  x: number;
  y: number;
  /** The marked text, or the word under the pointer. */
  word: string;
}

export interface RowMenuProps {
  place: RowMenuPlace | null;
  isMarked: boolean;
  filter: LogFilter;
  onFilter(filter: LogFilter): void;
  onCopy(): void;
  onMark(row: LogRow): void;
  onDetails(): void;
  onHighlight(word: string): void;
  onClose(): void;
}

const shownWord = 28;
const levels = ['error', 'warn', 'info', 'debug'] as const;

/** What can be done with a row and the word in it. Opened by the mouse, or by the keyboard's menu key or Shift+F10. */
export function RowMenu({ place, isMarked, filter, onFilter, onCopy, onMark, onDetails, onHighlight, onClose }: RowMenuProps) {
  const { t } = useTranslation();
  if (place === null) return null;
  const { row, word, x, y } = place;
  const tag = row.tag ?? row.file;
  const shown = word.length > shownWord ? `${word.slice(0, shownWord)}…` : word;
  const levelOf = (level: LogLevel | 'off' | null) => () => tag !== undefined && onFilter(withTagLevel(filter, tag, level));
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={2} width={250} returnFocus trapFocus>
      <Menu.Target>
        <span style={{ position: 'fixed', left: x, top: y, width: 1, height: 1 }} />
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconCopy size={14} />} rightSection={<Key>Ctrl+C</Key>} onClick={onCopy}>
          {t('monitor.row.copy')}
        </Menu.Item>
        <Menu.Item leftSection={<IconBookmark size={14} />} rightSection={<Key>B</Key>} onClick={() => onMark(row)}>
          {t(isMarked ? 'monitor.row.unmark' : 'monitor.row.mark')}
        </Menu.Item>
        <Menu.Item leftSection={<IconInfoCircle size={14} />} rightSection={<Key>Enter</Key>} onClick={onDetails}>
          {t('monitor.row.details')}
        </Menu.Item>
        {word !== '' && (
          <>
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconFilter size={14} />}
              onClick={() => onFilter(withPattern(filter, { text: word, isRegexp: false, isCaseSensitive: true }))}
            >
              {t('monitor.row.filterIn', { word: shown })}
            </Menu.Item>
            <Menu.Item leftSection={<IconFilterOff size={14} />} onClick={() => onFilter(withExcluded(filter, word))}>
              {t('monitor.row.filterOut', { word: shown })}
            </Menu.Item>
            <Menu.Item leftSection={<IconHighlight size={14} />} onClick={() => onHighlight(word)}>
              {t('monitor.row.highlight', { word: shown })}
            </Menu.Item>
          </>
        )}
        {tag !== undefined && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconTag size={14} />} onClick={() => onFilter(withOnlyTag(filter, tag, true))}>
              {t('monitor.filter.onlyTag', { tag })}
            </Menu.Item>
            <Menu.Item leftSection={<IconTagOff size={14} />} onClick={levelOf('off')}>
              {t('monitor.row.hideTag', { tag })}
            </Menu.Item>
            <Menu.Sub>
              <Menu.Sub.Target>
                <Menu.Sub.Item>{t('monitor.tags.levelOf', { tag })}</Menu.Sub.Item>
              </Menu.Sub.Target>
              <Menu.Sub.Dropdown>
                <Menu.Item onClick={levelOf(null)}>{t('monitor.tags.usual')}</Menu.Item>
                {levels.map((level) => (
                  <Menu.Item key={level} onClick={levelOf(level)}>
                    {t(`monitor.levelFrom.${level}`)}
                  </Menu.Item>
                ))}
              </Menu.Sub.Dropdown>
            </Menu.Sub>
          </>
        )}
        {row.event !== undefined && (
          <Menu.Item leftSection={<IconFilter size={14} />} onClick={() => onFilter(withEvents(filter, [row.event ?? '']))}>
            {t('monitor.row.onlyEvent', { event: row.event })}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}

function Key({ children }: { children: string }) {
  return <span className="quiet">{children}</span>;
}

/** The text that is marked inside the list, else the word at a point of the page. */
export function wordAt(x: number, y: number): string {
  const marked = window.getSelection()?.toString().trim() ?? '';
  if (marked !== '' && !marked.includes('\n')) return marked;
  const at = document.caretPositionFromPoint?.(x, y);
  if (at?.offsetNode.nodeType !== Node.TEXT_NODE) return '';
  const text = at.offsetNode.textContent ?? '';
  const before = /[\p{L}\p{N}_./:-]*$/u.exec(text.slice(0, at.offset))?.[0] ?? '';
  const after = /^[\p{L}\p{N}_./:-]*/u.exec(text.slice(at.offset))?.[0] ?? '';
  return `${before}${after}`.replace(/^[./:-]+|[./:-]+$/g, '');
}
