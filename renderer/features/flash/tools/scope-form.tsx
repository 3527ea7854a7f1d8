import { Autocomplete, SegmentedControl, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { Partition } from '../../../../preload/contract/flash.ts';
import { parseOffset } from '../offset.ts';
import type { Scope } from './scope.ts';
import css from './tools.module.css';

const kinds = ['partition', 'range', 'all'] as const;

export interface ScopeFormProps {
  scope: Scope;
  /** Of the board, once its identity was read. */
  partitions: readonly Partition[] | null;
  onChange(scope: Scope): void;
}

/** A partition by name, a range by numbers, or all of it. */
export function ScopeForm({ scope, partitions, onChange }: ScopeFormProps) {
  const { t } = useTranslation();
  return (
    <div className={css.scope}>
      <SegmentedControl
        fullWidth
        aria-label={t('tools.scope.label')}
        value={scope.kind}
        onChange={(kind) => onChange({ ...scope, kind })}
        data={kinds.map((value) => ({ value, label: t(`tools.scope.${value}`) }))}
      />
      {scope.kind === 'partition' && (
        <Autocomplete
          label={t('tools.partition')}
          classNames={{ input: 'mono' }}
          data={(partitions ?? []).map(({ name }) => name)}
          value={scope.partition}
          onChange={(partition) => onChange({ ...scope, partition })}
        />
      )}
      {scope.kind === 'range' && (
        <div className={css.pair}>
          <NumberField label={t('tools.from')} text={scope.offsetText} onChange={(offsetText) => onChange({ ...scope, offsetText })} />
          <NumberField label={t('tools.length')} text={scope.lengthText} onChange={(lengthText) => onChange({ ...scope, lengthText })} />
        </div>
      )}
    </div>
  );
}

function NumberField({ label, text, onChange }: { label: string; text: string; onChange(text: string): void }) {
  const { t } = useTranslation();
  return (
    <TextInput
      label={label}
      classNames={{ input: 'mono' }}
      value={text}
      error={parseOffset(text) === null ? t('tools.badRange') : null}
      onChange={(event) => onChange(event.currentTarget.value)}
    />
  );
}
