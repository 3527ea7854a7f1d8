import { ActionIcon, Button, Divider, FileButton, Popover, TextInput } from '@mantine/core';
import { IconDownload, IconFilterCog, IconHighlight, IconTrash, IconUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { LogFilter } from '../../../preload/contract/logs.ts';
import { useToasts } from '../../lib/toasts.ts';
import { saveBlob } from './export-log.ts';
import { isSelective, partsOf, withTime } from './filter-parts.ts';
import { fromDocument, merged, toDocument } from './monitor-document.ts';
import { useMonitorSettings, withNamed } from './monitor-settings.ts';
import css from './popover.module.css';
import { Tool } from './tool.tsx';

export interface FilterSetsMenuProps {
  filter: LogFilter;
  onPick(filter: LogFilter): void;
  onHighlights(): void;
}

/** Filters by name, and everything named as one file to share. */
export function FilterSetsMenu({ filter, onPick, onHighlights }: FilterSetsMenuProps) {
  const { t } = useTranslation();
  const { monitor, save } = useMonitorSettings();
  const show = useToasts((state) => state.show);
  const [isShown, setShown] = useState(false);
  const [name, setName] = useState('');
  // A stretch of time is this session's: a set has none, and is used within it.
  const named = withTime(filter, null);
  const hasFilter = partsOf(named).length > 0;

  async function take(file: File | null): Promise<void> {
    if (file === null) return;
    const document = fromDocument(await file.text());
    if (document === null) {
      show({
        kind: 'error',
        error: { code: 'bad-request', data: { issues: [{ path: file.name, message: 'not a filter document' }] }, retryable: false },
      });
    } else if (await save(merged(monitor, document))) {
      show({
        kind: 'done',
        text: t('monitor.sets.imported', { count: document.filterSets.length + document.highlights.length + document.snippets.length }),
      });
    }
  }

  return (
    <Popover opened={isShown} onChange={setShown} position="bottom-start" withArrow trapFocus>
      <Popover.Target>
        <Tool
          label={t('monitor.sets.button')}
          onClick={() => setShown(!isShown)}
          isOn={isSelective(named) && monitor.filterSets.some((set) => JSON.stringify(set.filter) === JSON.stringify(named))}
        >
          <IconFilterCog size={16} />
        </Tool>
      </Popover.Target>
      <Popover.Dropdown className={css.popover} style={{ width: 320 }}>
        <h3 className={css.title}>{t('monitor.sets.title')}</h3>
        {monitor.filterSets.length === 0 && <p className={css.hint}>{t('monitor.sets.none')}</p>}
        <ul className={css.list}>
          {monitor.filterSets.map((set) => (
            <li key={set.name} className={css.row}>
              <Button
                className={css.grow}
                size="compact-xs"
                variant="subtle"
                color="gray"
                justify="start"
                onClick={() => {
                  setShown(false);
                  onPick(withTime(set.filter, filter));
                }}
              >
                {set.name}
              </Button>
              <ActionIcon
                size={20}
                aria-label={t('monitor.sets.remove', { name: set.name })}
                onClick={() => void save({ filterSets: monitor.filterSets.filter((each) => each !== set) })}
              >
                <IconTrash size={13} />
              </ActionIcon>
            </li>
          ))}
        </ul>
        <form
          className={css.row}
          onSubmit={(event) => {
            event.preventDefault();
            void save({ filterSets: withNamed(monitor.filterSets, { name: name.trim(), filter: named }) }).then(
              (isDone) => isDone && setName(''),
            );
          }}
        >
          <TextInput
            className={css.grow}
            aria-label={t('monitor.sets.name')}
            placeholder={hasFilter ? t('monitor.sets.name') : t('monitor.sets.filterFirst')}
            disabled={!hasFilter}
            maxLength={80}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Button type="submit" variant="default" disabled={!hasFilter || name.trim() === ''}>
            {t('monitor.sets.save')}
          </Button>
        </form>
        <Divider />
        <Button
          variant="subtle"
          color="gray"
          justify="start"
          leftSection={<IconHighlight size={15} />}
          onClick={() => {
            setShown(false);
            onHighlights();
          }}
        >
          {t('monitor.highlights.edit')} ({monitor.highlights.filter((rule) => rule.isOn).length})
        </Button>
        <Button
          variant="subtle"
          color="gray"
          justify="start"
          leftSection={<IconDownload size={15} />}
          onClick={() => saveBlob('talkbench-monitor.json', new Blob([toDocument(monitor)], { type: 'application/json' }))}
        >
          {t('monitor.sets.export')}
        </Button>
        <FileButton accept="application/json,.json" onChange={(file) => void take(file)}>
          {(props) => (
            <Button {...props} variant="subtle" color="gray" justify="start" leftSection={<IconUpload size={15} />}>
              {t('monitor.sets.import')}
            </Button>
          )}
        </FileButton>
      </Popover.Dropdown>
    </Popover>
  );
}
