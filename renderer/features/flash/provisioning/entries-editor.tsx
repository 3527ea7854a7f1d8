import { ActionIcon, Button, NativeSelect, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import type { NvsEntry } from '../../../../preload/contract/nvs.ts';
import { changeDraft, changeEntry, type DraftEntry, draftEntry, useProvisioningDraft } from './draft.ts';
import { entryProblems } from './entry-problem.ts';
import css from './provisioning.module.css';

const types: readonly NvsEntry['type'][] = ['string', 'u8', 'i8', 'u16', 'i16', 'u32', 'i32', 'u64', 'i64', 'hex', 'base64'];

/** The entries as a table to type into; Enter in the last value begins the next entry. */
export function EntriesEditor() {
  const { t } = useTranslation();
  const entries = useProvisioningDraft((draft) => draft.entries);
  const table = useRef<HTMLTableSectionElement>(null);

  function add(): void {
    const namespace = entries.at(-1)?.namespace ?? '';
    changeDraft({ entries: [...entries, draftEntry({ namespace, key: '', type: 'string', value: '' })], isOn: true });
    // The new line is there after the next render, and its first empty field is where one goes on.
    requestAnimationFrame(() => {
      const fields = table.current?.querySelector('tr:last-child')?.querySelectorAll('input');
      (namespace === '' ? fields?.[0] : fields?.[1])?.focus();
    });
  }

  return (
    <section className={css.group} aria-labelledby="entries-title">
      <header className={css.groupHead}>
        <h2 id="entries-title">{t('provisioning.entries')}</h2>
        <Button size="compact-xs" variant="default" leftSection={<IconPlus size={13} aria-hidden />} onClick={add}>
          {t('provisioning.addEntry')}
        </Button>
      </header>
      {entries.length === 0 ? (
        <p className="quiet">{t('provisioning.noEntries')}</p>
      ) : (
        <table className={css.entries} aria-labelledby="entries-title">
          <thead>
            <tr>
              <th>{t('provisioning.column.namespace')}</th>
              <th>{t('provisioning.column.key')}</th>
              <th className={css.type}>{t('provisioning.column.type')}</th>
              <th>{t('provisioning.column.value')}</th>
              <td aria-hidden />
            </tr>
          </thead>
          <tbody ref={table}>
            {entries.map((entry, index) => (
              <EntryRow key={entry.id} entry={entry} number={index + 1} all={entries} onNext={index === entries.length - 1 ? add : null} />
            ))}
          </tbody>
        </table>
      )}
      <p className="quiet">{t('provisioning.variablesHint')}</p>
    </section>
  );
}

interface EntryRowProps {
  entry: DraftEntry;
  number: number;
  all: readonly DraftEntry[];
  onNext: (() => void) | null;
}

function EntryRow({ entry, number, all, onNext }: EntryRowProps) {
  const { t } = useTranslation();
  const problems = entryProblems(entry, all);
  const isUntouched = entry.key === '' && entry.value === '';
  const labelOf = (column: 'namespace' | 'key' | 'type' | 'value'): string =>
    t('provisioning.entryField', { number, column: t(`provisioning.column.${column}`) });
  function field(column: 'namespace' | 'key' | 'value') {
    const problem = isUntouched ? undefined : problems[column];
    return (
      <TextInput
        size="xs"
        aria-label={labelOf(column)}
        classNames={{ input: 'mono' }}
        value={entry[column]}
        error={problem === undefined ? null : t(`provisioning.problem.${problem}`)}
        onChange={(event) => changeEntry(entry.id, { [column]: event.currentTarget.value })}
        onKeyDown={(event: KeyboardEvent) => {
          if (event.key === 'Enter' && column === 'value' && onNext !== null) onNext();
        }}
      />
    );
  }
  return (
    <tr>
      <td>{field('namespace')}</td>
      <td>{field('key')}</td>
      <td>
        <NativeSelect
          size="xs"
          aria-label={labelOf('type')}
          data={[...types]}
          value={entry.type}
          onChange={(event) => changeEntry(entry.id, { type: event.currentTarget.value as NvsEntry['type'] })}
        />
      </td>
      <td>{field('value')}</td>
      <td>
        <ActionIcon
          size={22}
          aria-label={t('provisioning.removeEntry', { number })}
          onClick={() => changeDraft({ entries: all.filter(({ id }) => id !== entry.id) })}
        >
          <IconX size={13} aria-hidden />
        </ActionIcon>
      </td>
    </tr>
  );
}
