import { Autocomplete, Badge, Button, Checkbox, Select, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../preload/contract/flash.ts';
import { type ChosenOptions, chooseFirmware, useChosenFirmware } from './chosen-firmware.ts';
import css from './firmware.module.css';
import { espChips } from './virtual-kind.ts';

const baudRates = ['115200', '230400', '460800', '921600', '1500000', '2000000', '3000000'];
const befores = ['default-reset', 'usb-reset', 'no-reset'] as const;
const flashSizes = ['1MB', '2MB', '4MB', '8MB', '16MB', '32MB', '64MB', '128MB'];
const flashFrequencies = ['80m', '60m', '48m', '40m', '30m', '26m', '24m', '20m', '16m', '15m', '12m'];
const usualSequence = 'D0|R1|W0.1|D1|R0|W0.05|D0';
const espSwitches = ['skipUnchanged', 'verify', 'compress', 'useStub'] as const;
const byDefault = { skipUnchanged: true, verify: true, compress: true, useStub: true } as const;

/** How it is written. What nobody changes is as the build says, and shown so. `isAlone`: values without a firmware. */
export function OptionsForm({ plan, isAlone }: { plan: FlashPlan | null; isAlone: boolean }) {
  const { t } = useTranslation();
  const options = useChosenFirmware((chosen) => chosen.options);
  const changed = Object.values(options).filter((value) => value !== undefined).length;
  const change = (to: ChosenOptions): void => chooseFirmware({ options: { ...options, ...to } });
  const effective: ChosenOptions = { ...plan?.options, ...options };
  return (
    <details className={css.fold} data-key="options">
      <summary>
        {t('flash.options')}
        {changed > 0 && (
          <Badge size="sm" variant="light" ml={8}>
            {t('flash.optionsChanged', { count: changed })}
          </Badge>
        )}
      </summary>
      <div className={css.options}>
        <BaudRate value={effective.baudRate ?? 460_800} onChange={(baudRate) => change({ baudRate })} />
        {plan === null || plan.family === 'esp' ? (
          <EspOptions options={effective} isAlone={isAlone} onChange={change} />
        ) : (
          <Select
            label={t('flash.transport')}
            allowDeselect={false}
            value={effective.transport ?? 'usb'}
            data={(['usb', 'uart'] as const).map((value) => ({ value, label: t(`flash.transportWay.${value}`) }))}
            onChange={(value) => value !== null && change({ transport: value })}
          />
        )}
        {changed > 0 && (
          <Button className={css.asBefore} variant="default" onClick={() => chooseFirmware({ options: {} })}>
            {t('flash.resetOptions')}
          </Button>
        )}
      </div>
    </details>
  );
}

function BaudRate({ value, onChange }: { value: number; onChange(value: number): void }) {
  const { t } = useTranslation();
  const isBad = !Number.isInteger(value) || value < 9600 || value > 12_000_000;
  return (
    <Autocomplete
      label={t('flash.baudRate')}
      data={baudRates}
      inputMode="numeric"
      openOnFocus={false}
      value={Number.isNaN(value) ? '' : String(value)}
      error={isBad ? t('flash.badBaudRate') : null}
      onChange={(text) => onChange(Number(text.replaceAll(/\D/g, '')))}
    />
  );
}

function EspOptions({ options, isAlone, onChange }: { options: ChosenOptions; isAlone: boolean; onChange(change: ChosenOptions): void }) {
  const { t } = useTranslation();
  const before = options.before ?? 'default-reset';
  const isCustom = !(befores as readonly string[]).includes(before);
  const asBuilt = { value: 'keep', label: t('flash.asBuilt') };
  return (
    <>
      <Select
        label={t('flash.before')}
        allowDeselect={false}
        value={isCustom ? 'custom' : before}
        data={[...befores, 'custom' as const].map((value) => ({ value, label: t(`flash.beforeWay.${value}`) }))}
        onChange={(value) => value !== null && onChange({ before: value === 'custom' ? usualSequence : value })}
      />
      {isCustom && (
        <TextInput
          className={css.wide}
          label={t('flash.sequence')}
          description={t('flash.sequenceHint')}
          classNames={{ input: 'mono' }}
          value={before}
          onChange={(event) => onChange({ before: event.currentTarget.value.toUpperCase() })}
        />
      )}
      <Select
        label={t('flash.flashMode')}
        allowDeselect={false}
        value={options.flashMode ?? 'keep'}
        data={[asBuilt, 'qio', 'qout', 'dio', 'dout']}
        onChange={(value) => onChange({ flashMode: (value ?? 'keep') as 'keep' })}
      />
      <Select
        label={t('flash.flashFrequency')}
        allowDeselect={false}
        value={options.flashFrequency ?? 'keep'}
        data={[asBuilt, ...flashFrequencies]}
        onChange={(value) => onChange({ flashFrequency: value ?? 'keep' })}
      />
      <Select
        label={t('flash.flashSize')}
        allowDeselect={false}
        value={options.flashSize ?? 'keep'}
        data={[asBuilt, ...flashSizes]}
        onChange={(value) => onChange({ flashSize: value ?? 'keep' })}
      />
      <Select
        label={t('flash.expectChip')}
        allowDeselect={false}
        value={options.expectChip ?? ''}
        data={[{ value: '', label: t('flash.anyChip') }, ...espChips]}
        onChange={(value) => onChange({ expectChip: value === '' || value === null ? undefined : value })}
      />
      <fieldset className={css.switches}>
        <legend>{t('flash.options')}</legend>
        {espSwitches.map((name) => (
          <Checkbox
            key={name}
            label={t(`flash.option.${name}`)}
            checked={options[name] ?? byDefault[name]}
            onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
          />
        ))}
        <Checkbox
          label={t('flash.option.reset')}
          checked={(options.after ?? 'hard-reset') === 'hard-reset'}
          onChange={(event) => onChange({ after: event.currentTarget.checked ? 'hard-reset' : 'stay' })}
        />
        {(['eraseAll', 'force'] as const).map((name) => (
          <Checkbox
            key={name}
            color="red"
            label={t(`flash.option.${name}`)}
            disabled={name === 'eraseAll' && isAlone}
            checked={!(name === 'eraseAll' && isAlone) && (options[name] ?? false)}
            onChange={(event) => onChange({ [name]: event.currentTarget.checked })}
          />
        ))}
      </fieldset>
    </>
  );
}
