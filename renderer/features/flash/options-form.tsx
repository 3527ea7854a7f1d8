import { Checkbox, Group, Select } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlashOptions } from '../../../preload/contract/flash.ts';
import css from './flash.module.css';

const baudRates = [115200, 230400, 460800, 921600, 1500000, 2000000];
const befores = ['default-reset', 'usb-reset', 'no-reset'] as const;
const switches = [
  ['verify', true],
  ['compress', true],
  ['useStub', true],
] as const;

export function OptionsForm({ options, onChange }: { options: Partial<FlashOptions>; onChange(next: Partial<FlashOptions>): void }) {
  const { t } = useTranslation();
  return (
    <details className={css.options}>
      <summary>{t('flash.options')}</summary>
      <div className={css.group}>
        <Group gap={8} grow>
          <Select
            label={t('flash.baudRate')}
            allowDeselect={false}
            value={String(options.baudRate ?? 460800)}
            data={baudRates.map(String)}
            onChange={(value) => onChange({ ...options, baudRate: Number(value) })}
          />
          <Select
            label={t('flash.before')}
            allowDeselect={false}
            value={options.before ?? 'default-reset'}
            data={befores.map((value) => ({ value, label: t(`flash.beforeWay.${value}`) }))}
            onChange={(value) => value !== null && onChange({ ...options, before: value })}
          />
        </Group>
        <Group gap={16}>
          {switches.map(([name, byDefault]) => (
            <Checkbox
              key={name}
              label={t(`flash.option.${name}`)}
              checked={options[name] ?? byDefault}
              onChange={(event) => onChange({ ...options, [name]: event.currentTarget.checked })}
            />
          ))}
          <Checkbox
            label={t('flash.option.reset')}
            checked={(options.after ?? 'hard-reset') === 'hard-reset'}
            onChange={(event) => onChange({ ...options, after: event.currentTarget.checked ? 'hard-reset' : 'stay' })}
          />
        </Group>
      </div>
    </details>
  );
}
