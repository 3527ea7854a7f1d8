import { ActionIcon, Button, Checkbox, CloseButton, Menu, Progress, TextInput, Tooltip } from '@mantine/core';
import { IconChevronDown, IconChevronUp, IconLayoutList, IconListDetails, IconRuler2, IconSearch } from '@tabler/icons-react';
import { type KeyboardEvent, type RefObject, useState } from 'react';
import { useTranslation } from 'react-i18next';
import css from '../timeline.module.css';
import type { Found } from './find.ts';
import type { LaneKey } from './model.ts';
import { showAllLanes, toggleHidden, useLanePreferences } from './preferences.ts';

export interface TimelineBarProps {
  lanes: readonly { key: LaneKey; title: string; count: number }[];
  progress: number;
  soundProgress: number;
  input: RefObject<HTMLInputElement | null>;
  found: Found | null;
  at: number;
  isFinding: boolean;
  isMeasuring: boolean;
  onFind(text: string): void;
  onStep(step: 1 | -1): void;
  onMeasure(): void;
  onList(): void;
}

/** Search, measuring, and which lanes are shown. */
export function TimelineBar(props: TimelineBarProps) {
  const { lanes, progress, soundProgress, input, found, at, isFinding, isMeasuring, onFind, onStep, onMeasure, onList } = props;
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const hidden = useLanePreferences((state) => state.hidden);
  const find = (next: string): void => {
    setText(next);
    onFind(next);
  };
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key === 'Enter') onStep(event.shiftKey ? -1 : 1);
    else if (event.key === 'Escape') {
      find('');
      event.currentTarget.closest('section')?.querySelector<HTMLElement>('[role="listbox"]')?.focus();
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
  const hiddenCount = lanes.filter(({ key }) => hidden.includes(key)).length;
  return (
    <div className={css.bar} role="toolbar" aria-label={t('timeline.tools')}>
      <TextInput
        ref={input}
        size="xs"
        w={230}
        aria-label={t('timeline.find')}
        placeholder={t('timeline.findHint')}
        leftSection={<IconSearch size={13} />}
        rightSection={text === '' ? null : <CloseButton size="xs" aria-label={t('timeline.clear')} onClick={() => find('')} />}
        value={text}
        onChange={(event) => find(event.currentTarget.value)}
        onKeyDown={onKeyDown}
      />
      {text !== '' && (
        <>
          <span className={css.matches} role="status">
            {isFinding || found === null
              ? t('timeline.finding')
              : `${at < 0 ? '' : `${at + 1} / `}${found.ids.length}${found.hasMore ? '+' : ''}`}
          </span>
          <Tooltip label={t('timeline.matchBefore')}>
            <ActionIcon size="sm" aria-label={t('timeline.matchBefore')} onClick={() => onStep(-1)}>
              <IconChevronUp size={14} />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t('timeline.matchAfter')}>
            <ActionIcon size="sm" aria-label={t('timeline.matchAfter')} onClick={() => onStep(1)}>
              <IconChevronDown size={14} />
            </ActionIcon>
          </Tooltip>
        </>
      )}
      <span className={css.grow} />
      {progress < 1 && <Reading label={t('timeline.reading')} share={progress} />}
      {progress >= 1 && soundProgress < 1 && <Reading label={t('timeline.readingSound')} share={soundProgress} />}
      <Tooltip label={t('timeline.measureHint')} multiline w={300}>
        <Button
          size="compact-xs"
          variant={isMeasuring ? 'light' : 'default'}
          leftSection={<IconRuler2 size={13} />}
          aria-pressed={isMeasuring}
          onClick={onMeasure}
        >
          {t('timeline.measure')} · M
        </Button>
      </Tooltip>
      <Tooltip label={t('timeline.listHint')}>
        <Button size="compact-xs" variant="default" leftSection={<IconListDetails size={13} />} onClick={onList}>
          {t('timeline.asList')}
        </Button>
      </Tooltip>
      <Menu closeOnItemClick={false} position="bottom-end">
        <Menu.Target>
          <Button size="compact-xs" variant="default" leftSection={<IconLayoutList size={13} />}>
            {hiddenCount === 0 ? t('timeline.lanes') : t('timeline.lanesHidden', { count: hiddenCount })}
          </Button>
        </Menu.Target>
        <Menu.Dropdown mah={360} style={{ overflowY: 'auto' }}>
          {lanes.map(({ key, title, count }) => (
            <Menu.Item key={key} onClick={() => toggleHidden(key)} rightSection={<span className="quiet">{count === 0 ? '' : count}</span>}>
              <Checkbox size="xs" label={title} checked={!hidden.includes(key)} readOnly tabIndex={-1} />
            </Menu.Item>
          ))}
          <Menu.Divider />
          <Menu.Item onClick={showAllLanes}>{t('timeline.showAll')}</Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}

function Reading({ label, share }: { label: string; share: number }) {
  return (
    <span className={css.reading}>
      {label}
      <Progress size="xs" w={70} value={share * 100} aria-label={label} />
    </span>
  );
}
