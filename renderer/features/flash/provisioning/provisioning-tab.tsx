import { Button, Switch, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import type { FlashPlan } from '../../../../preload/contract/flash.ts';
import { isEmpty, useChosenFirmware } from '../chosen-firmware.ts';
import { CsvField } from './csv-field.tsx';
import { DeviceChoiceForm } from './device-choice.tsx';
import { DeviceLists } from './device-lists.tsx';
import { changeDraft, provisioningOf, useProvisioningDraft } from './draft.ts';
import { EntriesEditor } from './entries-editor.tsx';
import { NvsPreview } from './nvs-preview.tsx';
import css from './provisioning.module.css';
import { TemplateSelect } from './template-select.tsx';
import { DraftVariables } from './variables-form.tsx';

/** What each board gets beside its firmware: entries of its NVS, and whose device it is. `onAlone`: a person wants to write these alone. */
export function ProvisioningTab({ plan, onAlone }: { plan: FlashPlan | null; onAlone(): void }) {
  const { t } = useTranslation();
  const draft = useProvisioningDraft();
  const { isOn, partition } = draft;
  const values = provisioningOf({ ...draft, isOn: true });
  const isBare = isEmpty(useChosenFirmware());
  return (
    <div className={css.tab}>
      <div className={css.form}>
        <header className={css.head}>
          <h1>{t('provisioning.title')}</h1>
          <Switch label={t('provisioning.isOn')} checked={isOn} onChange={(event) => changeDraft({ isOn: event.currentTarget.checked })} />
        </header>
        <p className="quiet">{t('provisioning.withFirmware')}</p>
        {isBare && (
          <Button className={css.bare} size="compact-sm" variant="default" disabled={values === null} onClick={onAlone}>
            {t('provisioning.withoutFirmware')}
          </Button>
        )}
        <div className={css.pair}>
          <TemplateSelect />
          <TextInput
            label={t('provisioning.partition')}
            classNames={{ input: 'mono' }}
            value={partition}
            onChange={(event) => changeDraft({ partition: event.currentTarget.value })}
          />
        </div>
        <EntriesEditor />
        <CsvField />
        <DeviceChoiceForm />
        <DraftVariables />
        <NvsPreview plan={plan} />
      </div>
      <div className={css.side}>
        <DeviceLists />
      </div>
    </div>
  );
}
