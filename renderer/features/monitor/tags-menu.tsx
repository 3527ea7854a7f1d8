import { Button, Checkbox, Popover, Select, TextInput } from '@mantine/core';
import { IconTags } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { ErrorNotice } from '../../components/error-notice.tsx';
import { useReply } from '../../lib/actions.ts';
import { errorValueOf } from '../../lib/errors.ts';
import { withOnlyTag, withTagLevel } from './filter-parts.ts';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

export interface TagsMenuProps {
  sessionId: string | null;
  filter: LogFilter;
  isShown: boolean;
  onShow(isShown: boolean): void;
  onChange(filter: LogFilter): void;
}

const shownTags = 200;

/** The log's tags with their rows: which ones are wanted, and from which level on. */
export function TagsMenu({ sessionId, filter, isShown, onShow, onChange }: TagsMenuProps) {
  const { t } = useTranslation();
  const count = (filter.tags?.length ?? 0) + Object.keys(filter.tagLevels ?? {}).length;
  return (
    <Popover opened={isShown} onChange={onShow} position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <Tool label={t('monitor.tags.title')} keys="T" isOn={count > 0} onClick={() => onShow(!isShown)}>
          <IconTags size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 380 }}>
        {isShown && <Tags sessionId={sessionId} filter={filter} onChange={onChange} />}
      </Popover.Dropdown>
    </Popover>
  );
}

function Tags({ sessionId, filter, onChange }: Pick<TagsMenuProps, 'sessionId' | 'filter' | 'onChange'>) {
  const { t } = useTranslation();
  const reply = useReply('logs.tags', { sessionId });
  const [words, setWords] = useState('');
  const counted = new Map(reply.data?.tags.map(({ tag, rows }) => [tag, rows]));
  // What the filter names is offered even where the log has none of it.
  for (const tag of [...(filter.tags ?? []), ...Object.keys(filter.tagLevels ?? {})]) if (!counted.has(tag)) counted.set(tag, 0);
  const found = [...counted].filter(([tag]) => tag.toLowerCase().includes(words.toLowerCase()));
  return (
    <>
      <div className={css.row}>
        <TextInput
          className={css.grow}
          data-autofocus
          aria-label={t('monitor.tags.find')}
          placeholder={t('monitor.tags.find')}
          value={words}
          onChange={(event) => setWords(event.currentTarget.value)}
        />
        <Button size="compact-xs" variant="default" loading={reply.isFetching} onClick={() => void reply.refetch()}>
          {t('monitor.refresh')}
        </Button>
      </div>
      <p className={css.hint}>{t('monitor.tags.hint')}</p>
      {reply.error !== null && <ErrorNotice error={errorValueOf(reply.error)} />}
      <ul className={css.list}>
        {found.slice(0, shownTags).map(([tag, rows]) => (
          <li key={tag} className={css.row}>
            <Checkbox
              size="xs"
              className={css.grow}
              label={
                <span className="mono">
                  {tag} <span className="quiet">{rows}</span>
                </span>
              }
              aria-label={t('monitor.tags.only', { tag })}
              checked={filter.tags?.includes(tag) ?? false}
              onChange={(event) => onChange(withOnlyTag(filter, tag, event.currentTarget.checked))}
            />
            <TagLevel tag={tag} filter={filter} onChange={onChange} />
          </li>
        ))}
      </ul>
      {reply.data !== undefined && found.length === 0 && <p className={css.hint}>{t('monitor.tags.none')}</p>}
      {found.length > shownTags && <p className={css.hint}>{t('monitor.tags.more', { count: found.length - shownTags })}</p>}
    </>
  );
}

const levelChoices = ['error', 'warn', 'info', 'debug', 'verbose'] as const;

function TagLevel({ tag, filter, onChange }: { tag: string } & Pick<TagsMenuProps, 'filter' | 'onChange'>) {
  const { t } = useTranslation();
  return (
    <Select
      w={118}
      size="xs"
      comboboxProps={{ withinPortal: false }}
      aria-label={t('monitor.tags.levelOf', { tag })}
      value={filter.tagLevels?.[tag] ?? 'usual'}
      allowDeselect={false}
      onChange={(value) => onChange(withTagLevel(filter, tag, value === 'usual' || value === null ? null : value))}
      data={[
        { value: 'usual', label: t('monitor.tags.usual') },
        ...levelChoices.map((value) => ({ value, label: t(`monitor.levelFrom.${value}`) })),
        { value: 'off', label: t('monitor.filter.off') },
      ]}
    />
  );
}
